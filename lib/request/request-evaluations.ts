/**
 * What one request knows of the flags: one snapshot, one evaluation context, and each flag
 * evaluated once. Guards, parameters and services of the request all read this, so they cannot
 * disagree, and a refresh in the middle of the request changes nothing for it.
 *
 * It outlives the request in work that the request has started (a timer, a queue); once the
 * response is over such work sees the flags as they are then.
 */
import type { ExecutionContext } from '@nestjs/common';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';
import type { Exposures } from '../core/exposure/exposures.js';
import type { EvaluationChain } from '../core/remote/evaluation-chain.js';
import type { FlagSnapshot } from '../core/evaluation/flag-snapshot.js';
import type { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import { unloadedSnapshot } from '../core/snapshot/unloaded-snapshot.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { isPromiseLike } from '../is-promise-like.js';
import { nobody } from './nobody.js';
import { placeOf } from './place-of.js';
import { flagsOfRoute } from './flags-of-route.js';
import type { RequestContexts } from './request-contexts.js';
import type { RequestLog } from './request.log.js';
import type { RequestOverrides } from './request-overrides.js';

export interface RequestEvaluationsParts {
  readonly store: SnapshotStore;
  readonly contexts: RequestContexts;
  readonly log: RequestLog;
  /** What comes after the local evaluation. */
  readonly chain: EvaluationChain;
  readonly overrides: RequestOverrides;
  /** Undefined: nobody wants them. */
  readonly exposures?: Exposures | undefined;
  /** Runs work on behalf of no request. */
  outside<T>(work: () => T): T;
}

/** As much of Node's response as says whether the request is over. */
export interface EndingResponse {
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
}

type Resolution =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'pending'; readonly settled: Promise<void> }
  | { readonly kind: 'resolved'; readonly context: EvaluationContext | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

export class RequestEvaluations {
  private pinned: FlagSnapshot | undefined;
  private resolution: Resolution = { kind: 'unasked' };
  private executionContext: ExecutionContext | undefined;
  private evaluations: Map<string, FlagEvaluation> | undefined;
  private readonly resolving = new Map<string, Promise<FlagEvaluation>>();
  private isFailureTold = false;

  constructor(
    private readonly parts: RequestEvaluationsParts,
    readonly response?: EndingResponse,
    readonly headers?: unknown,
  ) {}

  /** Tells on behalf of which handler the request runs; the first one counts. */
  enter(ctx: ExecutionContext): void {
    this.executionContext ??= ctx;
  }

  /** Whether the request runs on behalf of this handler. */
  serves(ctx: ExecutionContext): boolean {
    return this.executionContext?.getHandler() === ctx.getHandler();
  }

  /** The definitions that the request sees, with what is overridden for it. */
  get snapshot(): FlagSnapshot {
    const { store, overrides } = this.parts;
    const current = store.current ?? unloadedSnapshot;
    if (this.isOver) return overrides.over(current);
    this.pinned ??= overrides.over(current, this);
    return this.pinned;
  }

  /** Asks the resolver, unless that was done already. Never throws and never rejects. */
  prepare(): Awaitable<void> {
    if (this.resolution.kind === 'unasked') this.ask();
    if (this.resolution.kind === 'pending') return this.resolution.settled;
  }

  /** For whom the flags of the request are evaluated. Never throws and never rejects. */
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

  /** Evaluates one flag: for the request's own context once, for another one each time. */
  evaluate(key: string, context: EvaluationContext | undefined): FlagEvaluation {
    if (!this.isOwn(context) || this.isOver) return this.snapshot.evaluate(key, context ?? nobody);
    this.evaluations ??= new Map();
    const before = this.evaluations.get(key);
    if (before !== undefined) return before;
    const evaluation = this.snapshot.evaluate(key, context ?? nobody);
    this.evaluations.set(key, evaluation);
    return evaluation;
  }

  /**
   * The same with all that comes after the local evaluation. For the request's own context what
   * was found out stands for the rest of the request, also where nobody waits. Counts as an
   * exposure, unless the options say otherwise.
   */
  evaluateFully(
    key: string,
    context: EvaluationContext | undefined,
    options?: Pick<EvaluateOptions, 'exposure'>,
  ): Awaitable<FlagEvaluation> {
    const evaluation = this.decide(key, context);
    const { exposures } = this.parts;
    if (exposures === undefined || options?.exposure === false) return evaluation;
    return exposures.recorded(evaluation, context, this.snapshot);
  }

  private decide(key: string, context: EvaluationContext | undefined): Awaitable<FlagEvaluation> {
    const local = this.evaluate(key, context);
    const { chain } = this.parts;
    if (context === undefined || !chain.goesOn(local)) return local;
    if (this.isOwn(context) && !this.isOver) {
      return this.resolving.get(key) ?? this.resolveWithOthers(local, context);
    }
    return this.parts.outside(() => chain.resolve(local, context));
  }

  /** What the request knows of a flag from whoever was asked, for its own context. */
  resolved(key: string, context: EvaluationContext | undefined): FlagEvaluation | undefined {
    const known = this.isOwn(context) && !this.isOver ? this.evaluations?.get(key) : undefined;
    return known?.value === undefined ? undefined : known;
  }

  /** Keeps what was found out for many flags at once. */
  keep(evaluations: Iterable<FlagEvaluation>, context: EvaluationContext | undefined): void {
    if (!this.isOwn(context) || this.isOver) return;
    this.evaluations ??= new Map();
    for (const evaluation of evaluations) this.evaluations.set(evaluation.key, evaluation);
  }

  /** What the route is known to ask for as well goes in the same question. */
  private resolveWithOthers(
    local: FlagEvaluation,
    context: EvaluationContext,
  ): Promise<FlagEvaluation> {
    const { chain } = this.parts;
    const others = (this.executionContext && flagsOfRoute(this.executionContext)) ?? [];
    const open = others
      .filter((key) => key !== local.key && !this.resolving.has(key))
      .map((key) => this.evaluate(key, context))
      .filter((evaluation) => chain.goesOn(evaluation));
    const asked = this.parts.outside(() => chain.resolveEach([local, ...open], context));
    for (const other of open) this.resolving.set(other.key, this.remember(other, asked));
    const resolved = this.remember(local, asked);
    this.resolving.set(local.key, resolved);
    return resolved;
  }

  private async remember(
    local: FlagEvaluation,
    asked: Promise<ReadonlyMap<string, FlagEvaluation>>,
  ): Promise<FlagEvaluation> {
    const evaluation = (await asked).get(local.key) ?? local;
    this.evaluations?.set(local.key, evaluation);
    return evaluation;
  }

  private get isOver(): boolean {
    return this.response?.writableEnded === true || this.response?.destroyed === true;
  }

  private get place(): string {
    return this.executionContext === undefined ? 'a request' : placeOf(this.executionContext);
  }

  private isOwn(context: EvaluationContext | undefined): boolean {
    const { resolution } = this;
    if (resolution.kind === 'resolved') return resolution.context === context;
    return resolution.kind === 'failed' && context === undefined;
  }

  /** Before a guard has run there is no execution context, and the question stays open. */
  private ask(): void {
    if (this.executionContext === undefined) return;
    try {
      const ctx = this.executionContext;
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
}
