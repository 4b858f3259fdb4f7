/** `redis:` and `rediss:`, with `interop=posthog` under the names that PostHog's SDKs use. */
import { DEFAULT_CACHE_KEY, isCacheKey, namespaceOf } from '../../core/cache/cache-key.js';
import type { RecordBackend, RecordSettings } from '../../core/cache/record-backend.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { unknownParameters } from '../../core/given/unknown-parameters.js';
import { parseRedisUrl } from '../redis/redis-url.js';

const knownParameters: readonly string[] = ['key', 'interop'];

/** @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL. */
export function readRedisUrl(url: string): RecordBackend {
  parseRedisUrl(url);
  const unknown = unknownParameters(new URL(url), knownParameters);
  if (unknown !== undefined) {
    throw invalid(
      `The cache URL has a parameter that does not exist: ${unknown}. It may have: ${knownParameters.join(', ')}.`,
    );
  }
  const { searchParams } = new URL(url);
  const key = searchParams.get('key') ?? DEFAULT_CACHE_KEY;
  if (!isCacheKey(key)) {
    throw invalid(
      'The parameter key of the cache URL must have 1 to 100 letters, digits, or . : / - _, for example ?key=my-service.',
    );
  }
  const interop = searchParams.get('interop');
  if (interop !== null && interop !== 'posthog') {
    throw invalid(
      'The parameter interop of the cache URL must be posthog: the definitions then lie where workers with another PostHog SDK expect them, for example ?key=my-service&interop=posthog.',
    );
  }
  const open = interop === null ? openRedis : openInterop;
  return { open: (settings) => open(url, key, settings) };
}

/** The names are those of PostHog's examples: nothing of the project is in them. */
async function openInterop(
  url: string,
  service: string,
  { commandTimeoutMs, clock }: RecordSettings,
): Promise<RecordStore> {
  const { openInteropRecords } = await loadOrExplain(
    () => import('./interop-records.js'),
    'redis@4',
  );
  return openInteropRecords({ url, service, commandTimeoutMs, clock });
}

async function openRedis(
  url: string,
  key: string,
  { identity, ...settings }: RecordSettings,
): Promise<RecordStore> {
  const namespace = namespaceOf(key, identity);
  const { openRedisRecords } = await loadOrExplain(
    () => import('./redis-records.js'),
    'redis@4 cache-manager keyv@5 cache-manager-redis-yet',
  );
  return openRedisRecords({ url, namespace, ...settings });
}

async function loadOrExplain<T>(load: () => Promise<T>, packages: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new FlagsError(
      `The Redis cache could not be loaded, probably because a package is missing: npm install ${packages}.`,
      { code: 'invalid-options', cause },
    );
  }
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
