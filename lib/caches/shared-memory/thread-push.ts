/**
 * Hints from thread to thread, by a channel of Node that reaches all threads of the process and
 * holds none of them up. `Atomics.waitAsync` would need no channel, but what it does to the event
 * loop differs between the versions of Node.
 */
import { BroadcastChannel } from 'node:worker_threads';
import type { RegisterPush } from '../../core/register/register-record-store.js';

export class ThreadPush implements RegisterPush {
  private readonly listeners = new Set<{ readonly onChanged: () => void }>();
  private channel: BroadcastChannel | undefined;
  private isClosed = false;

  constructor(private readonly name: string) {}

  readonly tell = (): void => {
    if (this.isClosed) return;
    // A channel does not hear itself.
    this.hear();
    this.opened().postMessage('changed');
  };

  readonly subscribe = (onChanged: () => void): (() => void) => {
    const listener = { onChanged };
    if (this.isClosed) return () => undefined;
    this.listeners.add(listener);
    this.opened();
    return () => {
      this.listeners.delete(listener);
    };
  };

  close(): void {
    this.isClosed = true;
    this.listeners.clear();
    this.channel?.close();
  }

  private opened(): BroadcastChannel {
    if (this.channel === undefined) {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = () => this.hear();
      this.channel.unref();
    }
    return this.channel;
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
