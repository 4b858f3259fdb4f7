/**
 * When the next turn is, and how this instance steps back for others. Where looking at the cache
 * is cheap an instance looks every `checkMs` and the store holds when a fetch is due; elsewhere
 * a turn is an interval, and back-off is the instance's own.
 */
import type { SharedState } from '../cache/definition-cache.js';
import { checkPeriodMs } from '../coordination/check-period.js';
import type { Clock } from '../time/clock.js';
import type { RefreshOutcome } from './refresh-outcome.js';
import type { RefreshSettings } from './refresh-settings.js';
import { soloPeriodMs } from './solo-pace.js';

const CHECK_JITTER = 0.2;
const LONGEST_COLD_CHECK_MS = 1_000;
const SHORTEST_WAIT_MS = 50;
const SETTLED_MS = 200;
const TELL_WITHIN_MS = 500;

export interface TurnScheduleParts {
  readonly pace: 'check' | 'interval';
  readonly settings: RefreshSettings;
  readonly clock: Clock;
  readonly random: () => number;
}

export class TurnSchedule {
  private nextMs = 0;
  private kicked = false;
  /** The last refresh known when another was asked for; undefined when nobody waits. */
  private awaitedAfter: number | undefined;
  private verifiedToken: number | undefined;
  private dueInMs: number | undefined;
  /** Undefined until the cache has said it. */
  private instances: number | undefined;
  private sitOutUntilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: TurnScheduleParts) {}

  get nextTurnMs(): number {
    return this.nextMs;
  }

  /** The next check asks for a refresh soon. */
  kick(): void {
    this.kicked = true;
  }

  takeKick(): boolean {
    const { kicked } = this;
    this.kicked = false;
    if (kicked) this.awaitedAfter = this.verifiedToken;
    return kicked;
  }

  fleetSeen({ instances, dueInMs, verifiedToken }: SharedState): void {
    if (instances !== undefined) this.instances = Math.max(1, instances);
    this.dueInMs = dueInMs;
    this.verifiedToken = verifiedToken;
    if ((verifiedToken ?? 0) > (this.awaitedAfter ?? 0)) this.awaitedAfter = undefined;
  }

  /** A refresh was asked for and has not come yet. */
  get isAwaited(): boolean {
    return this.awaitedAfter !== undefined;
  }

  /** Time until the refresh that was asked for may be granted. */
  get untilDueMs(): number {
    const { checkMs } = this.parts.settings;
    return Math.min(Math.max(this.dueInMs ?? checkMs, SHORTEST_WAIT_MS), checkMs);
  }

  /** An instance whose own fetch has just failed lets the others go first. */
  get sitOutMs(): number {
    const sits = (this.instances ?? 1) > 1 && this.parts.clock.monotonicMs() < this.sitOutUntilMs;
    return sits ? 2 * this.parts.settings.intervalMs : 0;
  }

  /** Mean time between two fetches without a cache that has been away for so long. */
  soloPeriodMs(awayMs: number): number {
    const { intervalMs } = this.parts.settings;
    return soloPeriodMs({ intervalMs, instances: this.instances, awayMs });
  }

  /** Plans the turn after this one. `delayMs` is the back-off of a failure. */
  plan(outcome: RefreshOutcome, facts: { delayMs: number | undefined; empty: boolean }): void {
    const { pace, settings, clock } = this.parts;
    if (outcome.kind === 'failed') {
      this.sitOutUntilMs = clock.monotonicMs() + 2 * settings.intervalMs;
    }
    if (pace === 'interval') {
      this.nextMs = facts.delayMs ?? this.jittered(settings.intervalMs, settings.jitter);
      return;
    }
    const checkMs = checkPeriodMs(settings.checkMs, this.instances);
    if (hasTakenOver(outcome)) {
      this.nextMs = this.untilToldMs(checkMs);
      return;
    }
    const cold = facts.empty ? Math.min(checkMs, LONGEST_COLD_CHECK_MS) : checkMs;
    this.nextMs = this.jittered(cold, CHECK_JITTER);
  }

  /**
   * An instance tells what it holds when it checks. What it has just taken over it tells soon, in
   * a check that costs little, so that the fleet can be seen to have a change within a second; and
   * not at once, while others on this machine still take it over.
   */
  private untilToldMs(checkMs: number): number {
    const tellMs = checkPeriodMs(TELL_WITHIN_MS, this.instances);
    const soonMs = SETTLED_MS + tellMs * this.parts.random();
    return soonMs < checkMs ? soonMs : this.jittered(checkMs, CHECK_JITTER);
  }

  private jittered(ms: number, share: number): number {
    return ms * (1 + share * (2 * this.parts.random() - 1));
  }
}

function hasTakenOver(outcome: RefreshOutcome): boolean {
  if (outcome.kind === 'fetched') return outcome.changed && outcome.role === 'leader';
  return outcome.kind === 'read';
}
