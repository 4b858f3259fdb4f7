/**
 * Tells when a file may have changed. It watches the directory, not the file: editors replace
 * files by renaming, and Kubernetes swaps a link beside them, and a watch on the file itself
 * would go on watching the old one. Where the path is a link, the directory of its target is
 * watched too. A hint only: what it misses, the poll finds. It never keeps the process alive.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CancelTimer, Clock } from '../core/time/clock.js';

/** A change comes as several events; they are looked at together this long after the first. */
const SETTLE_MS = 50;

export class FileWatch {
  /** By identity of the directory, so that one that was replaced is watched anew. */
  private readonly watchers = new Map<string, FSWatcher>();
  private seen: string | undefined;
  private cancelTimer: CancelTimer | undefined;
  private busy: Promise<void> = Promise.resolve();
  private isOpen = false;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly onChanged: () => void,
  ) {}

  /** Begins to watch. */
  open(): void {
    this.isOpen = true;
    // What changed between the last reading and this moment has made no event.
    void this.follow().then(() => (this.seen === undefined ? undefined : this.look()));
  }

  /** Watches the directories that matter now. Call it again whenever they may have changed. */
  follow(): Promise<void> {
    // One after the other: two at once would watch a directory twice.
    this.busy = this.busy.then(() => (this.isOpen ? this.followOnce() : undefined));
    return this.busy;
  }

  /** The file was read in this state: only another state counts as a change. */
  hasSeen(signature: string): void {
    this.seen = signature;
  }

  /** Stops watching; it may be opened again. */
  close(): void {
    this.isOpen = false;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private async followOnce(): Promise<void> {
    const target = await realpath(this.path).catch(() => this.path);
    const wanted = new Map<string, string>();
    for (const directory of [dirname(this.path), dirname(target)]) {
      const identity = await identityOf(directory);
      if (identity !== undefined) wanted.set(identity, directory);
    }
    if (!this.isOpen) return;
    for (const [identity, watcher] of this.watchers) {
      if (!wanted.has(identity)) this.drop(identity, watcher);
    }
    for (const [identity, directory] of wanted) {
      if (!this.watchers.has(identity)) this.add(identity, directory);
    }
  }

  private add(identity: string, directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, () => this.lookSoon());
      watcher.on('error', () => this.drop(identity, watcher));
      this.watchers.set(identity, watcher);
    } catch {
      // Gone since, or no watches left in the system: the poll goes on, and the next follow tries.
    }
  }

  private drop(identity: string, watcher: FSWatcher): void {
    watcher.close();
    this.watchers.delete(identity);
  }

  private lookSoon(): void {
    if (!this.isOpen || this.cancelTimer !== undefined) return;
    this.cancelTimer = this.clock.setTimer(SETTLE_MS, () => {
      this.cancelTimer = undefined;
      void this.look();
    });
  }

  private async look(): Promise<void> {
    await this.follow();
    const signature = await signatureOfFile(this.path);
    if (!this.isOpen || signature === this.seen) return;
    this.seen = signature;
    this.onChanged();
  }
}

/** The facts of a file by which two states of it differ. */
export function signatureOf(facts: {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}): string {
  return `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}`;
}

function signatureOfFile(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(signatureOf, () => 'missing');
}

function identityOf(directory: string): Promise<string | undefined> {
  return stat(directory, { bigint: true }).then(
    ({ dev, ino, birthtimeNs }) => `${dev}:${ino}:${birthtimeNs}`,
    () => undefined,
  );
}
