/**
 * The port for whoever wants to know: logs, metrics, tests. Observers are told after the fact
 * and cannot change or break anything.
 */
import type { FlagsEvent } from './flags-event.js';

/** @publicApi */
export interface FlagsObserver {
  /** Called synchronously. What it throws is caught and reported once. */
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
  const tell = (observer: FlagsObserver, event: FlagsEvent): void => {
    try {
      observer.onEvent(event);
    } catch (error) {
      if (failed.has(observer)) return;
      failed.add(observer);
      try {
        onObserverFailed(observer, error);
      } catch {
        // Whoever was to hear of it fails as well: there is nobody left to tell.
      }
    }
  };
  return {
    onEvent: (event) => {
      for (const observer of observers) tell(observer, event);
    },
  };
}
