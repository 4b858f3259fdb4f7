/**
 * The state of an instance in one word, for status, readiness and alarms. None of these states
 * ever stops an evaluation; a liveness probe must not depend on them.
 */
import type { FetchFailure } from '../definitions/definition-source.js';
import { isDenial } from '../definitions/failure-class.js';

/** @publicApi */
export type HealthState =
  /** No definitions yet; the first load is still within its time. */
  | 'starting'
  /** No definitions, though the time for the first load is over: every flag is unresolved. */
  | 'empty'
  /** The definitions were confirmed lately. */
  | 'fresh'
  /** They were not, for a while. */
  | 'stale'
  /** They were not, for too long. */
  | 'expired'
  /** The cache does not answer; this instance fetches for itself, at its share of a budget. */
  | 'solo'
  /** The source refuses: quota used up (402), or the key is wrong or revoked (401, 403). */
  | 'denied'
  /** What the cache or the source gave was refused; until it gives what can be used. */
  | 'poisoned';

export interface HealthFacts {
  readonly loaded: boolean;
  readonly ageMs: number | undefined;
  readonly sinceStartMs: number;
  readonly solo: boolean;
  readonly lastFailure: FetchFailure['code'] | undefined;
  readonly rejected: boolean;
}

export interface HealthLimits {
  readonly initialLoadTimeoutMs: number;
  /** Older definitions are stale. */
  readonly staleAfterMs: number;
  /** Older definitions are expired. */
  readonly expiredAfterMs: number;
}

/** The gravest state that holds. */
export function healthOf(facts: HealthFacts, limits: HealthLimits): HealthState {
  const { loaded, ageMs = Number.POSITIVE_INFINITY, sinceStartMs, solo, lastFailure } = facts;
  if (!loaded) return sinceStartMs < limits.initialLoadTimeoutMs ? 'starting' : 'empty';
  if (ageMs > limits.expiredAfterMs) return 'expired';
  if (facts.rejected) return 'poisoned';
  if (lastFailure !== undefined && isDenial(lastFailure)) return 'denied';
  if (solo) return 'solo';
  return ageMs > limits.staleAfterMs ? 'stale' : 'fresh';
}
