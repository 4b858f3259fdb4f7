/**
 * Finds the {@link RequestEvaluations} of a request: by the request itself wherever Nest hands
 * an execution context out, and through AsyncLocalStorage in services, which get none. Each
 * module instance has its own, so two apps in one process know nothing of each other.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionContext, OnApplicationShutdown } from '@nestjs/common';
import type { Exposures } from '../core/exposure/exposures.js';
import { FlagsError } from '../core/errors/flags-error.js';
import { isObject, propertyOf } from '../core/given/given-value.js';
import { hiddenField } from './hidden-field.js';
import { placeOf } from './place-of.js';
import { RequestEvaluations } from './request-evaluations.js';
import type { EndingResponse, RequestEvaluationsParts } from './request-evaluations.js';

export class RequestScopes implements OnApplicationShutdown {
  private readonly storage = new AsyncLocalStorage<RequestEvaluations | undefined>();
  private readonly hidden = hiddenField<RequestEvaluations>();
  private readonly parts: RequestEvaluationsParts;

  constructor(parts: Omit<RequestEvaluationsParts, 'outside'>) {
    this.parts = { ...parts, outside: (work) => this.outside(work) };
  }

  /** On Node before 24 a storage slows every promise of the process, also after its app. */
  onApplicationShutdown(): void {
    this.storage.disable();
  }

  /** The request on behalf of which this code runs, if it runs on behalf of one. */
  get current(): RequestEvaluations | undefined {
    return this.storage.getStore();
  }

  /** What records exposures; undefined where nobody wants them. */
  get exposures(): Exposures | undefined {
    return this.parts.exposures;
  }

  /** Runs `work` on behalf of a request. */
  run<T>(scope: RequestEvaluations, work: () => T): T {
    return this.storage.run(scope, work);
  }

  /**
   * Runs `work` on behalf of no request. Not by `exit`: where no other storage is in use it switches
   * Node's hooks off and on again, which takes longer than all else that a guard does.
   */
  outside<T>(work: () => T): T {
    return this.storage.run(undefined, work);
  }

  /** The scope of an HTTP request, from Node's request and response (not Fastify's). */
  ofHttp(request: object, response?: EndingResponse): RequestEvaluations {
    return this.hidden.of(request) ?? this.open(request, response, request);
  }

  /**
   * The scope of what an execution context stands for.
   * @throws FlagsError `context-not-resolved` for a kind that the app's resolver does not handle.
   */
  of(ctx: ExecutionContext): RequestEvaluations {
    const scope = this.find(ctx);
    if (scope !== undefined) return scope;
    const type = ctx.getType<string>();
    throw new FlagsError(
      `${placeOf(ctx)} runs in an execution context of the kind "${type}", for which nothing says who asks. ` +
        `Give FeatureFlagsModule a context resolver for it: context: { contextTypes: ['http', '${type}'], resolve: (ctx) => … }.`,
      { code: 'context-not-resolved' },
    );
  }

  /** The same, or undefined for a kind that the app's resolver does not handle. */
  find(ctx: ExecutionContext): RequestEvaluations | undefined {
    const type = ctx.getType<string>();
    if (!this.parts.contexts.handles(type)) return undefined;
    const scope = this.lookUp(ctx, type);
    scope.enter(ctx);
    return scope;
  }

  private lookUp(ctx: ExecutionContext, type: string): RequestEvaluations {
    const { current } = this;
    const carrier = carrierOf(ctx, type);
    if (isObject(carrier) && Object.isExtensible(carrier)) {
      // Nearly always so, and nothing is read of the request: on Express that is slow.
      if (current?.request === carrier) return current;
      // What a message of a microservice may carry is not read.
      if (type === 'rpc') return this.hidden.of(carrier) ?? this.open(carrier);
      return this.ofHttp(rawOf(carrier), type === 'http' ? rawOf(ctx.getArgByIndex(1)) : undefined);
    }
    // Nothing stands for one message alone: what runs inside the interceptor shares a scope.
    if (current?.serves(ctx) === true) return current;
    const handshake = type === 'ws' ? propertyOf(ctx.getArgByIndex(0), 'handshake') : undefined;
    return new RequestEvaluations(this.parts, { headed: handshake });
  }

  private open(request: object, response?: EndingResponse, headed?: object): RequestEvaluations {
    const scope = new RequestEvaluations(this.parts, { request, response, headed });
    this.hidden.hang(request, scope);
    return scope;
  }
}

/** The object that lives exactly as long as the request or the message. */
function carrierOf(ctx: ExecutionContext, type: string): unknown {
  switch (type) {
    case 'http':
      return ctx.getArgByIndex(0);
    case 'graphql': {
      const shared: unknown = ctx.getArgByIndex(2);
      return isObject(shared) && 'req' in shared ? shared.req : shared;
    }
    case 'rpc':
      return ctx.getArgByIndex(1);
    default:
      return undefined;
  }
}

/** Fastify wraps Node's request and response; its hooks and middleware see both forms. */
function rawOf<T>(wrapped: T): T {
  const raw: unknown = isObject(wrapped) && 'raw' in wrapped ? wrapped.raw : undefined;
  // An app may keep the bytes of a body under the same name.
  return isObject(raw) && 'socket' in raw ? (raw as T) : wrapped;
}
