/**
 * The refresh cycle: one turn asks the cache whether this instance should fetch, and then
 * fetches and publishes, or reads what another has published. Turns never overlap, never
 * reject, and end in exactly one {@link RefreshOutcome}. A failed turn keeps the last good
 * definitions. The cycle owns no timer: whoever calls `turn` asks `nextTurnMs` when to return.
 */
import type { CacheVerdict, Grant, SharedState } from '../cache/definition-cache.js';
import { isDefinitionCache } from '../cache/definition-cache.js';
import { ProviderCache } from '../cache/provider-cache.js';
import { isFlagsError } from '../errors/flags-error.js';
import { messageOf } from '../errors/message-of.js';
import { heldOpen, pause } from '../time/deadline.js';
import { AloneStep } from './alone-step.js';
import { boot, type BootResult } from './boot-step.js';
import { BoundedCache } from './bounded-cache.js';
import { BoundedSource } from './bounded-source.js';
import { ColdWait } from './cold-wait.js';
import { DefinitionHolder } from './definition-holder.js';
import { FetchStep } from './fetch-step.js';
import { ReadStep } from './read-step.js';
import type { RefreshCycleParts, RefreshStatus } from './refresh-cycle-parts.js';
import { hasChanged, type RefreshOutcome, type TurnResult } from './refresh-outcome.js';
import { SoloState } from './solo-state.js';
import { TurnHistory } from './turn-history.js';
import { TurnSchedule } from './turn-schedule.js';

/** A refresh that was asked for may have to keep this distance to the one before. */
const LONGEST_KICK_MS = 5_000;

export class RefreshCycle {
  private readonly cache: BoundedCache;
  private readonly source: BoundedSource;
  private readonly holder: DefinitionHolder;
  private readonly fetchStep: FetchStep;
  private readonly readStep: ReadStep;
  private readonly schedule: TurnSchedule;
  private readonly solo: SoloState;
  private readonly alone: AloneStep;
  private readonly history: TurnHistory;
  private readonly closing = new AbortController();
  private readonly random: () => number;
  private inFlight: Promise<RefreshOutcome> | undefined;
  private closed: Promise<void> | undefined;
  private shared: SharedState | undefined;
  /** The last turn that changed the definitions. */
  private lastChange: RefreshOutcome | undefined;
  private token = 0;

  constructor(private readonly parts: RefreshCycleParts) {
    const { source, clock, settings, store, observer } = parts;
    const cache = isDefinitionCache(parts.cache) ? parts.cache : new ProviderCache(parts.cache);
    const { signal } = this.closing;
    const { random = Math.random } = parts;
    this.random = random;
    this.solo = new SoloState(clock, random);
    this.cache = new BoundedCache({ cache, clock, timeoutMs: settings.cacheTimeoutMs, signal });
    this.source = new BoundedSource({ source, clock, timeoutMs: settings.fetchTimeoutMs, signal });
    this.holder = new DefinitionHolder({ store, clock, observer, compile: settings.compile });
    const own = { cache: this.cache, source: this.source, holder: this.holder };
    this.fetchStep = new FetchStep({ ...own, observer, clock, settings, random, signal });
    this.history = new TurnHistory(cache.pace);
    this.schedule = new TurnSchedule({ pace: cache.pace, settings, clock, random });
    const { solo, schedule, fetchStep } = this;
    const { intervalMs } = settings;
    this.readStep = new ReadStep({ ...own, fetchStep, clock, intervalMs, signal });
    this.alone = new AloneStep({ ...own, solo, schedule, fetchStep, readStep: this.readStep });
  }

  /** Runs one turn, or joins the one in flight. Never rejects. */
  turn(): Promise<RefreshOutcome> {
    return (this.inFlight ??= this.runTurn().finally(() => (this.inFlight = undefined)));
  }

  /**
   * Runs a turn that begins now: one already in flight may have asked too early. Where claims say
   * who fetches it waits, not for ever, until somebody has; without the cache it fetches for itself.
   * A change that another turn has brought meanwhile, a planned one or one after a push, is its own.
   */
  async refresh(): Promise<RefreshOutcome> {
    const { lastChange } = this;
    const outcome = await heldOpen(this.parts.clock, () => this.refreshNow());
    const isMissed = outcome.kind === 'unchanged' && this.lastChange !== lastChange;
    return (isMissed ? this.lastChange : undefined) ?? outcome;
  }

  private async refreshNow(): Promise<RefreshOutcome> {
    const { clock, settings } = this.parts;
    const { signal } = this.closing;
    await this.inFlight;
    // Who waited for the same turn has begun the next one, and it will do for both.
    if (this.inFlight === undefined) this.schedule.kick();
    const untilMs = clock.monotonicMs() + LONGEST_KICK_MS + 2 * settings.checkMs;
    let outcome = await this.turn();
    while (outcome.kind === 'unchanged' && this.schedule.isAwaited && !signal.aborted) {
      if (clock.monotonicMs() >= untilMs) return outcome;
      await pause(clock, this.schedule.untilDueMs, signal);
      outcome = await this.turn();
    }
    return outcome;
  }

  /** Takes over the snapshot file, if there is one and nothing else has come. Never rejects. */
  boot(): Promise<BootResult> {
    return boot(this.parts, this.holder, this.closing.signal);
  }

  /** How long to wait before the next turn, in milliseconds, jitter included. */
  get nextTurnMs(): number {
    return this.schedule.nextTurnMs;
  }

  status(): RefreshStatus {
    return { ...this.history.status(), ...this.holder.status() };
  }

  /**
   * Ends the turn in flight, gives up any lease and closes cache and source. Nothing is applied
   * or stored afterwards. Takes at most two provider deadlines, however long the others hang.
   */
  close(): Promise<void> {
    return (this.closed ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    this.closing.abort();
    await this.inFlight;
    await this.cache.shutdown();
    for (const { message, cause } of this.cache.takeFailures()) {
      const code = isFlagsError(cause) ? cause.code : undefined;
      this.parts.observer.onEvent({ type: 'cache-shutdown-failed', message, code });
    }
    await this.source.close(this.parts.settings.cacheTimeoutMs);
  }

  private async runTurn(): Promise<RefreshOutcome> {
    const { clock, observer } = this.parts;
    const startedAtMs = clock.monotonicMs();
    const result = await this.decideSafely();
    const outcome: RefreshOutcome = {
      ...result,
      cacheFailures: this.cache.takeFailures(),
      durationMs: clock.monotonicMs() - startedAtMs,
    };
    const { fetchStep, readStep, schedule, history } = this;
    history.note(outcome, this.shared, fetchStep.failuresInARow, readStep.isRefused);
    if (hasChanged(outcome)) this.lastChange = outcome;
    const delayMs = outcome.kind === 'failed' ? fetchStep.delayAfter(outcome.failure) : undefined;
    schedule.plan(outcome, { delayMs, empty: this.holder.isCold });
    observer.onEvent({ type: 'turn-finished', outcome, ...history.facts });
    return outcome;
  }

  /** Nothing that is known gets here as an exception; what is not known must not end the polling. */
  private async decideSafely(): Promise<TurnResult> {
    const { signal } = this.closing;
    try {
      const result = signal.aborted ? undefined : await this.decide();
      return result === undefined || signal.aborted ? { kind: 'closed' } : result;
    } catch (cause) {
      const message = `The turn failed in a way that was not foreseen: ${messageOf(cause)}`;
      return { kind: 'failed', role: 'solo', failure: { code: 'network', message, cause } };
    }
  }

  private async decide(): Promise<TurnResult> {
    const verdict = (await this.look()) ?? (await this.lookAgain());
    if (verdict === undefined) return this.alone.run();
    if (verdict.kind === 'lead') return this.lead(verdict.grant, verdict.shared);
    return (await this.follow(verdict.shared)) ?? this.waitForFirstPublication();
  }

  private async look(): Promise<CacheVerdict | undefined> {
    const { held, ageMs } = this.holder;
    const asked = this.schedule.takeKick();
    const looked = await this.cache.check({
      revision: held?.revision ?? 0,
      digest: held?.digest,
      ageMs,
      token: this.token,
      floor: this.readStep.takeFloor(),
      kick: asked || this.solo.kind === 'holding',
      sitOutMs: this.schedule.sitOutMs,
    });
    this.shared = looked.ok ? looked.value.shared : undefined;
    if (!looked.ok) return this.solo.cacheFailed({ asked });
    const { shared } = looked.value;
    this.token = Math.max(this.token, shared.token ?? 0);
    this.schedule.fleetSeen(shared);
    this.solo.cacheAnswered(shared);
    return looked.value;
  }

  /**
   * A starting process is busy, and its first look may come too late. Without definitions a second
   * one is cheaper than what a whole deploy of such processes would ask of the source.
   */
  private async lookAgain(): Promise<CacheVerdict | undefined> {
    if (!this.holder.isCold || this.cache.pace === 'interval') return undefined;
    await this.coldWait().beforeSecondLook();
    return this.look();
  }

  private coldWait(): ColdWait {
    const { clock, settings } = this.parts;
    const { random, closing } = this;
    return new ColdWait({ clock, coldWaitMs: settings.coldWaitMs, random, signal: closing.signal });
  }

  private async lead(grant: Grant, shared: SharedState): Promise<TurnResult> {
    // What the fleet has is taken over first: then the source can be asked conditionally.
    if (shared.content === 'newer' && this.solo.kind !== 'holding') {
      const read = await this.readStep.run(shared);
      const content = read?.kind === 'read' || read?.kind === 'unchanged' ? 'same' : 'newer';
      return this.fetchStep.run({ role: 'leader', grant, shared: { ...shared, content } });
    }
    return this.fetchStep.run({ role: 'leader', grant, shared });
  }

  /** Looks at what another instance leads to; undefined when there is nothing at all yet. */
  private async follow(shared: SharedState): Promise<TurnResult | undefined> {
    const { solo, readStep } = this;
    if (solo.kind === 'holding') {
      return { kind: 'waiting', why: readStep.isRefused ? 'cache-rejected' : 'holding' };
    }
    if (shared.content === 'none') {
      return this.holder.isCold ? undefined : { kind: 'waiting', why: 'cache-empty' };
    }
    if (shared.content === 'older') return { kind: 'waiting', why: 'cache-older' };
    const holdsIt = shared.content === 'same' && this.holder.held !== undefined;
    return holdsIt ? readStep.confirm(shared) : readStep.run(shared);
  }

  /** Lets the leader publish before a herd of newcomers asks the source. */
  private async waitForFirstPublication(): Promise<TurnResult> {
    const wait = this.coldWait();
    let granting = false;
    while (await wait.next()) {
      const verdict = await this.look();
      if (verdict?.kind === 'lead') return this.lead(verdict.grant, verdict.shared);
      const shared = verdict && (await this.follow(verdict.shared));
      if (shared !== undefined) return shared;
      granting = verdict?.shared.token !== undefined && !this.readStep.isUnreadable;
    }
    // One that grants claims will grant one to somebody; a spoilt record is confirmed for ever.
    if (granting) return { kind: 'waiting', why: 'cache-empty' };
    return this.alone.fetch();
  }
}
