/**
 * Serves the fallback handler where the guard has asked for it, in place of the route's own.
 * `@FeatureFlag` binds it together with the guard, so that neither is ever there alone.
 */
import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { defer } from 'rxjs';
import type { Observable } from 'rxjs';
import { FallbackHandlers } from './fallback-handlers.js';

@Injectable()
export class FallbackInterceptor implements NestInterceptor {
  constructor(private readonly fallbacks: FallbackHandlers) {}

  intercept(ctx: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (ctx.getType<string>() !== 'http') return next.handle();
    const method = this.fallbacks.requestedFor(ctx);
    if (method === undefined) return next.handle();
    return defer(() => this.fallbacks.serve(ctx, method));
  }
}
