/** Names what went wrong with the folder of a cache: what failed, where, why probably, what to do. */
import { FlagsError, isFlagsError } from '../../core/errors/flags-error.js';

const advice: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full: free some space, or choose a folder on another one'],
  ['EDQUOT', 'the quota of this user is used up: free some space, or raise it'],
  ['EACCES', 'the user of this process may not: give it the folder (chown), mode 700'],
  ['EPERM', 'the system does not allow it: give the folder to the user of this process, on a file system of Unix (with hard links)'], // prettier-ignore
  ['EROFS', 'the file system is read-only: choose a folder on one that can be written'],
  ['ENOENT', 'the folder is gone, and could not be made again: look at who removes it'],
  ['EEXIST', 'a file lies where the folder should be: remove it, or choose another path'],
  ['ENOTDIR', 'a part of the path is no folder: correct the path'],
  ['EMFILE', 'this process has too many files open: raise its limit (ulimit -n), or look for what leaks them'], // prettier-ignore
  ['ENFILE', 'the system has too many files open: raise its limit (fs.file-max)'],
  ['EIO', 'the disk reports an error: look at the log of the system'],
  ['ENAMETOOLONG', 'the path is too long: choose a shorter one'],
  ['EMLINK', 'the file system allows no more hard links: choose another one'],
  ['ENOTSUP', 'the file system has no hard links: choose a folder on another one'],
  ['EOPNOTSUPP', 'the file system has no hard links: choose a folder on another one'],
  ['ENOSYS', 'the file system cannot do this: choose a folder on another one'],
  ['ESTALE', 'the folder is on a server that has forgotten it: mount it again'],
]);

/** @param doing what failed, to stand after "The file cache could not", e.g. `read the head` */
export function fileFault(error: unknown, doing: string, where: string): FlagsError {
  if (isFlagsError(error)) return error;
  const code = codeOf(error);
  const why = advice.get(code ?? '') ?? 'look at the folder and at the log of the system';
  const facts = code === undefined ? '' : ` (${code})`;
  return new FlagsError(`The file cache could not ${doing} in ${where}${facts}: ${why}.`, {
    code: 'cache-unavailable',
    cause: error,
  });
}

/** The system's name of what went wrong; undefined when it is no error of the system. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = Object(error) === error ? Reflect.get(error as object, 'code') : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
