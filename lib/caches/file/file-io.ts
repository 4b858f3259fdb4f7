/**
 * What is asked of the file system, so that a test can come between any two steps: kill the
 * process there, or let the disk be full.
 */
import * as fs from 'node:fs/promises';

export type FileIo = Pick<
  typeof fs,
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'realpath'
  | 'rename'
  | 'stat'
  | 'statfs'
  | 'unlink'
>;

export const systemIo: FileIo = fs;
