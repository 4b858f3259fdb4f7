/** Lets others wait for the first definitions. Nobody waits longer than the app lives. */
import type { Unsubscribe } from './core/definitions/definition-source.js';
import type { SnapshotStore } from './core/snapshot/snapshot-store.js';
import type { Clock } from './core/time/clock.js';

/** As long as a timer can be: 24 days, longer than which nobody waits for a first load. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export class FlagsReadiness {
  private readonly waiting = new Set<() => void>();
  private readonly unsubscribe: Unsubscribe;
  private isClosed = false;

  constructor(
    private readonly store: SnapshotStore,
    private readonly clock: Clock,
  ) {
    this.unsubscribe = store.subscribe(() => this.wakeAll());
  }

  get isReady(): boolean {
    return this.store.current !== undefined;
  }

  /** Resolves with true once there are definitions; with false after `timeoutMs` or shutdown. */
  async whenReady(timeoutMs?: number): Promise<boolean> {
    if (!this.isReady && !this.isClosed) await this.change(timeoutMs);
    return this.isReady;
  }

  close(): void {
    this.isClosed = true;
    this.unsubscribe();
    this.wakeAll();
  }

  private change(timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancelTimer();
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
      // Held up: a script that awaits its flags has nothing else that would keep it running.
      const ms = timeoutMs ?? LONGEST_WAIT_MS;
      const cancelTimer = this.clock.setTimer(ms, wake, { keepsAlive: true });
    });
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake();
  }
}
