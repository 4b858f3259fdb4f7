/**
 * The clock of the system for stores whose server a test can stop: what is meant to answer is given
 * a minute, for a machine may be busy; and while the server is stopped nobody waits longer than a
 * moment.
 */
import {
  systemClock,
  type CancelTimer,
  type Clock,
  type TimerOptions,
} from '../../lib/core/time/clock.js';

/** For the stores over such a clock. */
export const PATIENT_MS = 60_000;
const MOMENT_MS = 300;

export class OutageClock implements Clock {
  private isOut = false;

  now(): number {
    return systemClock.now();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void, options?: TimerOptions): CancelTimer {
    const ms = this.isOut ? Math.min(delayMs, MOMENT_MS) : delayMs;
    return systemClock.setTimer(ms, callback, options);
  }

  begin(): void {
    this.isOut = true;
  }

  end(): void {
    this.isOut = false;
  }
}
