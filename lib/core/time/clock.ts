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
  /** Runs `callback` once after `delayMs`. The timer never keeps the process alive. */
  setTimer(delayMs: number, callback: () => void): CancelTimer;
}

/** The clock of this process. @publicApi */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
