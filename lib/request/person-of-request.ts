/**
 * For whom the flags of one request are evaluated: the app's resolver is asked once, when it is
 * first needed, and its answer holds for the whole request. What it throws is told here, and leaves
 * nobody known.
 */
import type { ExecutionContext } from '@nestjs/common';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';
import { isPromiseLike } from '../is-promise-like.js';
import { placeOf } from './place-of.js';
import type { RequestContexts } from './request-contexts.js';
import type { RequestLog } from './request.log.js';

export interface PersonOfRequestParts {
  readonly contexts: RequestContexts;
  readonly log: RequestLog;
  /** Runs work on behalf of no request. */
  outside<T>(work: () => T): T;
}

type Resolution =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'pending'; readonly settled: Promise<void> }
  | { readonly kind: 'resolved'; readonly context: EvaluationContext | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

const unasked: Resolution = { kind: 'unasked' };

export class PersonOfRequest {
  private resolution: Resolution = unasked;
  private entered: ExecutionContext | undefined;
  private isFailureTold = false;

  constructor(private readonly parts: PersonOfRequestParts) {}

  /** Of the handler on behalf of which the request runs; undefined before the first guard. */
  get executionContext(): ExecutionContext | undefined {
    return this.entered;
  }

  /** The first one counts. */
  enter(ctx: ExecutionContext): void {
    this.entered ??= ctx;
  }

  /** Asks the resolver, unless that was done already. Never throws and never rejects. */
  prepare(): Awaitable<void> {
    if (this.resolution.kind === 'unasked') this.ask();
    if (this.resolution.kind === 'pending') return this.resolution.settled;
  }

  /** Never throws and never rejects. */
  context(): Awaitable<EvaluationContext | undefined> {
    const prepared = this.prepare();
    return isPromiseLike(prepared) ? prepared.then(() => this.known()) : this.known();
  }

  /** The same without waiting: undefined while an asynchronous resolver is at work. */
  contextNow(): EvaluationContext | undefined {
    if (isPromiseLike(this.prepare())) {
      const { contexts, log } = this.parts;
      log.contextAskedTooEarly(this.place, contexts.isWaitedFor);
    }
    return this.known();
  }

  /** Whether this context is what the resolver has answered, and no other. */
  is(context: EvaluationContext | undefined): boolean {
    const { resolution } = this;
    if (resolution.kind === 'resolved') return resolution.context === context;
    return resolution.kind === 'failed' && context === undefined;
  }

  /** Before a guard has run there is no execution context, and the question stays open. */
  private ask(): void {
    const ctx = this.entered;
    if (ctx === undefined) return;
    try {
      // A resolver that asks for a flag of the request would wait for itself.
      const answer = this.parts.outside(() => this.parts.contexts.resolve(ctx));
      this.resolution = isPromiseLike(answer)
        ? { kind: 'pending', settled: this.settle(answer) }
        : { kind: 'resolved', context: answer };
    } catch (error) {
      this.resolution = { kind: 'failed', error };
    }
  }

  private async settle(answer: PromiseLike<EvaluationContext | undefined>): Promise<void> {
    try {
      this.resolution = { kind: 'resolved', context: await answer };
    } catch (error) {
      this.resolution = { kind: 'failed', error };
    }
  }

  /** A failed resolver is told only where a flag depends on it, so that other routes stay quiet. */
  private known(): EvaluationContext | undefined {
    const { resolution } = this;
    if (resolution.kind === 'resolved') {
      this.tellUnusableId(resolution.context);
      return resolution.context;
    }
    if (resolution.kind === 'failed' && !this.isFailureTold) {
      this.isFailureTold = true;
      this.parts.log.contextFailed(this.place, resolution.error);
    }
    return undefined;
  }

  /** A guard that answers 404 to everybody, and a log that is empty, help nobody. */
  private tellUnusableId(context: EvaluationContext | undefined): void {
    if (context === undefined) return;
    const distinctId: unknown = context.distinctId;
    if (typeof distinctId === 'string' && distinctId !== '') return;
    const got = distinctId === '' ? 'an empty text' : typeof distinctId;
    this.parts.log.distinctIdUnusable(this.place, got);
  }

  private get place(): string {
    return this.entered === undefined ? 'a request' : placeOf(this.entered);
  }
}
