/**
 * The port through which the library sees time. Everything that waits, ages or expires asks
 * this port, so that a test can hold time in its hand (see `ManualClock` in `./testing`).
 */

/** A timer that can be called off. Calling it twice, or after it fired, does nothing. @publicApi */
export type CancelTimer = () => void;

/** @publicApi */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. For display and relative dates only. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps. For ages, deadlines and delays. */
  monotonicMs(): number;
  /**
   * Runs `callback` once after `delayMs`. The timer keeps the process alive only on demand: where
   * somebody awaits its end, and without it the process would exit as if nothing were to come.
   */
  setTimer(delayMs: number, callback: () => void, options?: TimerOptions): CancelTimer;
}

/** @publicApi */
export interface TimerOptions {
  /** @default false */
  readonly keepsAlive?: boolean;
}

/** The clock of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback, { keepsAlive = false } = {}) {
    const timer = setTimeout(callback, delayMs);
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
