/**
 * The state of this instance in one word, from how the last turn ended and how old the flags are.
 * It tells a change of the state at the end of the turn that brought it: turns go on at every
 * check, so that age shows as well. Without polling nobody is told; `state` is right all the same.
 */
import type { FlagsEvent } from './core/observe/flags-event.js';
import type { LastError } from './core/observe/flags-failure.js';
import type { FlagsObserver } from './core/observe/flags-observer.js';
import { LastFailures } from './core/observe/last-failures.js';
import { healthOf, type HealthState } from './core/refresh/health.js';
import type { RefreshOutcome } from './core/refresh/refresh-outcome.js';
import type { RefreshStatus } from './core/refresh/refresh-cycle-parts.js';
import type { Clock } from './core/time/clock.js';

/** Definitions that three refreshes in a row have not confirmed are stale. */
const STALE_INTERVALS = 3;
const SHORTEST_EXPIRY_MS = 3_600_000;

export interface FlagsHealthParts {
  readonly cycle: {
    status(): Pick<RefreshStatus, 'lastOutcome' | 'ageMs' | 'sourceFailure' | 'isCopyRefused'>;
  };
  readonly clock: Clock;
  readonly initialLoadTimeoutMs: number;
  readonly intervalMs: number;
  /** Told of changes. */
  readonly observer: FlagsObserver;
}

export class FlagsHealth implements FlagsObserver {
  private readonly startedAtMs: number;
  private readonly failures: LastFailures;
  private last: { readonly state: HealthState; readonly sinceMs: number };

  constructor(private readonly parts: FlagsHealthParts) {
    const { clock } = parts;
    this.startedAtMs = clock.monotonicMs();
    this.failures = new LastFailures(clock);
    this.last = { state: 'starting', sinceMs: this.startedAtMs };
  }

  onEvent(event: FlagsEvent): void {
    this.failures.onEvent(event);
    if (event.type === 'turn-finished' && event.outcome.kind !== 'closed') this.tellChange();
  }

  get lastError(): LastError | undefined {
    return this.failures.last;
  }

  state(): HealthState {
    const { cycle, clock, initialLoadTimeoutMs, intervalMs } = this.parts;
    const { lastOutcome, ageMs, sourceFailure, isCopyRefused = false } = cycle.status();
    const isRefused = isCopyRefused || isRejected(lastOutcome);
    const staleAfterMs = STALE_INTERVALS * intervalMs;
    return healthOf(
      {
        loaded: ageMs !== undefined,
        ageMs,
        sinceStartMs: clock.monotonicMs() - this.startedAtMs,
        solo: isSolo(lastOutcome),
        lastFailure: sourceFailure,
        rejected: isRefused || sourceFailure === 'invalid-definitions',
      },
      {
        initialLoadTimeoutMs,
        staleAfterMs,
        expiredAfterMs: Math.max(SHORTEST_EXPIRY_MS, 2 * staleAfterMs),
      },
    );
  }

  private tellChange(): void {
    const { clock, cycle, observer } = this.parts;
    const { state: from, sinceMs } = this.last;
    const to = this.state();
    if (to === from) return;
    const nowMs = clock.monotonicMs();
    this.last = { state: to, sinceMs: nowMs };
    const failure = this.failures.causeOf(to);
    const { ageMs } = cycle.status();
    observer.onEvent({
      type: 'health-changed',
      from,
      to,
      lastedMs: nowMs - sinceMs,
      ageMs,
      failure,
    });
  }
}

function isSolo(outcome: RefreshOutcome | undefined): boolean {
  if (outcome?.kind === 'waiting') return outcome.why === 'cache-unavailable';
  return outcome !== undefined && 'role' in outcome && outcome.role === 'solo';
}

function isRejected(outcome: RefreshOutcome | undefined): boolean {
  return outcome?.kind === 'waiting' && outcome.why === 'cache-rejected';
}
