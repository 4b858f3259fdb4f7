/** `postgres:` and `postgresql:`. Read at once; the backend is loaded when it is opened. */
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { parsePostgresUrl } from '../postgres/postgres-url.js';

/** @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL. */
export function readPostgresUrl(url: string): RecordBackend {
  parsePostgresUrl(url);
  return {
    open: async (settings) => {
      const { postgresCache } = await import('../postgres/postgres-cache.js');
      return postgresCache(url).open(settings);
    },
  };
}
