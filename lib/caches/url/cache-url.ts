/**
 * A cache as a URL: `memory:`, `redis://host:6379/0?key=my-service`, `rediss://…`. Read at once,
 * so that a mistake is told with all the others; the backend is loaded when it is opened.
 */
import type { RecordStore } from '../../core/cache/record-store.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import { parseRedisUrl } from '../redis/redis-url.js';

/** What a backend is opened with. */
export interface OpenSettings {
  /** Belongs to the source: caches of other projects have other keys. */
  readonly identity: string | undefined;
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
}

/** A cache URL that was understood. */
export type CacheUrl =
  | { readonly kind: 'memory' }
  | { readonly kind: 'shared'; open(settings: OpenSettings): Promise<RecordStore> };

/** @publicApi */
export const CACHE_URL_SCHEMES: readonly string[] = ['memory:', 'redis:', 'rediss:'];

const knownParameters: ReadonlySet<string> = new Set(['key']);
const DEFAULT_KEY = 'default';

/**
 * Reads a cache URL.
 * @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL.
 */
export function readCacheUrl(url: string): CacheUrl {
  if (/^memory:(\/\/)?$/i.test(url)) return { kind: 'memory' };
  parseRedisUrl(url);
  const { searchParams } = new URL(url);
  const unknown = [...searchParams.keys()].filter((name) => !knownParameters.has(name));
  if (unknown.length > 0) {
    throw invalid(
      `The cache URL has a parameter that does not exist: ${unknown.join(', ')}. It may have: ${[...knownParameters].join(', ')}.`,
    );
  }
  const key = searchParams.get('key') ?? DEFAULT_KEY;
  if (!/^[\w.:/-]{1,100}$/.test(key)) {
    throw invalid(
      'The parameter key of the cache URL must have 1 to 100 letters, digits, or . : / - _, for example ?key=my-service.',
    );
  }
  return { kind: 'shared', open: (settings) => openRedis(url, key, settings) };
}

async function openRedis(
  url: string,
  key: string,
  { identity, ...settings }: OpenSettings,
): Promise<RecordStore> {
  const namespace = identity === undefined ? key : `${key}:${identity}`;
  const { openRedisRecords } = await loadRedis();
  return openRedisRecords({ url, namespace, ...settings });
}

async function loadRedis(): Promise<typeof import('./redis-records.js')> {
  try {
    return await import('./redis-records.js');
  } catch (cause) {
    throw new FlagsError(
      'The Redis cache could not be loaded, probably because a package is missing: npm install redis@4 cache-manager keyv@5 cache-manager-redis-yet.',
      { code: 'invalid-options', cause },
    );
  }
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
