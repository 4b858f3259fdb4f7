/**
 * The time of a store that has no clock. It is the time at which the value there was written, and
 * what has passed since by the reader's own monotonic clock, counted from when the reader first saw
 * that value: a lease is over only for who has watched it unchanged for its whole length, as in the
 * lock client of DynamoDB and the leader election of Kubernetes. So no two clocks are compared.
 *
 * A reader that sees a value first is late by however long it has been there, and a fleet of short
 * lives (functions) would never see time pass. Therefore the wall clock pulls it along, from well
 * behind: clocks that differ by less than {@link CLOCK_TOLERANCE_MS} change nothing, and one that
 * is further ahead can only make a refresh due too early, once. Nothing is published by time.
 */
import type { Clock } from '../time/clock.js';
import type { RegisterEntry } from './register.js';

/** How far apart the clocks of two instances may be before that can be noticed. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** The time of the store, given what lies there. */
export interface RegisterTime {
  nowMs(entry: RegisterEntry | undefined): number;
}

/** For a store whose users have one clock in common: processes of a host, threads of a process. */
export function commonTime(clock: Pick<Clock, 'now'>): RegisterTime {
  return { nowMs: () => clock.now() };
}

/** For a store whose users have none in common. */
export class ObservedTime implements RegisterTime {
  private version: string | undefined;
  private seenAtMs = 0;

  constructor(private readonly clock: Clock) {}

  nowMs(entry: RegisterEntry | undefined): number {
    const { clock } = this;
    const monotonicMs = clock.monotonicMs();
    if (entry === undefined) return clock.now();
    if (entry.version !== this.version) {
      this.version = entry.version;
      this.seenAtMs = monotonicMs;
    }
    const observedMs = entry.value.writtenAt + (monotonicMs - this.seenAtMs);
    return Math.trunc(Math.max(observedMs, clock.now() - CLOCK_TOLERANCE_MS));
  }
}
