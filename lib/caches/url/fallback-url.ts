/**
 * A fallback cache as a URL, in the grammar of PostHog's Python SDK with a few words more:
 * `memory://local/?ttl=300&size=10000`, `redis://user:password@host:6379/0/?ttl=300`. Times in the
 * URL are whole seconds, those that come out are milliseconds.
 */
import type { FallbackCache, FallbackSettings } from '../../core/remote/fallback-cache.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import { unknownParameters } from '../../core/given/unknown-parameters.js';
import { MemoryFallbackCache } from '../fallback/memory-fallback-cache.js';
import { DEFAULT_CACHE_KEY, isCacheKey, namespaceOf } from '../../core/cache/cache-key.js';
import { parseRedisUrl } from '../redis/redis-url.js';

/** What a backend is opened with. */
export interface FallbackOpening {
  /** Of the source: answers of other projects are not ours. Undefined: it has none. */
  readonly identity: string | undefined;
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
}

/** A fallback cache that was understood. */
export interface FallbackPlan {
  readonly settings: FallbackSettings;
  open(opening: FallbackOpening): FallbackCache | Promise<FallbackCache>;
}

export const FALLBACK_URL_SCHEMES: readonly string[] = ['memory:', 'redis:', 'rediss:'];

/** Where nothing else is said. */
export const defaultFallback = { ttlSeconds: 300, staleTtlSeconds: 3_600, size: 10_000 } as const;

const LONGEST_SECONDS = 30 * 24 * 3_600;
const LARGEST_SIZE = 10_000_000;
const parameters = {
  memory: ['ttl', 'staleTtl', 'serveFresh', 'size'],
  redis: ['ttl', 'staleTtl', 'serveFresh', 'key'],
} as const;

/**
 * Reads the URL.
 * @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL.
 */
export function readFallbackUrl(text: string): FallbackPlan {
  if (!URL.canParse(text)) {
    throw invalid(
      'cannot be read (it is not repeated here, for it may hold a password). Write it as memory://local/?ttl=300 or redis://user:password@host:6379/0?ttl=300.',
    );
  }
  const url = new URL(text);
  if (!FALLBACK_URL_SCHEMES.includes(url.protocol)) {
    throw invalid(
      `has the scheme ${url.protocol}, which is not known. There are ${FALLBACK_URL_SCHEMES.join(', ')}; or give an object with the methods read, write and clear.`,
    );
  }
  return url.protocol === 'memory:' ? memoryPlan(url) : redisPlan(url);
}

function memoryPlan(url: URL): FallbackPlan {
  const mistakes = mistakesInNames(url, parameters.memory);
  const settings = settingsIn(url, mistakes);
  const size = wholeNumber(url, 'size', defaultFallback.size, LARGEST_SIZE, mistakes);
  throwIfAny(mistakes);
  return { settings, open: () => new MemoryFallbackCache(size) };
}

function redisPlan(url: URL): FallbackPlan {
  const mistakes = mistakesInNames(url, parameters.redis);
  const settings = settingsIn(url, mistakes);
  const key = url.searchParams.get('key') ?? DEFAULT_CACHE_KEY;
  if (!isCacheKey(key)) {
    mistakes.push('a parameter key that is none: it must have 1 to 100 letters, digits, or . : / - _'); // prettier-ignore
  }
  throwIfAny(mistakes);
  const bare = new URL(url);
  bare.search = '';
  // PostHog writes a slash after the database.
  bare.pathname = bare.pathname.replace(/\/+$/, '');
  parseRedisUrl(bare.href);
  const keptMs = Math.max(settings.ttlMs, settings.staleTtlMs);
  return {
    settings,
    async open({ identity, commandTimeoutMs, clock }) {
      const { openRedisFallback } = await load();
      const namespace = namespaceOf(key, identity);
      return openRedisFallback({ url: bare.href, namespace, keptMs, commandTimeoutMs, clock });
    },
  };
}

async function load(): Promise<typeof import('./redis-fallback.js')> {
  try {
    return await import('./redis-fallback.js');
  } catch (cause) {
    throw new FlagsError(
      'The fallback cache in Redis could not be loaded, probably because a package is missing: npm install redis@4.',
      { code: 'invalid-options', cause },
    );
  }
}

function mistakesInNames(url: URL, known: readonly string[]): string[] {
  const unknown = unknownParameters(url, known);
  if (unknown === undefined) return [];
  return [
    `a parameter that does not exist: ${unknown}; with ${url.protocol} it may have ${known.join(', ')}`,
  ];
}

function settingsIn(url: URL, mistakes: string[]): FallbackSettings {
  const before = mistakes.length;
  const ttl = wholeNumber(url, 'ttl', defaultFallback.ttlSeconds, LONGEST_SECONDS, mistakes);
  const fallback = Math.max(ttl, defaultFallback.staleTtlSeconds);
  const staleTtl = wholeNumber(url, 'staleTtl', fallback, LONGEST_SECONDS, mistakes);
  if (mistakes.length === before && staleTtl < ttl) {
    mistakes.push(
      `a staleTtl of ${staleTtl} seconds, which is less than its ttl of ${ttl}: an answer would be fresh for longer than it may be used`,
    );
  }
  const serveFresh = url.searchParams.get('serveFresh') ?? 'false';
  if (serveFresh !== 'true' && serveFresh !== 'false') {
    mistakes.push('a parameter serveFresh that is neither true nor false');
  }
  return { ttlMs: ttl * 1_000, staleTtlMs: staleTtl * 1_000, serveFresh: serveFresh === 'true' };
}

/** What stands there instead of a number is never repeated: it may be anything, a password too. */
function wholeNumber(
  url: URL,
  name: string,
  fallback: number,
  most: number,
  mistakes: string[],
): number {
  const [text, ...others] = url.searchParams.getAll(name);
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (others.length > 0) mistakes.push(`its parameter ${name} more than once`);
  if (value >= 1 && value <= most) return value;
  const unit = name === 'size' ? '' : ' (seconds)';
  mistakes.push(`a parameter ${name} that is no whole number from 1 to ${most}${unit}`);
  return fallback;
}

function throwIfAny(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw invalid(`has ${mistakes.join('; and ')}.`);
}

function invalid(what: string): FlagsError {
  return new FlagsError(`The URL of the fallback cache ${what}`, { code: 'invalid-options' });
}
