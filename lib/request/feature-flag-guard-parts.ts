/**
 * What the guard works with, in one injectable: a subclass with dependencies of its own passes
 * this one on to `super()` and is not broken when the guard needs something more.
 */
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { FallbackHandlers } from './fallback-handlers.js';
import { RequestScopes } from './request-scopes.js';

/** @publicApi */
@Injectable()
export class FeatureFlagGuardParts {
  constructor(
    readonly reflector: Reflector,
    readonly http: HttpAdapterHost,
    readonly scopes: RequestScopes,
    readonly fallbacks: FallbackHandlers,
  ) {}
}
