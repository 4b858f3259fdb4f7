/**
 * Definitions in a folder, for the processes of one host: a cluster of Node, several services on a
 * machine, a process that starts again and should not wait for PostHog. Nothing has to run and no
 * package is needed. The processes run as one user, and the folder is theirs alone.
 */
import { isAbsolute, resolve } from 'node:path';
import { DEFAULT_CACHE_KEY, isCacheKey } from '../../core/cache/cache-key.js';
import type { RecordBackend } from '../../core/cache/record-backend.js';

/** @publicApi */
export interface FileCacheOptions {
  /**
   * Tells apps apart that use one folder: 1 to 100 letters, digits, or . : / - _. Projects are told
   * apart by themselves. It is `?key=` of a cache URL.
   * @default 'default'
   */
  readonly key?: string;
  /**
   * What to do with a folder on another machine (NFS, SMB, FUSE …), where several hosts may not see
   * at once what the others have written: `refuse` stops the start, `best-effort` uses it with less
   * than a promise, which the log says.
   * @default 'refuse'
   */
  readonly onNetworkFolder?: OnNetworkFolder;
  /** False: the folder is not watched, and changes are found at the next check. @default true */
  readonly push?: boolean;
}

/** @publicApi */
export type OnNetworkFolder = 'refuse' | 'best-effort';

const optionNames = [
  'key',
  'onNetworkFolder',
  'push',
] as const satisfies readonly (keyof FileCacheOptions)[];

const networkChoices: readonly unknown[] = [undefined, 'refuse', 'best-effort'];

/**
 * For the option `cache`: `fileCache('/var/lib/my-app/flags')`. Never throws; what is wrong with
 * the options is reported at start, together with all other mistakes, and so is a folder that
 * others could write.
 * @param folder is made when it is missing, for this user alone.
 * @publicApi
 */
export function fileCache(folder: string, options: FileCacheOptions = {}): RecordBackend {
  const mistakes = mistakesIn(folder, options);
  const { key = DEFAULT_CACHE_KEY, onNetworkFolder, push = true } = options;
  return {
    mistakes,
    open: async (settings) => {
      // The mistakes were reported before; this is for who calls it all the same.
      if (mistakes.length > 0) throw new TypeError(mistakes.join(' '));
      const allowsNetwork = onNetworkFolder === 'best-effort';
      const parts = { folder: resolve(folder), key, allowsNetwork, push };
      const { openFileRecords } = await import('./open-file-records.js');
      return openFileRecords(parts, settings);
    },
  };
}

function mistakesIn(folder: unknown, options: FileCacheOptions): string[] {
  const known: readonly string[] = optionNames;
  const mistakes = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `fileCache has no option ${name}. There are ${known.join(', ')}.`);
  if (typeof folder !== 'string' || !isAbsolute(folder) || folder.includes('\0')) {
    mistakes.push(
      "the folder of fileCache must be an absolute path, which is the same for all processes, for example fileCache('/var/lib/my-app/flags').",
    );
  }
  if (options.key !== undefined && !isCacheKey(options.key)) {
    mistakes.push(
      "the option key of fileCache must have 1 to 100 letters, digits, or . : / - _, for example { key: 'my-service' }.",
    );
  }
  if (!networkChoices.includes(options.onNetworkFolder)) {
    mistakes.push("the option onNetworkFolder of fileCache must be 'refuse' or 'best-effort'.");
  }
  return mistakes;
}
