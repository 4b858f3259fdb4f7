/**
 * Bounds a wait, or holds the process up for it. The work itself cannot be called off: what it does
 * after the deadline is ignored here, and may still happen elsewhere (a timed-out write can reach
 * the server later).
 */
import { FlagsError } from '../errors/flags-error.js';
import type { Clock, TimerOptions } from './clock.js';

/** How often a hold is renewed; its end does not wait for that. */
const HOLD_MS = 60_000;

/** What to wait for, and for how long. */
export interface Deadline {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends the wait early, e.g. when the app shuts down. */
  readonly signal?: AbortSignal;
  /** Names the work in the error. */
  readonly what: string;
  /** Holds the process up while it waits. @default false */
  readonly keepsAlive?: boolean;
}

/**
 * Runs `work` and resolves with its result, if that comes in time.
 * @throws FlagsError `deadline-exceeded` after `ms`, `closed` when the signal aborts; otherwise
 * whatever the work throws.
 */
export async function withDeadline<T>(
  deadline: Deadline,
  work: () => T | PromiseLike<T>,
): Promise<T> {
  const { clock, ms, signal, what, keepsAlive = false } = deadline;
  let stopWaiting: () => void = () => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const onAbort = (): void =>
      reject(new FlagsError(`${what} was given up: shutting down.`, { code: 'closed' }));
    const late = `${what} did not answer within ${ms} ms.`;
    const giveUp = (): void => reject(new FlagsError(late, { code: 'deadline-exceeded' }));
    const cancelTimer = clock.setTimer(ms, giveUp, { keepsAlive });
    stopWaiting = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    // Aborted already: the work must not even begin.
    if (signal?.aborted) return await tooLate;
    return await Promise.race([Promise.resolve().then(work), tooLate]);
  } finally {
    stopWaiting();
  }
}

/**
 * Runs `work`, for which somebody of the app waits, and keeps the process up until it has settled: its
 * own pauses and deadlines do not, and a job that does nothing else would end in the middle of it.
 */
export async function heldOpen<T>(clock: Clock, work: () => T | PromiseLike<T>): Promise<T> {
  let letGo: () => void = () => undefined;
  const hold = (): void => {
    letGo = clock.setTimer(HOLD_MS, hold, { keepsAlive: true });
  };
  hold();
  try {
    return await work();
  } finally {
    letGo();
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  options?: TimerOptions,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.setTimer(ms, wake, options);
    signal.addEventListener('abort', wake, { once: true });
  });
}
