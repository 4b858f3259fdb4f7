/**
 * The port to the app's own knowledge of who asks. It is called once per request and its answer
 * holds for the whole request: in guards, parameters, handlers and services.
 *
 * Take the identity from what your authentication has established (`request.user`), never from a
 * header, query or body that the client can write as it likes: whoever chooses the distinct id
 * chooses the flags.
 *
 * A resolver has no request of its own: a flag that it asks for without naming a context is
 * unresolved there, `missing_distinct_id`.
 */
import type { ExecutionContext, Type } from '@nestjs/common';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';

/**
 * Says for whom the flags of an HTTP request are evaluated; undefined when nobody is known.
 * @publicApi
 */
export type EvaluationContextFunction = (
  ctx: ExecutionContext,
) => Awaitable<EvaluationContext | undefined>;

/**
 * The same as an object or as a class: a class is taken from the app's providers, or created
 * with its dependencies.
 * @publicApi
 */
export interface ContextResolver {
  /** The kinds of execution context it understands, as `ctx.getType()` names them. @default ['http'] */
  readonly contextTypes?: readonly string[];
  resolve(ctx: ExecutionContext): Awaitable<EvaluationContext | undefined>;
}

/** What the option `context` takes: a function, an object or an injectable class. @publicApi */
export type EvaluationContextResolver =
  EvaluationContextFunction | ContextResolver | Type<ContextResolver>;

/** Whether it is a class, of which an instance is still to be had. */
export function isResolverClass(resolver: unknown): resolver is Type<ContextResolver> {
  if (typeof resolver !== 'function') return false;
  const prototype: unknown = resolver.prototype;
  return isContextResolver(prototype);
}

/** Whether it is a class without the method `resolve`, which no call could ever be made of. */
export function isOtherClass(resolver: unknown): boolean {
  if (typeof resolver !== 'function' || isResolverClass(resolver)) return false;
  return /^class\b/.test(Function.prototype.toString.call(resolver));
}

/** Whether it is an object with the method `resolve`. */
export function isContextResolver(resolver: unknown): resolver is ContextResolver {
  return (
    typeof resolver === 'object' &&
    resolver !== null &&
    typeof (resolver as { resolve?: unknown }).resolve === 'function'
  );
}
