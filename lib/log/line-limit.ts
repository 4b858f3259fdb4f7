/** How many lines of one kind the log takes: a few at once, then one a minute. */
import type { Clock } from '../core/time/clock.js';

const AT_ONCE = 10;
const ONE_EVERY_MS = 60_000;

export class LineLimit {
  private left = AT_ONCE;
  private countedAtMs: number;

  constructor(private readonly clock: Clock) {
    this.countedAtMs = clock.monotonicMs();
  }

  /** True when one more may be written; then it counts as written. */
  take(): boolean {
    const nowMs = this.clock.monotonicMs();
    const regained = Math.floor((nowMs - this.countedAtMs) / ONE_EVERY_MS);
    this.countedAtMs += regained * ONE_EVERY_MS;
    this.left = Math.min(AT_ONCE, this.left + regained);
    if (this.left === 0) return false;
    this.left -= 1;
    return true;
  }
}
