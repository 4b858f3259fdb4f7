/**
 * Hints from thread to thread: a number in the shared memory counts publications, and who watches
 * waits for it to change. Such a wait holds neither a thread nor the process, ends with its thread,
 * and goes to the garbage with its context. While both stand nothing calls it off, so who is the
 * last here to stop watching wakes all; those who find the number as it was wait again.
 *
 * The number is one for all projects in the memory: a hint may be about another's definitions.
 */
import type { RegisterPush } from '../../core/register/register-record-store.js';
import { changesIn } from './memory-layout.js';

/** What all Nodes that are supported have, and the types for ES2023 do not know. */
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { readonly value: Promise<string> | string };
const { waitAsync } = Atomics as unknown as { readonly waitAsync: WaitAsync };

export class ThreadPush implements RegisterPush {
  private readonly listeners = new Set<{ readonly onChanged: () => void }>();
  private readonly changes: Int32Array;
  private isWaiting = false;
  private isClosed = false;

  constructor(memory: SharedArrayBuffer) {
    this.changes = changesIn(memory);
  }

  readonly tell = (): void => {
    Atomics.add(this.changes, 0, 1);
    Atomics.notify(this.changes, 0);
  };

  readonly subscribe = (onChanged: () => void): (() => void) => {
    const listener = { onChanged };
    if (this.isClosed) return () => undefined;
    this.listeners.add(listener);
    if (!this.isWaiting) this.wait(this.count());
    return () => {
      this.listeners.delete(listener);
      this.release();
    };
  };

  close(): void {
    this.isClosed = true;
    this.listeners.clear();
    this.release();
  }

  private count(): number {
    return Atomics.load(this.changes, 0);
  }

  /** Also where the number has changed already, which is answered at once. */
  private wait(seen: number): void {
    this.isWaiting = true;
    void Promise.resolve(waitAsync(this.changes, 0, seen).value).then(() => this.woken(seen));
  }

  private woken(seen: number): void {
    this.isWaiting = false;
    if (this.listeners.size === 0) return;
    const count = this.count();
    // First, so that what changes while the listeners run is heard, too.
    this.wait(count);
    if (count !== seen) this.hear();
  }

  private release(): void {
    if (this.isWaiting && this.listeners.size === 0) Atomics.notify(this.changes, 0);
  }

  private hear(): void {
    for (const { onChanged } of this.listeners) {
      try {
        onChanged();
      } catch {
        // A listener that throws must not take the others' hints, or the thread, down.
      }
    }
  }
}
