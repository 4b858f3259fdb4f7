/**
 * What an app injects to ask for flags. No method of evaluation rejects or throws: what cannot be
 * decided is unresolved, with the reason, and counts as off where only yes or no can be said.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { sharingOf, type CacheSharing } from './core/cache/cache-sharing.js';
import type { Awaitable } from './core/cache/flag-definition-cache-provider.js';
import { unexposed, withDefault, type EvaluateOptions } from './evaluate-options.js';
import type { DefinitionsChanged } from './core/observe/flags-event.js';
import type { EvaluationContext } from './core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from './core/evaluation/flag-evaluation.js';
import type { ExplainOptions, FlagExplanation } from './core/evaluation/flag-explanation.js';
import {
  convergenceRequest,
  type Convergence,
  type ConvergenceOptions,
} from './core/fleet/convergence.js';
import type { FleetView } from './core/fleet/fleet-view.js';
import { FleetWatch } from './core/fleet/fleet-watch.js';
import type { FlagOverrides } from './core/overrides/flag-overrides.js';
import { OverrideStack, type UndoOverride } from './core/overrides/override-stack.js';
import { withoutOverridden } from './core/overrides/without-overridden.js';
import { OverdueTurn } from './core/refresh/overdue-turn.js';
import { RefreshCycle } from './core/refresh/refresh-cycle.js';
import type { RefreshOutcome } from './core/refresh/refresh-outcome.js';
import { EvaluationChain } from './core/remote/evaluation-chain.js';
import { SnapshotStore } from './core/snapshot/snapshot-store.js';
import { unloadedSnapshot } from './core/snapshot/unloaded-snapshot.js';
import { DefinitionChanges } from './definition-changes.js';
import type { ResolvedOptions } from './options/feature-flags.resolved-options.js';
import { DEFINITION_CACHE, RESOLVED_OPTIONS } from './feature-flags.tokens.js';
import type { FlagsStatus } from './flags-status.js';
import { FlagsHealth } from './flags.health.js';
import { FlagsReadiness } from './flags.readiness.js';
import { LocalFlags } from './local-flags.js';
import { RequestScopes } from './request/request-scopes.js';

/**
 * The context may be left out within a request: then the flags are evaluated for whom the option
 * `context` names. Elsewhere a flag without a context is unresolved, `missing_distinct_id`.
 * @publicApi
 */
@Injectable()
export class FlagsService {
  /** Every change of the definitions, the first load included. Completes at shutdown. */
  readonly changes: Observable<DefinitionsChanged>;
  private readonly sharing: CacheSharing;

  constructor(
    /** The same questions, answered at once. */
    readonly local: LocalFlags,
    private readonly store: SnapshotStore,
    private readonly cycle: RefreshCycle,
    private readonly overdue: OverdueTurn,
    private readonly readiness: FlagsReadiness,
    private readonly health: FlagsHealth,
    private readonly scopes: RequestScopes,
    private readonly watch: FleetWatch,
    private readonly chain: EvaluationChain,
    private readonly overrides: OverrideStack,
    @Inject(DEFINITION_CACHE) cache: object,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    changes: DefinitionChanges,
  ) {
    this.changes = changes.changes;
    this.sharing = sharingOf(cache);
  }

  /**
   * Evaluates one flag: here; where that does not suffice by `remote`; where that fails by the last
   * known answer. Never rejects.
   */
  async evaluate(
    key: string,
    context?: EvaluationContext,
    options?: EvaluateOptions,
  ): Promise<FlagEvaluation> {
    await this.contextOfRequest(context);
    const evaluation = await this.fully(key, context, options);
    return withDefault(evaluation, options);
  }

  /**
   * Evaluates all flags, or those named; a named flag that does not exist is unresolved. Whatever
   * cannot be decided here is asked for in one question. Never rejects.
   */
  async evaluateAll(
    context?: EvaluationContext,
    keys?: readonly string[],
  ): Promise<ReadonlyMap<string, FlagEvaluation>> {
    await this.contextOfRequest(context);
    const { current: request } = this.scopes;
    const own = context ?? request?.contextNow();
    const decided = this.local.evaluateAll(context, keys);
    if (own === undefined) return decided;
    const local = new Map(
      [...decided].map(([key, known]) => [key, request?.resolved(key, own) ?? known]),
    );
    const open = [...local.values()].filter((evaluation) => this.chain.goesOn(evaluation));
    // Where there are no definitions, those of the server may be asked for, as posthog-node does.
    const loaded = request?.snapshot ?? this.store.current;
    const all = keys === undefined && (loaded?.keys.length ?? 0) === 0;
    if (open.length === 0 && !all) return local;
    const answers = await this.scopes.outside(() => this.chain.resolveAll(open, own, all));
    const decide = (key: string) => this.local.evaluate(key, context, unexposed);
    const resolved = withoutOverridden(answers, decide);
    request?.keep(resolved.values(), own);
    return new Map([...local, ...resolved]);
  }

  /** True when the flag is on or has a variant; false when it is off or unresolved. */
  async isEnabled(
    key: string,
    context?: EvaluationContext,
    options?: EvaluateOptions,
  ): Promise<boolean> {
    return (await this.evaluate(key, context, options)).enabled;
  }

  /** The key of the flag's variant; undefined when it has none or is unresolved. */
  async variant(
    key: string,
    context?: EvaluationContext,
    options?: EvaluateOptions,
  ): Promise<string | undefined> {
    return (await this.evaluate(key, context, options)).variant;
  }

  /**
   * The flag's payload, parsed from JSON and frozen; undefined when it has none or is unresolved.
   * `T` is a claim of the caller, nothing checks it.
   */
  async payload<T = unknown>(key: string, context?: EvaluationContext): Promise<T | undefined> {
    return (await this.evaluate(key, context, unexposed)).payload as T | undefined;
  }

  /** Says why a flag has its value; values of properties are redacted unless asked for. */
  explain(key: string, context?: EvaluationContext, options?: ExplainOptions): FlagExplanation {
    return this.local.explain(key, context, options);
  }

  /**
   * Overrides flags in this process, for everybody, until the returned function is called: in every
   * method of this class, in guards and in parameters, as the origin `override`. Of several overrides
   * of a flag the latest counts. A request that has asked for a flag already keeps what it sees. A
   * flag that is overridden is never asked for remotely.
   * @throws FlagsError `invalid-argument` that lists all mistakes; then nothing is overridden.
   */
  override(values: FlagOverrides): UndoOverride {
    return this.overrides.add(values, 'FlagsService.override');
  }

  /**
   * Runs a turn of the refresh cycle now. Never rejects; the outcome says how it ended: at an
   * instance that follows `read` when the refresh brought a change, `unchanged` when it did not.
   */
  refresh(): Promise<RefreshOutcome> {
    // Not on behalf of the request that asks: what is loaded is for all, and outlives it.
    return this.scopes.outside(() => this.cycle.refresh());
  }

  /**
   * Runs a turn if one is due, as the poller would have; for a process whose timers do not run, with
   * `polling: { enabled: false }`: a function that is frozen between two requests asks before it
   * answers one. It asks for no refresh: it looks at the cache, and fetches if that is due and nobody
   * else does. Never rejects; undefined when none was due, or when it has not ended after `timeoutMs`
   * milliseconds. Without a timeout it takes as long as a turn does.
   */
  lookIfDue(timeoutMs?: number): Promise<RefreshOutcome | undefined> {
    return this.scopes.outside(() => this.overdue.take(timeoutMs));
  }

  /**
   * Resolves with true once definitions are loaded, with false when they are not after
   * `timeoutMs` milliseconds, or at shutdown. Without a timeout it waits as long as the app runs.
   */
  whenReady(timeoutMs?: number): Promise<boolean> {
    return this.readiness.whenReady(timeoutMs);
  }

  /** Where the flags of this instance stand. */
  status(): FlagsStatus {
    const { current } = this.store;
    const { role, revision, loadedFrom, ageMs, failuresInARow, lastOutcome } = this.cycle.status();
    const { kind, place } = this.sharing;
    return {
      ready: current !== undefined,
      state: this.health.state(),
      instance: this.watch.instance,
      role: kind === 'none' ? 'alone' : role,
      source: this.options.source.description,
      cache: place,
      revision,
      loadedFrom,
      flagCount: current?.keys.length ?? 0,
      overrideCount: this.overrides.size,
      ageMs,
      failuresInARow,
      lastError: this.health.lastError,
      lastOutcome,
      exposures: this.scopes.exposures?.counts,
    };
  }

  /**
   * Who of the instances that share the cache has which definitions, and whether they agree. Asks
   * the cache, at most for `cacheTimeoutMs`. Never rejects: what cannot be known the view says.
   */
  fleet(): Promise<FleetView> {
    return this.scopes.outside(() => this.watch.view());
  }

  /**
   * Waits until enough instances hold this revision or a newer one, e.g. after `refresh()` in a
   * script that has changed a flag. Resolves also when they do not in time, and at shutdown: the
   * answer says who lags. An instance tells what it holds when it looks at the cache: within a
   * second of a change, at the latest after `polling.checkMs`.
   * @throws FlagsError `invalid-argument` (as a rejection) for what cannot be waited for.
   */
  async waitForConvergence(revision: number, options: ConvergenceOptions): Promise<Convergence> {
    const request = convergenceRequest(revision, options);
    return this.scopes.outside(() => this.watch.converge(request));
  }

  private fully(
    key: string,
    context: EvaluationContext | undefined,
    options: EvaluateOptions | undefined,
  ): Awaitable<FlagEvaluation> {
    const { current, exposures } = this.scopes;
    if (current !== undefined) {
      return current.evaluateFully(key, context ?? current.contextNow(), options);
    }
    const snapshot = this.store.current ?? unloadedSnapshot;
    const local = this.local.evaluate(key, context, unexposed);
    const evaluation = context === undefined ? local : this.chain.resolve(local, context);
    if (exposures === undefined || options?.exposure === false) return evaluation;
    return exposures.recorded(evaluation, context, snapshot);
  }

  private async contextOfRequest(given: EvaluationContext | undefined): Promise<void> {
    if (given === undefined) await this.scopes.current?.prepare();
  }
}
