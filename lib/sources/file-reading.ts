/** One look into a file of definitions, and what is said when it cannot be read. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FetchFailure } from '../core/definitions/definition-source.js';
import { signatureOf } from './file-watch.js';
import { findJsonError } from './json-error.js';

const MAX_FILE_BYTES = 32 * 1024 * 1024;

export type FileReading =
  | { readonly kind: 'unchanged'; readonly etag: string; readonly signature: string }
  | {
      readonly kind: 'document';
      readonly body: unknown;
      readonly etag: string;
      readonly signature: string;
    }
  /** No JSON: written by hand with a mistake, or caught in the middle of a write. */
  | {
      readonly kind: 'broken';
      readonly etag: string;
      readonly signature: string;
      readonly failure: FetchFailure;
    }
  | { readonly kind: 'missing' | 'unreadable'; readonly failure: FetchFailure };

/** Reads the file once. `knownEtag` saves the parsing of what is known. */
export async function readDefinitionsFile(
  path: string,
  knownEtag: string | undefined,
): Promise<FileReading> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await readFrom(handle, path, knownEtag);
  } catch (error) {
    return failureToRead(path, error);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

async function readFrom(
  handle: FileHandle,
  path: string,
  knownEtag: string | undefined,
): Promise<FileReading> {
  const facts = await handle.stat({ bigint: true });
  if (!facts.isFile()) return unreadable(path, 'is no file but a directory or a device');
  if (facts.size > MAX_FILE_BYTES) {
    return unreadable(path, `has ${facts.size} bytes, and ${MAX_FILE_BYTES} is the most`);
  }
  const signature = signatureOf(facts);
  const bytes = await handle.readFile();
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  if (etag === knownEtag) return { kind: 'unchanged', etag, signature };
  const parsed = parse(bytes);
  if (parsed.ok) return { kind: 'document', body: parsed.body, etag, signature };
  const failure: FetchFailure = {
    code: 'invalid-definitions',
    message:
      `The definitions file ${path} is not JSON: ${parsed.problem}. Probably it was edited by hand, ` +
      'or was not written to its end. Correct it there; it is read again.',
  };
  return { kind: 'broken', etag, signature, failure };
}

function parse(
  bytes: Buffer,
):
  { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly problem: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, problem: 'it is not text in UTF-8' };
  }
  try {
    return { ok: true, body: JSON.parse(text) as unknown };
  } catch {
    if (text.trim() === '') return { ok: false, problem: 'it is empty' };
    const error = findJsonError(text);
    if (error === undefined) return { ok: false, problem: 'it cannot be parsed' };
    return { ok: false, problem: `line ${error.line}, column ${error.column}: ${error.problem}` };
  }
}

function failureToRead(path: string, error: unknown): FileReading {
  const { code = 'unknown reason' } = error as { readonly code?: string };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message =
      `There is no definitions file at ${path}. Probably the path is wrong (a relative one begins at the working ` +
      'directory of the process) or the file was not deployed. Correct the path, or put the file there.';
    return { kind: 'missing', failure: { code: 'unreadable', message } };
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable(path, `may not be read by the user of this process (${code})`);
  }
  return unreadable(path, `could not be read (${code})`);
}

function unreadable(path: string, problem: string): FileReading {
  const message = `The definitions file ${path} ${problem}. Check the path and what is there; it is read again.`;
  return { kind: 'unreadable', failure: { code: 'unreadable', message } };
}
