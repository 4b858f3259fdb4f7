/** Tells every event to all who listen: the log, `changes`, the health, the app's observers. */
import type { FlagsEvent } from './core/observe/flags-event.js';
import { fanOut, type FlagsObserver } from './core/observe/flags-observer.js';
import type { FlagsLog } from './log/flags.log.js';

export class FlagsEvents implements FlagsObserver {
  private toAll: FlagsObserver;

  constructor(
    private observers: readonly FlagsObserver[],
    private readonly log: Pick<FlagsLog, 'observerFailed'>,
  ) {
    this.toAll = this.fannedOut();
  }

  /** From now on told of each event before the others are. */
  addFirst(observer: FlagsObserver): void {
    this.observers = [observer, ...this.observers];
    this.toAll = this.fannedOut();
  }

  onEvent(event: FlagsEvent): void {
    this.toAll.onEvent(event);
  }

  private fannedOut(): FlagsObserver {
    return fanOut(this.observers, (failed, error) => this.log.observerFailed(failed, error));
  }
}
