/**
 * How an instance without definitions waits for those of the leader: it looks often at first,
 * then ever more rarely, and not for long. All instances of a deploy begin at the same moment, so
 * no two of these waits are alike.
 */
import type { Clock } from '../time/clock.js';
import { pause } from '../time/deadline.js';

const FIRST_CHECK_MS = 100;
const LONGEST_CHECK_MS = 1_000;
/** Longest time between a look that failed and the one after which an instance helps itself. */
const SECOND_LOOK_MS = 500;

export interface ColdWaitParts {
  readonly clock: Clock;
  readonly coldWaitMs: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export class ColdWait {
  private readonly untilMs: number;
  private checkMs = FIRST_CHECK_MS;

  constructor(private readonly parts: ColdWaitParts) {
    this.untilMs = parts.clock.monotonicMs() + parts.coldWaitMs;
  }

  /** Waits until the next look. @returns false when the time is up, or the cycle is closed. */
  async next(): Promise<boolean> {
    const { clock, random, signal } = this.parts;
    const leftMs = this.untilMs - clock.monotonicMs();
    if (leftMs <= 0 || signal.aborted) return false;
    await pause(clock, Math.min(leftMs, this.checkMs * (0.5 + random())), signal);
    this.checkMs = Math.min(2 * this.checkMs, LONGEST_CHECK_MS);
    return true;
  }

  /** Waits until the look that decides whether the cache is away, or this process only slow. */
  async beforeSecondLook(): Promise<void> {
    const { clock, random, signal } = this.parts;
    await pause(clock, SECOND_LOOK_MS * random(), signal);
  }
}
