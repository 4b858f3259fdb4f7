/**
 * From the option `cache` to the cache: a URL, a provider with PostHog's contract, records with or
 * without a coordination, or a `Cache` of cache-manager that the app already has.
 */
import type { GivenCache } from './caches/cache-manager/cache-manager-record-store.js';
import { givenCache } from './caches/given/given-cache.js';
import { CACHE_URL_SCHEMES, readCacheUrl } from './caches/url/cache-url.js';
import {
  openSharedDefinitionCache,
  type SharedDefinitionCacheOptions,
  type SharedDefinitionCacheTimes,
} from './core/cache/create-shared-definition-cache.js';
import type { DefinitionCache } from './core/cache/definition-cache.js';
import {
  assertFlagDefinitionCacheProvider,
  type FlagDefinitionCacheProvider,
} from './core/cache/flag-definition-cache-provider.js';
import { MemoryDefinitionCache } from './core/cache/memory-definition-cache.js';
import { isRecordBackend, type RecordBackend } from './core/cache/record-backend.js';
import { didYouMean } from './did-you-mean.js';
import { describe, type OptionReport } from './option-report.js';

/** What the option takes. @publicApi */
export type CacheOption =
  string | FlagDefinitionCacheProvider | RecordBackend | SharedDefinitionCacheOptions | GivenCache;

/** A cache that was understood, and is opened when the app starts. */
export interface CachePlan {
  /** Whether claims with a lease bound the time of a fetch. */
  readonly isShared: boolean;
  open(settings: CacheSettings): Promise<FlagDefinitionCacheProvider | DefinitionCache>;
}

export interface CacheSettings extends SharedDefinitionCacheTimes {
  /** Tells projects apart that share a cache; from the source. */
  readonly identity: string | undefined;
  readonly commandTimeoutMs: number;
}

const partNames = [
  'records',
  'coordination',
  'maxBodyBytes',
] as const satisfies readonly (keyof SharedDefinitionCacheOptions)[];

const memory: CachePlan = { isShared: false, open: async () => new MemoryDefinitionCache() };

/** Reads the option; what is wrong with it goes into the report. */
export function planCache(value: unknown, report: OptionReport): CachePlan {
  if (value === undefined) return memory;
  try {
    if (typeof value === 'string') return planFromUrl(value, report);
    if (isRecordBackend(value)) return planFromParts({ records: value }, report);
    if (propertyOf(value, 'records') !== undefined) return planFromParts(value, report);
    if (isGivenCache(value)) return planOf({ records: givenCache(value) });
    if (isRedisClient(value)) {
      report.mistake(
        'cache',
        `got a Redis client as it is. Write cache: redisCache(client, { key: 'my-service' }), from nestjs-feature-flags/caches/redis.`,
      );
      return memory;
    }
    assertFlagDefinitionCacheProvider(value);
    return { isShared: false, open: async () => value };
  } catch (error) {
    report.mistake('cache', error instanceof Error ? error.message : String(error));
    return memory;
  }
}

function planFromUrl(url: string, report: OptionReport): CachePlan {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  if (scheme === undefined || !CACHE_URL_SCHEMES.includes(scheme)) {
    const got =
      scheme === undefined ? 'a text without a scheme' : `a URL with the scheme ${scheme}`;
    report.mistake(
      'cache',
      `got ${got}, expected one of ${CACHE_URL_SCHEMES.join(', ')} or a provider object.${didYouMean(scheme ?? '', CACHE_URL_SCHEMES)}`,
    );
    return memory;
  }
  const read = readCacheUrl(url);
  if (read.kind === 'memory') return memory;
  return planOf({ records: read });
}

/** Records and who fetches, as an app composes them. */
function planFromParts(value: unknown, report: OptionReport): CachePlan {
  const written = report.record('cache', value, partNames);
  const { records, coordination, maxBodyBytes } = written as Partial<SharedDefinitionCacheOptions>;
  const isBackend = isRecordBackend(records);
  if (!isBackend && !hasMethods(records, ['readHead', 'readBody', 'publish', 'confirm', 'close'])) {
    report.mistake(
      'cache.records',
      `got ${describe(records)}, expected a store of records, or for example redisCache(client).`,
    );
    return memory;
  }
  for (const mistake of (isBackend && records.mistakes) || []) report.mistake('cache', mistake);
  if (coordination !== undefined && typeof coordination !== 'function') {
    report.mistake(
      'cache.coordination',
      `got ${describe(coordination)}, expected for example claimed() or leased().`,
    );
  }
  const range = { min: 1, max: 1_073_741_824, fallback: 33_554_432 };
  report.number('cache.maxBodyBytes', maxBodyBytes, range, 'a number of bytes');
  return planOf(written as unknown as SharedDefinitionCacheOptions);
}

function planOf(options: SharedDefinitionCacheOptions): CachePlan {
  return { isShared: true, open: (settings) => openSharedDefinitionCache(options, settings) };
}

function isGivenCache(value: unknown): value is GivenCache {
  return hasMethods(value, ['get', 'set', 'del', 'wrap']);
}

function isRedisClient(value: unknown): boolean {
  return hasMethods(value, ['sendCommand', 'on']) || hasMethods(value, ['call', 'on']);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof propertyOf(value, name) === 'function');
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
