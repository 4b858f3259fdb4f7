/** A `file:` URL of a cache, read: `file:///var/lib/my-app/flags?key=my-service`. */
import { fileURLToPath } from 'node:url';
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { unknownParameters } from '../../core/given/unknown-parameters.js';
import { fileCache, type FileCacheOptions } from '../file/file-cache.js';

const knownParameters: readonly string[] = ['key', 'onNetworkFolder'];

/** @throws FlagsError `invalid-options` that says what is wrong. */
export function readFileUrl(text: string): RecordBackend {
  const folder = folderOf(text);
  const url = new URL(text);
  const unknown = unknownParameters(url, knownParameters);
  if (unknown !== undefined) {
    throw invalid(
      `The cache URL has a parameter that does not exist: ${unknown}. It may have: ${knownParameters.join(', ')}.`,
    );
  }
  const backend = fileCache(folder, Object.fromEntries(url.searchParams) as FileCacheOptions);
  const { mistakes = [] } = backend;
  if (mistakes.length > 0) throw invalid(`In the cache URL ${mistakes.join(' ')}`);
  return backend;
}

function folderOf(text: string): string {
  // `file:flags` and `file://flags` are read as something else than what was meant.
  if (!/^file:\/\/\/[^?#]/i.test(text)) throw unreadable();
  try {
    const url = new URL(text);
    url.search = '';
    return fileURLToPath(url);
  } catch {
    throw unreadable();
  }
}

function unreadable(): FlagsError {
  return invalid(
    'The URL of the file cache cannot be read. Write it with three slashes and an absolute path, file:///var/lib/my-app/flags?key=my-service; special characters in the path must be percent-encoded.',
  );
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
