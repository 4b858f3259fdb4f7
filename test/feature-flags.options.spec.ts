import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { MemoryFallbackCache } from '../lib/caches/fallback/memory-fallback-cache.js';
import { createCache } from 'cache-manager';
import { MemoryDefinitionCache } from '../lib/core/cache/memory-definition-cache.js';
import { MemoryRecordStore } from '../lib/core/cache/memory-record-store.js';
import { SharedDefinitionCache } from '../lib/core/cache/shared-definition-cache.js';
import { resolveOptions } from '../lib/options/feature-flags.resolved-options.js';
import { isFlagsError } from '../lib/index.js';
import { ManualClock } from '../lib/testing/manual-clock.js';
import { MutableSource } from './support/mutable-source.js';

const source = new MutableSource();

/** What the option `cache` opens. */
function opened(cache: unknown): Promise<unknown> {
  return resolveOptions({ source, cache }).cache.open({
    identity: undefined,
    commandTimeoutMs: 100,
    clock: new ManualClock(),
    random: () => 0.5,
    intervalMs: 30_000,
    jitter: 0.1,
    checkMs: 5_000,
    leaseMs: 12_000,
  });
}

/** What is said about wrong options, mistake by mistake. */
function mistakesOf(options: unknown): string[] {
  const error = errorOf(options);
  expect(isFlagsError(error) && error.code).toBe('invalid-options');
  const [first, ...mistakes] = String((error as Error).message).split('\n');
  expect(first).toMatch(/^FeatureFlagsModule: (1 option is|\d+ options are) wrong\.$/);
  const numbers = mistakes.map((mistake) => /^ {2}(\d+)\. /.exec(mistake)?.[1]);
  expect(numbers).toEqual(mistakes.map((_, index) => String(index + 1)));
  return mistakes.map((mistake) => mistake.replace(/^ +\d+\. /, ''));
}

function errorOf(options: unknown): unknown {
  try {
    return resolveOptions(options);
  } catch (error) {
    return error;
  }
}

describe('options left out', () => {
  it('have their documented defaults', () => {
    const { cache, logger, ...resolved } = resolveOptions({ source });
    expect(cache.isShared).toBe(false);
    expect(logger).toBeInstanceOf(Logger);
    expect(resolved).toEqual({
      source,
      polling: { enabled: true },
      refresh: {
        intervalMs: 30_000,
        checkMs: 5_000,
        jitter: 0.1,
        cacheTimeoutMs: 1_000,
        fetchTimeoutMs: 65_000,
        coldWaitMs: 2_000,
        confirmDropAbove: 0.5,
        onQuotaExceeded: 'keep',
        compile: {},
      },
      initialLoadTimeoutMs: 3_000,
      context: undefined,
      contextTiming: 'first-use',
      observers: [],
    });
  });

  it('let an instance look no less often than the fleet refreshes', () => {
    expect(resolveOptions({ source, polling: { intervalMs: 200 } }).refresh.checkMs).toBe(200);
  });
});

describe('options that are written', () => {
  it('arrive, and are not changed', () => {
    const observer = { onEvent: () => undefined };
    const logger = { log: () => undefined, warn: () => undefined, error: () => undefined };
    const context = () => undefined;
    const written = Object.freeze({
      source,
      cache: 'memory:',
      cacheTimeoutMs: 500,
      polling: Object.freeze({ intervalMs: 1_000, checkMs: 250, jitter: 0, enabled: false }),
      initialLoadTimeoutMs: 0,
      confirmDropAbove: 1,
      onQuotaExceeded: 'clear',
      context,
      contextTiming: 'before-guards',
      evaluationContexts: Object.freeze(['web']),
      compat: 'posthog-node',
      observers: Object.freeze([observer]),
      logger,
    });
    expect(resolveOptions(written)).toMatchObject({
      polling: { enabled: false },
      refresh: {
        intervalMs: 1_000,
        checkMs: 250,
        jitter: 0,
        cacheTimeoutMs: 500,
        confirmDropAbove: 1,
        onQuotaExceeded: 'clear',
        compile: { compat: 'posthog-node', evaluationContexts: ['web'] },
      },
      initialLoadTimeoutMs: 0,
      context,
      contextTiming: 'before-guards',
      observers: [observer],
      logger,
    });
  });

  it('take a provider object as it is, one written for posthog-node included', async () => {
    const cache = {
      getFlagDefinitions: () => undefined,
      shouldFetchFlagDefinitions: () => true,
      onFlagDefinitionsReceived: () => undefined,
      shutdown: () => undefined,
    };
    expect(await opened(cache)).toBe(cache);
  });

  it.each([['memory:'], ['memory://'], ['MEMORY:']])('take the cache URL %s', async (cache) => {
    expect(await opened(cache)).toBeInstanceOf(MemoryDefinitionCache);
  });

  it('take records, which are shared under claims that bound a fetch', async () => {
    const records = new MemoryRecordStore(new ManualClock());
    const { cache, refresh } = resolveOptions({ source, cache: { records } });
    expect([cache.isShared, refresh.fetchTimeoutMs]).toEqual([true, 10_000]);
    expect(await opened({ records })).toBeInstanceOf(SharedDefinitionCache);
  });

  it('take a cache of cache-manager, which is shared without claims', async () => {
    expect(await opened(createCache())).toBeInstanceOf(SharedDefinitionCache);
  });
});

describe('options that are wrong', () => {
  it('are told all at once, numbered, each with what was got, expected and to do', () => {
    const options = {
      polling: { intervalMs: 5, jiter: 0.1, enabled: 'false' },
      initialLoadTimeout: 3_000,
      onQuotaExceeded: 'clera',
      cache: 'memcached://:secret@cache.example/0',
    };
    expect(mistakesOf(options)).toEqual([
      expect.stringMatching(
        /^initialLoadTimeout: there is no such option\. Did you mean "initialLoadTimeoutMs"\? There are source, cache, /,
      ),
      'source: got undefined, expected a definition source. Pass, for example, new PostHogDefinitionSource({ projectApiKey, secretKey }) or new FileDefinitionSource(path).',
      'cache: got a URL with the scheme memcached:, expected one of memory:, redis:, rediss:, postgres:, postgresql:, dynamodb:, file: or a provider object.',
      'polling.jiter: there is no such option. Did you mean "jitter"? There are intervalMs, checkMs, jitter, enabled.',
      'polling.intervalMs: got 5, expected a number of milliseconds from 100 to 86400000. Leave it out for 30000.',
      "polling.enabled: got 'false', expected true or false. An environment variable is text: convert it.",
      "onQuotaExceeded: got 'clera', expected 'keep' or 'clear'. Did you mean \"clear\"?",
    ]);
  });

  it.each(
    (
      [
        [{ source: undefined }, 'source: got undefined'],
        [{ source: null }, 'source: got null'],
        [
          { source: MutableSource },
          'source: got the function or class MutableSource, expected a definition source. Pass an instance, not the class.',
        ],
        [{ source: {} }, 'source: got a value of the kind object'],
        [{ source: { fetch: () => undefined } }, 'source: got a value of the kind object'],
        [{ polling: 30_000 }, 'polling: got 30000, expected an object with intervalMs'],
        [
          { polling: { intervalMs: '30000' } },
          "polling.intervalMs: got '30000', expected a number of milliseconds",
        ],
        [{ polling: { intervalMs: Number.NaN } }, 'polling.intervalMs: got NaN'],
        [{ polling: { intervalMs: Infinity } }, 'polling.intervalMs: got Infinity'],
        [
          { polling: { intervalMs: 1_000, checkMs: 2_000 } },
          'polling.checkMs: got 2000, which is more than polling.intervalMs (1000)',
        ],
        [{ polling: { jitter: 0.6 } }, 'polling.jitter: got 0.6, expected a share from 0 to 0.5'],
        [{ confirmDropAbove: 50 }, 'confirmDropAbove: got 50, expected a share from 0 to 1'],
        [{ confirmDropAbove: false }, 'confirmDropAbove: got false, expected a share'],
        [{ cacheTimeoutMs: -1 }, 'cacheTimeoutMs: got -1'],
        [{ cache: 'memory' }, 'cache: got a text without a scheme'],
        [{ cache: 'memroy:' }, 'Did you mean "memory:"?'],
        [
          { cache: 'constructor:' },
          'cache: got a URL with a scheme that is not known, expected one of memory:',
        ],
        [
          { cache: 'user:password@host' },
          'cache: got a URL with a scheme that is not known, expected one of memory:',
        ],
        [
          { fallbackCache: { cache: new MemoryFallbackCache(1), ttlMs: 0 } },
          'fallbackCache.ttlMs: got 0, expected a number of milliseconds from 1',
        ],
        [
          { fallbackCache: { cache: new MemoryFallbackCache(1), ttlMs: 9, staleTtlMs: 8 } },
          'fallbackCache.staleTtlMs: got 8, expected a number of milliseconds from 9',
        ],
        [
          { fallbackCache: { cache: new MemoryFallbackCache(1), serveFresh: 1 } },
          'fallbackCache.serveFresh: got 1',
        ],
        [
          { fallbackCache: { cache: new MemoryFallbackCache(1), ttl: 9 } },
          'fallbackCache.ttl: there is no such option.',
        ],
        [
          { fallbackCache: { cache: {} } },
          'fallbackCache: got a value of the kind object, expected a URL',
        ],
        [
          { fallbackCache: 'hunter2:x@host/0?ttl=3' },
          'fallbackCache: got a URL with a scheme that is not known, expected one of memory:, redis:, rediss: or',
        ],
        [
          { cache: 'localhost:4990' },
          'cache: got a host and a port without a scheme, expected one of memory:, redis:, rediss:, postgres:, postgresql:, dynamodb:, file: or a provider object. Did you mean "redis://localhost:4990"?',
        ],
        [{ cache: 'redis:6379' }, 'Did you mean "redis://redis:6379"?'],
        [{ cache: '10.0.0.5:6379/0' }, 'Did you mean "redis://10.0.0.5:6379"?'],
        [{ cache: 'redis://localhost:4990/zero' }, 'cache: The database in the URL'],
        [
          { cache: { getFlagDefinitions: () => undefined } },
          'shouldFetchFlagDefinitions() is missing; onFlagDefinitionsReceived() is missing; shutdown() is missing',
        ],
        [{ cache: null }, 'cache: A flag definition cache provider must be an object'],
        [{ initialLoadTimeoutMs: 600_001 }, 'initialLoadTimeoutMs: got 600001'],
        [
          { context: { distinctId: 'ada' } },
          'context: got a value of the kind object, expected a function of the ExecutionContext',
        ],
        [{ context: 'user' }, 'context: got a text of 4 letters, expected a function'],
        [
          { contextTiming: 'before' },
          "contextTiming: got 'before', expected 'first-use' or 'before-guards'",
        ],
        [
          { evaluationContexts: 'web' },
          'evaluationContexts: got a text of 3 letters, expected a list of names',
        ],
        [
          { evaluationContexts: ['web', ''] },
          'evaluationContexts[1]: got a text of 0 letters, expected names',
        ],
        [{ compat: 'posthog' }, "compat: got 'posthog', expected 'posthog-node'."],
        [
          { observers: [() => undefined] },
          'observers[0]: got a function, expected objects with the method onEvent',
        ],
        [{ observers: {} }, 'observers: got a value of the kind object'],
        [
          { logger: { log: () => undefined } },
          'logger: got a value of the kind object, expected an object with the methods log, warn and error; warn, error missing.',
        ],
        [{ isGlobal: false }, 'isGlobal: there is no such option'],
      ] as [object, string][]
    ).map(([wrong, message]) => ({ wrong, message })),
  )('$message', ({ wrong, message }) => {
    expect(mistakesOf({ source, ...wrong })).toEqual([expect.stringContaining(message)]);
  });

  it.each([undefined, null, {}])('%p misses a source', (options) => {
    expect(mistakesOf(options)).toEqual([expect.stringContaining('source: got undefined')]);
  });

  it.each([
    ['a text', 'x'],
    ['a list', []],
    ['a number', 7],
  ])('%s is no options object', (_what, options) => {
    expect(mistakesOf(options)[0]).toContain('expected an object with source, cache');
  });

  it('do not print what may be a secret', () => {
    const secret = 'phs_abcdefghijklmnop';
    const said = mistakesOf({
      source: secret,
      cache: `redis://:${secret}@host?kye=x`,
      [`secretKey`]: secret,
      logger: secret,
      context: `${secret}/x`,
    }).join('\n');
    expect(said).not.toContain('phs_');
  });
});
