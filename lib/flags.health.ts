/** The state of this instance in one word, from how the last turn ended and how old the flags are. */
import { healthOf, type HealthState } from './core/refresh/health.js';
import type { RefreshOutcome } from './core/refresh/refresh-outcome.js';
import type { RefreshStatus } from './core/refresh/refresh-cycle-parts.js';
import type { Clock } from './core/time/clock.js';

/** Definitions that three refreshes in a row have not confirmed are stale. */
const STALE_INTERVALS = 3;
const SHORTEST_EXPIRY_MS = 3_600_000;

export interface FlagsHealthParts {
  readonly cycle: { status(): RefreshStatus };
  readonly clock: Clock;
  readonly initialLoadTimeoutMs: number;
  readonly intervalMs: number;
}

export class FlagsHealth {
  private readonly startedAtMs: number;

  constructor(private readonly parts: FlagsHealthParts) {
    this.startedAtMs = parts.clock.monotonicMs();
  }

  state(): HealthState {
    const { cycle, clock, initialLoadTimeoutMs, intervalMs } = this.parts;
    const { lastOutcome, ageMs } = cycle.status();
    const staleAfterMs = STALE_INTERVALS * intervalMs;
    return healthOf(
      {
        loaded: ageMs !== undefined,
        ageMs,
        sinceStartMs: clock.monotonicMs() - this.startedAtMs,
        solo: isSolo(lastOutcome),
        lastFailure: lastOutcome?.kind === 'failed' ? lastOutcome.failure.code : undefined,
        rejected: isRejected(lastOutcome),
      },
      {
        initialLoadTimeoutMs,
        staleAfterMs,
        expiredAfterMs: Math.max(SHORTEST_EXPIRY_MS, 2 * staleAfterMs),
      },
    );
  }
}

function isSolo(outcome: RefreshOutcome | undefined): boolean {
  if (outcome?.kind === 'waiting') return outcome.why === 'cache-unavailable';
  return outcome !== undefined && 'role' in outcome && outcome.role === 'solo';
}

function isRejected(outcome: RefreshOutcome | undefined): boolean {
  if (outcome?.kind === 'waiting') return outcome.why === 'cache-rejected';
  return outcome?.kind === 'failed' && outcome.failure.code === 'invalid-definitions';
}
