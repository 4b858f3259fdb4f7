/**
 * A clock in the hand of a test: time passes only by `advance`, and timers fire in order, with
 * all promises that they settle given their turn in between.
 */
import { setImmediate } from 'node:timers/promises';
import type { CancelTimer, Clock } from '../core/time/clock.js';

interface PendingTimer {
  readonly dueAtMs: number;
  readonly callback: () => void;
}

/** @publicApi */
export class ManualClock implements Clock {
  private elapsedMs = 0;
  private readonly pending = new Set<PendingTimer>();

  /** @param startAt wall-clock time at the beginning, in milliseconds since 1970. */
  constructor(private startAt = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.startAt + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  setTimer(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueAtMs: this.elapsedMs + Math.max(0, delayMs), callback };
    this.pending.add(timer);
    return () => {
      this.pending.delete(timer);
    };
  }

  /** How many timers wait. */
  get timers(): number {
    return this.pending.size;
  }

  /** Lets the wall clock jump, as NTP or a suspended machine does; timers do not notice. */
  jumpWallClock(byMs: number): void {
    this.startAt += byMs;
  }

  /** Lets `ms` milliseconds pass. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.elapsedMs + ms;
    await settle();
    for (let next = this.nextDue(untilMs); next !== undefined; next = this.nextDue(untilMs)) {
      this.pending.delete(next);
      this.elapsedMs = Math.max(this.elapsedMs, next.dueAtMs);
      next.callback();
      await settle();
    }
    this.elapsedMs = untilMs;
    await settle();
  }

  private nextDue(untilMs: number): PendingTimer | undefined {
    let earliest: PendingTimer | undefined;
    for (const timer of this.pending) {
      if (timer.dueAtMs > untilMs) continue;
      if (earliest === undefined || timer.dueAtMs < earliest.dueAtMs) earliest = timer;
    }
    return earliest;
  }
}

/** Every promise that can settle without time or I/O has settled after this. */
async function settle(): Promise<void> {
  await setImmediate();
}
