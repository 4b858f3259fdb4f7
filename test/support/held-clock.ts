/**
 * A clock in the hand of a test, for stores that do real work: the time that they count with passes
 * only by `advance`, but their pauses and deadlines are real, for nobody else ends them.
 */
import { OutageClock } from './outage-clock.js';

export class HeldClock extends OutageClock {
  private elapsedMs = 0;
  private startAt = Date.UTC(2026, 0, 1);

  override now(): number {
    return this.startAt + this.elapsedMs;
  }

  override monotonicMs(): number {
    return this.elapsedMs;
  }

  advance(ms: number): void {
    this.elapsedMs += ms;
  }

  jumpWallClock(byMs: number): void {
    this.startAt += byMs;
  }
}
