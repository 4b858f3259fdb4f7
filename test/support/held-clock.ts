/**
 * A clock in the hand of a test, for stores that do real work: the time that they count with passes
 * only by `advance`, but their pauses and deadlines are real, for nobody else ends them.
 */
import {
  systemClock,
  type CancelTimer,
  type Clock,
  type TimerOptions,
} from '../../lib/core/time/clock.js';

export class HeldClock implements Clock {
  private elapsedMs = 0;
  private startAt = Date.UTC(2026, 0, 1);

  now(): number {
    return this.startAt + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  setTimer(delayMs: number, callback: () => void, options?: TimerOptions): CancelTimer {
    return systemClock.setTimer(delayMs, callback, options);
  }

  advance(ms: number): void {
    this.elapsedMs += ms;
  }

  jumpWallClock(byMs: number): void {
    this.startAt += byMs;
  }
}
