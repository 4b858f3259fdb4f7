/**
 * The refresh cycle: one turn asks the cache whether this instance should fetch, and then
 * fetches and publishes, or reads what another has published. Turns never overlap, never
 * reject, and end in exactly one {@link RefreshOutcome}. A failed turn keeps the last good
 * definitions. The cycle owns no timer: whoever calls `turn` asks `nextTurnMs` when to return.
 */
import type { FlagDefinitionCacheProvider } from '../cache/flag-definition-cache-provider.js';
import type { DefinitionSource, FetchFailure } from '../definitions/definition-source.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';
import { pause } from '../time/deadline.js';
import { backoffMs } from './backoff.js';
import { BoundedCache } from './bounded-cache.js';
import { BoundedSource } from './bounded-source.js';
import { DefinitionHolder } from './definition-holder.js';
import type { FetchRole, RefreshOutcome, TurnResult } from './refresh-outcome.js';
import type { RefreshSettings } from './refresh-settings.js';

const FIRST_COLD_CHECK_MS = 100;
const LONGEST_COLD_CHECK_MS = 1_000;

export interface RefreshCycleParts {
  readonly source: DefinitionSource;
  readonly cache: FlagDefinitionCacheProvider;
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly observer: FlagsObserver;
  readonly settings: RefreshSettings;
  /** Chance, 0 (included) to 1. @default Math.random */
  readonly random?: () => number;
}

/** Where the cycle stands. @publicApi */
export interface RefreshStatus {
  /** How the last turn ended; undefined before the first has. */
  readonly lastOutcome: RefreshOutcome | undefined;
  /** Milliseconds since the definitions in memory were last known to be current. */
  readonly ageMs: number | undefined;
  /** Fetches that have failed since the last turn that ended well. */
  readonly failuresInARow: number;
}

export class RefreshCycle {
  private readonly cache: BoundedCache;
  private readonly source: BoundedSource;
  private readonly holder: DefinitionHolder;
  private readonly closing = new AbortController();
  private readonly random: () => number;
  private inFlight: Promise<RefreshOutcome> | undefined;
  private closed: Promise<void> | undefined;
  private lastOutcome: RefreshOutcome | undefined;
  private failuresInARow = 0;
  private unpublished = false;
  private soloDueAtMs: number | undefined;
  private nextMs = 0;

  constructor(private readonly parts: RefreshCycleParts) {
    const { cache: provider, source, clock, settings, store, observer } = parts;
    const { signal } = this.closing;
    this.random = parts.random ?? Math.random;
    this.cache = new BoundedCache({ provider, clock, timeoutMs: settings.cacheTimeoutMs, signal });
    this.source = new BoundedSource({ source, clock, timeoutMs: settings.fetchTimeoutMs, signal });
    this.holder = new DefinitionHolder({ store, clock, observer, compile: settings.compile });
  }

  /** Runs one turn, or joins the one in flight. Never rejects. */
  turn(): Promise<RefreshOutcome> {
    this.inFlight ??= this.runTurn().finally(() => {
      this.inFlight = undefined;
    });
    return this.inFlight;
  }

  /** Runs a turn that begins now: one already in flight may have asked too early. */
  async refresh(): Promise<RefreshOutcome> {
    await this.inFlight;
    return this.turn();
  }

  /** How long to wait before the next turn, in milliseconds, jitter included. */
  get nextTurnMs(): number {
    return this.nextMs;
  }

  status(): RefreshStatus {
    const { lastOutcome, failuresInARow } = this;
    return { lastOutcome, ageMs: this.holder.ageMs, failuresInARow };
  }

  /**
   * Ends the turn in flight, gives up any lease and closes cache and source. Nothing is applied
   * or stored afterwards. Takes at most two provider deadlines, however long the others hang.
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    this.closing.abort();
    await this.inFlight;
    await this.cache.shutdown();
    await this.source.close(this.parts.settings.cacheTimeoutMs);
  }

  private async runTurn(): Promise<RefreshOutcome> {
    const { clock, observer } = this.parts;
    const startedAtMs = clock.monotonicMs();
    const result = this.closing.signal.aborted ? { kind: 'closed' as const } : await this.decide();
    const outcome: RefreshOutcome = {
      ...(this.closing.signal.aborted ? { kind: 'closed' as const } : result),
      cacheFailures: this.cache.takeFailures(),
      durationMs: clock.monotonicMs() - startedAtMs,
    };
    this.lastOutcome = outcome;
    this.plan(outcome);
    observer.onEvent({ type: 'turn-finished', outcome });
    return outcome;
  }

  private async decide(): Promise<TurnResult> {
    const lead = await this.cache.shouldFetch();
    if (!lead.ok) return this.turnWithoutCache();
    this.soloDueAtMs = undefined;
    if (lead.value) return this.fetch('leader');
    return (await this.readShared()) ?? this.waitForFirstPublication();
  }

  /** Takes over what the cache holds; undefined when nothing is in memory and nothing came. */
  private async readShared(): Promise<TurnResult | undefined> {
    const read = await this.cache.read();
    const found = read.ok && read.value !== undefined && read.value !== null;
    const taken = found && !this.closing.signal.aborted && this.holder.accept(read.value, 'cache');
    if (taken && taken.ok) {
      const { revision, definitions } = taken.held;
      this.unpublished = false;
      if (!taken.changed) return { kind: 'unchanged', revision };
      return { kind: 'read', revision, flagCount: definitions.flags.length };
    }
    if (this.holder.held === undefined) return undefined;
    return { kind: 'waiting', why: read.ok ? 'cache-empty' : 'cache-unavailable' };
  }

  /** Lets the leader publish before a herd of newcomers asks the source. */
  private async waitForFirstPublication(): Promise<TurnResult> {
    const { clock, settings } = this.parts;
    const untilMs = clock.monotonicMs() + settings.coldWaitMs;
    let checkMs = FIRST_COLD_CHECK_MS;
    while (clock.monotonicMs() < untilMs && !this.closing.signal.aborted) {
      await pause(clock, checkMs * (0.5 + this.random()), this.closing.signal);
      checkMs = Math.min(2 * checkMs, LONGEST_COLD_CHECK_MS);
      const lead = await this.cache.shouldFetch();
      if (lead.ok && lead.value) return this.fetch('leader');
      const shared = await this.readShared();
      if (shared !== undefined) return shared;
    }
    return this.fetch('solo');
  }

  /**
   * The cache cannot say who leads. With definitions in memory an instance fetches rarely and at
   * a moment of its own, so that a dead cache does not turn N instances into N fetches.
   */
  private turnWithoutCache(): Promise<TurnResult> | TurnResult {
    if (this.holder.held === undefined) return this.fetch('solo');
    const { clock, settings } = this.parts;
    const nowMs = clock.monotonicMs();
    this.soloDueAtMs ??= nowMs + settings.soloIntervalMs * this.random();
    if (nowMs < this.soloDueAtMs) return { kind: 'waiting', why: 'cache-unavailable' };
    this.soloDueAtMs = nowMs + settings.soloIntervalMs * (0.5 + this.random());
    return this.fetch('solo');
  }

  private async fetch(role: FetchRole): Promise<TurnResult> {
    const answer = await this.source.fetch(this.holder.held?.etag);
    if (this.closing.signal.aborted) return { kind: 'closed' };
    switch (answer.kind) {
      case 'definitions':
        return this.take(answer.body, answer.etag, role);
      case 'not-modified':
        return this.confirm(answer.etag, role);
      case 'failed':
        return this.fail(answer.failure, role);
    }
  }

  private async take(
    body: unknown,
    etag: string | undefined,
    role: FetchRole,
  ): Promise<TurnResult> {
    const taken = this.holder.accept(body, 'source', etag);
    if (!taken.ok) {
      return this.fail({ code: 'invalid-definitions', message: taken.message }, role);
    }
    const { revision, definitions } = taken.held;
    const published = role === 'leader' && (await this.cache.publish(definitions));
    this.unpublished = !published;
    const { changed } = taken;
    return {
      kind: 'fetched',
      role,
      revision,
      flagCount: definitions.flags.length,
      changed,
      published,
    };
  }

  private async confirm(etag: string | undefined, role: FetchRole): Promise<TurnResult> {
    const asked = this.holder.held?.etag !== undefined;
    const held = this.holder.confirm(etag);
    if (held === undefined || !asked) {
      const message = `${this.source.description} answered "not modified" though no etag was sent; the next fetch asks again.`;
      return this.fail({ code: 'invalid-definitions', message }, role);
    }
    if (role === 'leader') {
      const { definitions } = held;
      const renewed = await (this.unpublished
        ? this.cache.publish(definitions)
        : this.cache.confirm(definitions));
      this.unpublished &&= !renewed;
    }
    return { kind: 'confirmed', role, revision: held.revision };
  }

  private async fail(failure: FetchFailure, role: FetchRole): Promise<TurnResult> {
    if (failure.code === 'quota-exceeded') {
      // Kept, the etag would be answered by 304 after the quota's return: flags gone for good.
      this.holder.forgetEtag();
      if (this.parts.settings.onQuotaExceeded === 'clear') this.holder.clear();
    }
    if (role === 'leader') await this.cache.reportFailure(failure);
    return { kind: 'failed', role, failure };
  }

  private plan(outcome: RefreshOutcome): void {
    const { intervalMs, jitter } = this.parts.settings;
    const { random } = this;
    if (outcome.kind === 'failed') {
      this.failuresInARow += 1;
      const { failuresInARow } = this;
      this.nextMs = backoffMs({ failure: outcome.failure, failuresInARow, intervalMs, random });
      return;
    }
    if (outcome.kind !== 'waiting') this.failuresInARow = 0;
    this.nextMs = intervalMs * (1 + jitter * (2 * random() - 1));
  }
}
