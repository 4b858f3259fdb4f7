/** `postgres:` and `postgresql:`. Of the parameters `key` is ours, the others are for `pg`. */
import { isCacheKey } from '../../core/cache/cache-key.js';
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { parsePostgresUrl } from '../postgres/postgres-url.js';

/** @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL. */
export function readPostgresUrl(url: string): RecordBackend {
  const { key } = parsePostgresUrl(url);
  if (key !== undefined && !isCacheKey(key)) {
    throw new FlagsError(
      'The parameter key of the cache URL must have 1 to 100 letters, digits, or . : / - _, for example ?key=my-service.',
      { code: 'invalid-options' },
    );
  }
  return {
    open: async (settings) => {
      const { postgresCache } = await import('../postgres/postgres-cache.js');
      return postgresCache(url).open(settings);
    },
  };
}
