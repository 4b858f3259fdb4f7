/**
 * From the option `cache` to the cache: a URL, a provider with PostHog's contract, records with or
 * without a coordination, or a `Cache` of cache-manager that the app already has.
 */
import { isMeantAsParts, readCacheParts } from './cache-parts.js';
import { mistakeInScheme } from './cache-scheme.js';
import type { GivenCache } from '../caches/cache-manager/cache-manager-record-store.js';
import { givenCache, isGivenCache } from '../caches/given/given-cache.js';
import { CACHE_URL_SCHEMES, readCacheUrl } from '../caches/url/cache-url.js';
import {
  openSharedDefinitionCache,
  type ReadCacheOptions,
  type SharedDefinitionCacheOptions,
  type SharedDefinitionCacheTimes,
} from '../core/cache/create-shared-definition-cache.js';
import type { DefinitionCache } from '../core/cache/definition-cache.js';
import {
  assertFlagDefinitionCacheProvider,
  type FlagDefinitionCacheProvider,
} from '../core/cache/flag-definition-cache-provider.js';
import { MemoryDefinitionCache } from '../core/cache/memory-definition-cache.js';
import type { RecordBackend } from '../core/cache/record-backend.js';
import { messageOf } from '../core/errors/message-of.js';
import { hasMethod } from '../core/given/given-value.js';
import type { OptionReport } from './option-report.js';

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

const memory: CachePlan = { isShared: false, open: async () => new MemoryDefinitionCache() };
/** The same, where nobody has asked for it: the log says so. */
const unset: CachePlan = { isShared: false, open: async () => new MemoryDefinitionCache(false) };

/** Reads the option; what is wrong with it goes into the report. */
export function planCache(value: unknown, report: OptionReport): CachePlan {
  if (value === undefined) return unset;
  try {
    if (typeof value === 'string') return planFromUrl(value, report);
    if (isMeantAsParts(value)) return planFromParts(value, report);
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
    report.mistake('cache', messageOf(error));
    return memory;
  }
}

function planFromUrl(url: string, report: OptionReport): CachePlan {
  const mistake = mistakeInScheme(url, {
    schemes: CACHE_URL_SCHEMES,
    otherwise: 'a provider object',
  });
  if (mistake !== undefined) {
    report.mistake('cache', mistake);
    return memory;
  }
  const read = readCacheUrl(url);
  if (read.kind === 'memory') return memory;
  return planOf({ records: read });
}

function planFromParts(value: unknown, report: OptionReport): CachePlan {
  const parts = readCacheParts(value, report);
  return parts === undefined ? memory : planOf(parts);
}

function planOf(options: ReadCacheOptions): CachePlan {
  return { isShared: true, open: (settings) => openSharedDefinitionCache(options, settings) };
}

function isRedisClient(value: unknown): boolean {
  return hasMethod(value, 'on') && (hasMethod(value, 'sendCommand') || hasMethod(value, 'call'));
}
