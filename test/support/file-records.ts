/** File caches for tests: folders of their own that are removed, and a file system with faults. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemIo, type FileIo } from '../../lib/caches/file/file-io.js';
import { folderNameOf } from '../../lib/caches/file/file-names.js';
import { openFileRecords } from '../../lib/caches/file/open-file-records.js';
import type { RegisterRecordStore } from '../../lib/core/register/register-record-store.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';

export const KEY = 'contended';

/** A folder that nobody else has, and what lies in it. */
export class CacheFolderInTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'flags-file-'));
  /** Where the files of the cache with the key {@link KEY} lie. */
  readonly inner = join(this.folder, folderNameOf(KEY));
  private readonly stores: RegisterRecordStore[] = [];

  /** As another process has it. */
  async open(settings: { readonly io?: Partial<FileIo>; readonly clock?: Clock } = {}) {
    const { io = {}, clock = systemClock } = settings;
    const parts = { folder: this.folder, key: KEY, allowsNetwork: false, push: true };
    const store = await openFileRecords(
      { ...parts, io: { ...systemIo, ...io } },
      { identity: undefined, commandTimeoutMs: 60_000, clock },
    );
    this.stores.push(store);
    return store;
  }

  /** The names there that begin so. */
  names(beginning = ''): string[] {
    return readdirSync(this.inner).filter((name) => name.startsWith(beginning));
  }

  /** The heads, the newest first. */
  heads(): string[] {
    const generation = (name: string): number => Number(name.split('-').at(-1));
    return this.names('head-').toSorted((a, b) => generation(b) - generation(a));
  }

  path(name: string): string {
    return join(this.inner, name);
  }

  async remove(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** An error as the system throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as if`), { code });
}
