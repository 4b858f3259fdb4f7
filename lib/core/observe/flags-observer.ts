/**
 * The port for whoever wants to know: logs, metrics, tests. Observers are told after the fact
 * and cannot change or break anything.
 */
import type { FlagsEvent } from './flags-event.js';

/** @publicApi */
export interface FlagsObserver {
  /**
   * Called synchronously, and not waited for. What it throws, or rejects with when it is `async`,
   * is caught and reported once.
   */
  onEvent(event: FlagsEvent): void;
}

/**
 * One observer that tells many. An observer that throws does not keep the others from hearing;
 * its first error goes to `onObserverFailed`, the later ones are dropped.
 */
export function fanOut(
  observers: readonly FlagsObserver[],
  onObserverFailed: (observer: FlagsObserver, error: unknown) => void,
): FlagsObserver {
  const failed = new Set<FlagsObserver>();
  const report = (observer: FlagsObserver, error: unknown): void => {
    if (failed.has(observer)) return;
    failed.add(observer);
    try {
      onObserverFailed(observer, error);
    } catch {
      // Whoever was to hear of it fails as well: there is nobody left to tell.
    }
  };
  const tell = (observer: FlagsObserver, event: FlagsEvent): void => {
    try {
      // An async function fits the type as well; what it rejects with would end the process.
      const told: unknown = observer.onEvent(event);
      if (told !== undefined) Promise.resolve(told).catch((error) => report(observer, error));
    } catch (error) {
      report(observer, error);
    }
  };
  return {
    onEvent: (event) => {
      for (const observer of observers) tell(observer, event);
    },
  };
}
