/**
 * Files of a folder that are only ever whole: written under another name first, flushed to the
 * disk, and then given their name in one step. Two such steps are used. A hard link fails where the
 * name is taken, so it decides between processes that want the same name, and whoever is killed
 * has either done it or not: there is no lock that could be left behind. Renaming takes the place
 * of what is there, for files that have one writer.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, fileFault } from './file-fault.js';
import type { FileIo } from './file-io.js';
import { REFUSED, TEMPORARY } from './file-names.js';
import { isTrusted } from './safe-folder.js';

export interface FolderFilesParts {
  readonly path: string;
  /** Makes the folder the first time, and looks whether it may be used. */
  readonly ready: () => Promise<void>;
  /** The same when it turns out to be missing. */
  readonly ensure: () => Promise<void>;
  readonly io: FileIo;
}

const OWN_FILE = 0o600;
/** A link is not followed, and a named pipe not waited for. Windows has neither flag. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** What is no plain file of ours has no checksum, like one that was emptied. */
const NOTHING = Buffer.alloc(0);

export class FolderFiles {
  constructor(private readonly parts: FolderFilesParts) {}

  get path(): string {
    return this.parts.path;
  }

  /** The names there; none when the folder is missing. */
  async list(): Promise<readonly string[]> {
    return this.named('list the files', () => this.parts.io.readdir(this.path), []);
  }

  async has(name: string): Promise<boolean> {
    const facts = await this.named('look', () => this.parts.io.lstat(this.at(name)), undefined);
    return facts !== undefined;
  }

  /** Milliseconds since 1970, by the clock of this host; undefined when it is gone. */
  async changedAtMs(name: string): Promise<number | undefined> {
    const facts = await this.named('look', () => this.parts.io.lstat(this.at(name)), undefined);
    return facts?.mtimeMs;
  }

  /** All of a file; undefined when it is gone, no bytes when it is no file of this user. */
  async read(name: string): Promise<Buffer | undefined> {
    return this.named('read', () => this.readNow(name), undefined);
  }

  /** Writes a file that nobody has written yet. @returns false, changing nothing, if somebody has */
  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.write(bytes, true, async (temporary) => {
      try {
        await this.parts.io.link(temporary, this.at(name));
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await this.parts.io.unlink(temporary).catch(() => undefined);
      }
      await this.flushFolder();
      return true;
    });
  }

  /** Writes a file in the place of what is there. What a crash of the host leaves of it may be old. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.write(bytes, false, async (temporary) => {
      try {
        await this.parts.io.rename(temporary, this.at(name));
      } catch (error) {
        await this.parts.io.unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Moves what is no file of ours out of the way, to be looked at. */
  async setAside(name: string): Promise<void> {
    const move = (): Promise<void> => this.parts.io.rename(this.at(name), this.at(REFUSED + name));
    await this.named('set a damaged file aside', move, undefined);
  }

  async remove(name: string): Promise<void> {
    await this.named('remove', () => this.parts.io.unlink(this.at(name)), undefined);
  }

  private async readNow(name: string): Promise<Buffer> {
    let handle: FileHandle | undefined;
    try {
      handle = await this.parts.io.open(this.at(name), READ);
      const facts = await handle.stat();
      return facts.isFile() && isTrusted(facts.uid) ? await handle.readFile() : NOTHING;
    } catch (error) {
      // A link, as Linux and the BSDs call it.
      if (codeOf(error) === 'ELOOP' || codeOf(error) === 'EMLINK') return NOTHING;
      throw error;
    } finally {
      await handle?.close();
    }
  }

  private async write<T>(
    bytes: Uint8Array,
    isDurable: boolean,
    give: (temporary: string) => Promise<T>,
  ): Promise<T> {
    const attempt = async (): Promise<T> => give(await this.writeTemporary(bytes, isDurable));
    try {
      await this.parts.ready();
      try {
        return await attempt();
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        await this.parts.ensure();
        return await attempt();
      }
    } catch (error) {
      throw fileFault(error, 'write', this.path);
    }
  }

  private async writeTemporary(bytes: Uint8Array, isDurable: boolean): Promise<string> {
    const { io } = this.parts;
    const path = this.at(TEMPORARY + randomUUID());
    const handle = await io.open(path, 'wx', OWN_FILE);
    try {
      await handle.writeFile(bytes);
      if (isDurable) await handle.sync();
    } catch (error) {
      await io.unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
    return path;
  }

  /** Until then a crash of the host may take the name away again. */
  private async flushFolder(): Promise<void> {
    // Windows cannot open a folder, and needs no such thing.
    if (process.platform === 'win32') return;
    const handle = await this.parts.io.open(this.path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** What is gone is no fault. */
  private async named<T, U>(doing: string, work: () => Promise<T>, otherwise: U): Promise<T | U> {
    try {
      await this.parts.ready();
      return await work();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return otherwise;
      throw fileFault(error, doing, this.path);
    }
  }

  private at(name: string): string {
    return join(this.path, name);
  }
}
