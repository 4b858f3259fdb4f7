/**
 * Hints that there is a new head, from the system's own notices about the folder. What they miss
 * the checks find: a folder that was removed and made again gives no notice, so each check also
 * looks whether it is still the folder that is watched. It never keeps the process alive.
 */
import { watch, type FSWatcher } from 'node:fs';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import type { RegisterPush } from '../../core/register/register-record-store.js';
import type { CancelTimer, Clock } from '../../core/time/clock.js';
import type { FileIo } from './file-io.js';
import { isHead } from './file-names.js';

export interface FolderWatchParts {
  readonly path: string;
  readonly io: FileIo;
  readonly clock: Clock;
  /** The revision that lies there, 0 for none. */
  readonly revision: () => Promise<number>;
}

const NEVER = -1;
/** One publication gives several notices; they are looked at together, this long after the first. */
const SETTLE_MS = 10;

export class FolderWatch implements RegisterPush {
  private readonly listeners = new Set<{ readonly onChanged: () => void }>();
  private watcher: FSWatcher | undefined;
  private watched: string | undefined;
  private cancelTimer: CancelTimer | undefined;
  /** Of the last hint; none has been given yet. */
  private seen = NEVER;
  private looks = 0;
  /** The last look that has come to its end. */
  private ended = 0;
  private following: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FolderWatchParts) {}

  /** The head is told of by the system. */
  readonly tell = (): void => undefined;

  readonly subscribe = (onChanged: () => void): Unsubscribe => {
    const listener = { onChanged };
    this.listeners.add(listener);
    // What came before the watching began has made no notice: a new subscription hints by itself.
    if (this.listeners.size === 1) void this.follow().then(() => this.look());
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  };

  /** Watches the folder that is there now. Call it whenever it may be another. */
  follow(): Promise<void> {
    // One after the other: two at once would watch it twice.
    this.following = this.following.then(() => this.followNow());
    return this.following;
  }

  close(): void {
    this.listeners.clear();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.seen = NEVER;
    this.stop();
  }

  private async followNow(): Promise<void> {
    if (this.listeners.size === 0) return;
    const found = await identityOf(this.parts.path, this.parts.io);
    if (found === this.watched || this.listeners.size === 0) return;
    this.stop();
    if (found === undefined) return;
    this.start(found);
    await this.look();
  }

  private start(identity: string): void {
    try {
      const watcher = watch(this.parts.path, { persistent: false }, (_, name) => {
        if (name === null || isHead(name)) this.lookSoon();
      });
      watcher.on('error', () => this.stop());
      this.watcher = watcher;
      this.watched = identity;
    } catch {
      // Gone since, or the system has no watches left: the checks go on, and try again.
    }
  }

  private stop(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.watched = undefined;
  }

  private lookSoon(): void {
    if (this.cancelTimer !== undefined || this.listeners.size === 0) return;
    this.cancelTimer = this.parts.clock.setTimer(SETTLE_MS, () => {
      this.cancelTimer = undefined;
      void this.look();
    });
  }

  private async look(): Promise<void> {
    this.looks += 1;
    const look = this.looks;
    const revision = await this.parts.revision().catch(() => undefined);
    // A later one was quicker: what it saw is newer.
    if (revision === undefined || look < this.ended) return;
    this.ended = look;
    if (revision === this.seen || this.listeners.size === 0) return;
    this.seen = revision;
    for (const { onChanged } of this.listeners) {
      try {
        onChanged();
      } catch {
        // A listener that throws must not take the others' hints, or the process, down.
      }
    }
  }
}

function identityOf(path: string, io: FileIo): Promise<string | undefined> {
  return io.stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );
}
