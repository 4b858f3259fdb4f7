/**
 * Holds the snapshot that evaluations read. It is replaced whole and only forwards: a snapshot
 * of a lower revision than the current one is refused.
 */
import type { Unsubscribe } from '../definitions/definition-source.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';

export interface SnapshotChange {
  readonly previous: FlagSnapshot | undefined;
  readonly current: FlagSnapshot;
}

export class SnapshotStore {
  private snapshot: FlagSnapshot | undefined;
  private readonly listeners = new Set<(change: SnapshotChange) => void>();

  /** The snapshot to evaluate against; undefined until the first load. */
  get current(): FlagSnapshot | undefined {
    return this.snapshot;
  }

  /**
   * Replaces the snapshot and tells the subscribers.
   * @returns false, changing nothing, when `next` is older than the current snapshot.
   */
  swap(next: FlagSnapshot): boolean {
    const previous = this.snapshot;
    if (previous !== undefined && next.revision < previous.revision) return false;
    this.snapshot = next;
    const listeners = [...this.listeners];
    for (const listener of listeners) listener({ previous, current: next });
    return true;
  }

  /** Calls back after each swap. A listener must not throw. */
  subscribe(listener: (change: SnapshotChange) => void): Unsubscribe {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
