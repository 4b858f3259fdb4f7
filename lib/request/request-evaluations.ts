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
import { propertyOf } from '../core/given/given-value.js';
import type { EvaluationChain } from '../core/remote/evaluation-chain.js';
import type { FlagSnapshot } from '../core/evaluation/flag-snapshot.js';
import type { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import { unloadedSnapshot } from '../core/snapshot/unloaded-snapshot.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { nobody } from './nobody.js';
import { PersonOfRequest, type PersonOfRequestParts } from './person-of-request.js';
import { flagsOfRoute } from './flags-of-route.js';
import type { CarryingRequest, RequestOverrides } from './request-overrides.js';

export interface RequestEvaluationsParts extends PersonOfRequestParts {
  readonly store: SnapshotStore;
  /** What comes after the local evaluation. */
  readonly chain: EvaluationChain;
  readonly overrides: RequestOverrides;
  /** Undefined: nobody wants them. */
  readonly exposures?: Exposures | undefined;
}

/** As much of Node's response as says whether the request is over. */
export interface EndingResponse {
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
}

/** What there is of a request. */
export interface RequestCarriers {
  /** What lives exactly as long as the request. */
  readonly request?: object | undefined;
  readonly response?: EndingResponse | undefined;
  /** Whose headers may be read: the request, or the handshake before a message. */
  readonly headed?: unknown;
}

export class RequestEvaluations {
  private readonly person: PersonOfRequest;
  private pinned: FlagSnapshot | undefined;
  /** Most requests ask for one flag: a map is made for the second. */
  private first: FlagEvaluation | undefined;
  private others: Map<string, FlagEvaluation> | undefined;
  private resolving: Map<string, Promise<FlagEvaluation>> | undefined;
  readonly request: object | undefined;
  readonly response: EndingResponse | undefined;
  private readonly headed: unknown;

  constructor(
    private readonly parts: RequestEvaluationsParts,
    { request, response, headed }: RequestCarriers,
  ) {
    this.person = new PersonOfRequest(parts);
    this.request = request;
    this.response = response;
    this.headed = headed;
  }

  /** Read only where somebody wants to see them. */
  get headers(): unknown {
    return propertyOf(this.headed, 'headers');
  }

  /** Tells on behalf of which handler the request runs; the first one counts. */
  enter(ctx: ExecutionContext): void {
    this.person.enter(ctx);
  }

  /** Whether the request runs on behalf of this handler. */
  serves(ctx: ExecutionContext): boolean {
    return this.person.executionContext?.getHandler() === ctx.getHandler();
  }

  /** The definitions that the request sees, with what is overridden for it. */
  get snapshot(): FlagSnapshot {
    return this.isPast ? this.present() : this.pin();
  }

  private pin(): FlagSnapshot {
    this.pinned ??= this.present(this);
    return this.pinned;
  }

  private present(request?: CarryingRequest): FlagSnapshot {
    const { store, overrides } = this.parts;
    return overrides.over(store.current ?? unloadedSnapshot, request);
  }

  /** Asks the resolver, unless that was done already. Never throws and never rejects. */
  prepare(): Awaitable<void> {
    return this.person.prepare();
  }

  /** For whom the flags of the request are evaluated. Never throws and never rejects. */
  context(): Awaitable<EvaluationContext | undefined> {
    return this.person.context();
  }

  /** The same without waiting: undefined while an asynchronous resolver is at work. */
  contextNow(): EvaluationContext | undefined {
    return this.person.contextNow();
  }

  /** Whether the response is complete, or nobody waits for it any more. */
  get isOver(): boolean {
    return this.response?.writableEnded === true || this.response?.destroyed === true;
  }

  /** Evaluates one flag: for the request's own context once, for another one each time. */
  evaluate(key: string, context: EvaluationContext | undefined): FlagEvaluation {
    if (!this.person.is(context)) return this.snapshot.evaluate(key, context ?? nobody);
    if (this.isPast) return this.present().evaluate(key, context ?? nobody);
    const before = this.noted(key);
    if (before !== undefined) return before;
    const evaluation = this.pin().evaluate(key, context ?? nobody);
    this.note(key, evaluation);
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
    if (this.person.is(context) && !this.isOver) {
      return this.resolving?.get(key) ?? this.resolveWithOthers(local, context);
    }
    return this.parts.outside(() => chain.resolve(local, context));
  }

  /** What the request knows of a flag from whoever was asked, for its own context. */
  resolved(key: string, context: EvaluationContext | undefined): FlagEvaluation | undefined {
    const known = this.person.is(context) && !this.isOver ? this.noted(key) : undefined;
    return known?.value === undefined ? undefined : known;
  }

  /** Keeps what was found out for many flags at once. */
  keep(evaluations: Iterable<FlagEvaluation>, context: EvaluationContext | undefined): void {
    if (!this.person.is(context) || this.isOver) return;
    for (const evaluation of evaluations) this.note(evaluation.key, evaluation);
  }

  /** What the route is known to ask for as well goes in the same question. */
  private resolveWithOthers(
    local: FlagEvaluation,
    context: EvaluationContext,
  ): Promise<FlagEvaluation> {
    const { chain } = this.parts;
    const { executionContext } = this.person;
    const resolving = (this.resolving ??= new Map<string, Promise<FlagEvaluation>>());
    const others = (executionContext && flagsOfRoute(executionContext)) ?? [];
    const open = others
      .filter((key) => key !== local.key && !resolving.has(key))
      .map((key) => this.evaluate(key, context))
      .filter((evaluation) => chain.goesOn(evaluation));
    const asked = this.parts.outside(() => chain.resolveEach([local, ...open], context));
    for (const other of open) resolving.set(other.key, this.remember(other, asked));
    const resolved = this.remember(local, asked);
    resolving.set(local.key, resolved);
    return resolved;
  }

  private async remember(
    local: FlagEvaluation,
    asked: Promise<ReadonlyMap<string, FlagEvaluation>>,
  ): Promise<FlagEvaluation> {
    const evaluation = (await asked).get(local.key) ?? local;
    this.note(local.key, evaluation);
    return evaluation;
  }

  private noted(key: string): FlagEvaluation | undefined {
    return this.first?.key === key ? this.first : this.others?.get(key);
  }

  private note(key: string, evaluation: FlagEvaluation): void {
    if (this.first === undefined || this.first.key === key) {
      this.first = evaluation;
      return;
    }
    this.others ??= new Map();
    this.others.set(key, evaluation);
  }

  /**
   * Whether what the request has seen holds no longer. Where it has seen nothing the response is not
   * looked at: Express makes that slower than an evaluation.
   */
  private get isPast(): boolean {
    return this.pinned !== undefined && this.isOver;
  }
}
