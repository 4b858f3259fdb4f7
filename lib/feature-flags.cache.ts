/**
 * From the option `cache` to the cache: a URL, a provider with PostHog's contract, records with a
 * coordination, or a `Cache` of cache-manager that the app already has.
 */
import {
  CacheManagerRecordStore,
  type GivenCache,
} from './caches/cache-manager/cache-manager-record-store.js';
import { CACHE_URL_SCHEMES, readCacheUrl } from './caches/url/cache-url.js';
import {
  createSharedDefinitionCache,
  type SharedDefinitionCacheOptions,
  type SharedDefinitionCacheTimes,
} from './core/cache/create-shared-definition-cache.js';
import type { DefinitionCache } from './core/cache/definition-cache.js';
import {
  assertFlagDefinitionCacheProvider,
  type FlagDefinitionCacheProvider,
} from './core/cache/flag-definition-cache-provider.js';
import { MemoryDefinitionCache } from './core/cache/memory-definition-cache.js';
import { didYouMean } from './did-you-mean.js';
import type { OptionReport } from './option-report.js';

/** What the option takes. @publicApi */
export type CacheOption = string | FlagDefinitionCacheProvider | GivenCache;

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

const GIVEN_CACHE_KEY = 'flags';

const memory: CachePlan = { isShared: false, open: async () => new MemoryDefinitionCache() };

/** Reads the option; what is wrong with it goes into the report. */
export function planCache(value: unknown, report: OptionReport): CachePlan {
  if (value === undefined) return memory;
  try {
    if (typeof value === 'string') return planFromUrl(value, report);
    if (isRecords(value)) return planFromRecords(() => value);
    if (isGivenCache(value)) return planFromRecords((settings) => onGivenCache(value, settings));
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
  return {
    isShared: true,
    open: async (settings) => {
      const records = await read.open(settings);
      return createSharedDefinitionCache({ records }, settings);
    },
  };
}

function planFromRecords(
  make: (settings: CacheSettings) => SharedDefinitionCacheOptions,
): CachePlan {
  return {
    isShared: true,
    open: async (settings) => createSharedDefinitionCache(make(settings), settings),
  };
}

function onGivenCache(
  cache: GivenCache,
  { identity, clock }: CacheSettings,
): SharedDefinitionCacheOptions {
  const namespace = identity === undefined ? GIVEN_CACHE_KEY : `${GIVEN_CACHE_KEY}:${identity}`;
  return { records: new CacheManagerRecordStore(cache, namespace, clock) };
}

function isRecords(value: unknown): value is SharedDefinitionCacheOptions {
  return hasMethods(propertyOf(value, 'records'), ['readHead', 'readBody', 'publish', 'confirm']);
}

function isGivenCache(value: unknown): value is GivenCache {
  return hasMethods(value, ['get', 'set', 'del', 'wrap']);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof propertyOf(value, name) === 'function');
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
