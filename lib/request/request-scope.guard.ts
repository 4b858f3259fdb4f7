/**
 * The first guard of every request: it lets everybody pass, and notes which handler the request
 * is for, so that the guards after it can ask for flags without naming a context.
 */
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { isPromiseLike } from '../is-promise-like.js';
import type { RequestScopes } from './request-scopes.js';

export class RequestScopeGuard implements CanActivate {
  constructor(
    private readonly scopes: RequestScopes,
    private readonly contextTiming: 'first-use' | 'before-guards',
  ) {}

  canActivate(ctx: ExecutionContext): boolean | Promise<boolean> {
    const scope = this.scopes.find(ctx);
    if (scope === undefined || this.contextTiming === 'first-use') return true;
    const prepared = scope.prepare();
    return isPromiseLike(prepared) ? Promise.resolve(prepared).then(() => true) : true;
  }
}
