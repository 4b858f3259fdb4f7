/**
 * What `@FeatureFlag` binds to a class or a method. Each gate checks its own level, so that a
 * method's flag is checked in the order in which the method's guards are written. The gates hand
 * over to the {@link FeatureFlagGuard} that the controller's module provides, which an app may
 * replace; a guard class bound by a decorator could not be.
 */
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { FeatureFlagGuard } from './feature-flag.guard.js';

@Injectable()
export class ClassFlagGate implements CanActivate {
  constructor(private readonly guard: FeatureFlagGuard) {}

  canActivate(ctx: ExecutionContext): boolean | Promise<boolean> {
    return this.guard.canActivate(ctx, 'class');
  }
}

@Injectable()
export class MethodFlagGate implements CanActivate {
  constructor(private readonly guard: FeatureFlagGuard) {}

  canActivate(ctx: ExecutionContext): boolean | Promise<boolean> {
    return this.guard.canActivate(ctx, 'method');
  }
}
