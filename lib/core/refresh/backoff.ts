/**
 * How long to wait after a failed fetch: exponential with full jitter, so that instances that
 * failed together do not return together, and never shorter than what the source asked for.
 * See "Exponential Backoff and Jitter", AWS Architecture Blog.
 */
import type { FetchFailure } from '../definitions/definition-source.js';
import { isDenial } from '../definitions/failure-class.js';

const FIRST_DELAY_MS = 5_000;
const SHORTEST_DELAY_MS = 1_000;
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
const LONGEST_STANDING_DELAY_MS = 5 * 60_000;
const LONGEST_PASSING_DELAY_MS = 60_000;

export interface BackoffFacts {
  readonly failure: FetchFailure;
  /** How many fetches have failed in a row, this one included. */
  readonly failuresInARow: number;
  readonly intervalMs: number;
  readonly random: () => number;
  /**
   * No cache is there through which one could try for all, so that all of them do.
   * @default false
   */
  readonly alone?: boolean;
}

/** Milliseconds until the next attempt. */
export function backoffMs(facts: BackoffFacts): number {
  const { failure, failuresInARow, intervalMs, random, alone = false } = facts;
  const passingMs = Math.max(
    2 * intervalMs,
    alone ? LONGEST_STANDING_DELAY_MS : LONGEST_PASSING_DELAY_MS,
  );
  const longestMs = isDenial(failure.code) ? LONGEST_STANDING_DELAY_MS : passingMs;
  const firstMs = Math.min(FIRST_DELAY_MS, intervalMs);
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(failuresInARow, 20));
  const floorMs = Math.min(SHORTEST_DELAY_MS, firstMs);
  const jitteredMs = floorMs + random() * (ceilingMs - floorMs);
  const askedMs = Math.min(failure.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  // Spread those who were told the same moment over a tenth of the wait, never before it.
  return Math.max(jitteredMs, askedMs * (1 + 0.1 * random()));
}
