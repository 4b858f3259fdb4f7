/**
 * The first interceptor of every request, where there is something to wait for or no middleware:
 * it waits for an asynchronous context resolver, so that `flags.local` can answer at once in
 * handlers and services, and runs what follows on behalf of the request.
 */
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { isPromiseLike } from '../is-promise-like.js';
import type { RequestScopes } from './request-scopes.js';

export class RequestScopeInterceptor implements NestInterceptor {
  constructor(private readonly scopes: RequestScopes) {}

  intercept(
    ctx: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const scope = this.scopes.find(ctx);
    if (scope === undefined) return next.handle();
    const serve = (): Observable<unknown> => this.scopes.run(scope, () => next.handle());
    const prepared = scope.prepare();
    return isPromiseLike(prepared) ? Promise.resolve(prepared).then(serve) : serve();
  }
}
