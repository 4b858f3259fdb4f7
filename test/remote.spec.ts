/** Remote evaluation and its fallback cache as an app has them: the module, `/flags`, a real Redis. */
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryFallbackCache } from '../lib/caches/fallback/memory-fallback-cache.js';
import { FeatureFlagsModule, FlagsService, PostHogRemoteEvaluator } from '../lib/index.js';
import type { FallbackCache, FeatureFlagsModuleOptions, KnownAnswer } from '../lib/index.js';
import { eventually } from './setup/free-port.mjs';
import { DefinitionsServer } from './support/definitions-server.js';
import { definitionsOf, on, unresolvable } from './support/flag-definitions.js';
import { KeptLog } from './support/kept-log.js';
import { MutableSource } from './support/mutable-source.js';
import { planted } from './support/planted.js';
import { RedisServer } from './support/redis-server.js';

let posthog: DefinitionsServer;
let log: KeptLog;
const apps: INestApplicationContext[] = [];

beforeEach(async () => {
  posthog = await new DefinitionsServer().start();
  posthog.flags = () => ({
    body: { flags: { open: { enabled: true }, other: { enabled: false } } },
  });
  log = new KeptLog();
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await posthog.close();
});

async function start(
  options: Partial<FeatureFlagsModuleOptions> = {},
  definitions = definitionsOf(on('on'), unresolvable('open'), unresolvable('other')),
): Promise<FlagsService> {
  const { host, projectApiKey } = posthog;
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new MutableSource(definitions),
        // A busy machine is not to be taken for a server that hangs.
        remote: new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs: 30_000 }),
        logger: log,
        polling: { enabled: false },
        cacheTimeoutMs: 30_000,
        ...options,
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  apps.push(app);
  return app.get(FlagsService);
}

const ada = { distinctId: planted.distinctId, personProperties: { email: planted.value } };
const keysAsked = () => {
  return posthog.flagRequests.map(({ body }) => Reflect.get(Object(body), 'flag_keys_to_evaluate'));
};

describe('a thousand evaluations at once', () => {
  it('of one person are one question', async () => {
    const flags = await start();
    const asked = Array.from({ length: 1_000 }, () => flags.isEnabled('open', { ...ada }));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
    expect(posthog.flagRequests).toHaveLength(1);
  });

  it('of as many persons at a server that hangs are few questions, and all end', async () => {
    posthog.flags = () => ({ fault: 'no-headers' });
    const { host, projectApiKey } = posthog;
    const remote = new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs: 300 });
    const flags = await start({ remote });
    const persons = Array.from({ length: 1_000 }, (_, id) => ({ ...ada, distinctId: `${id}` }));
    const ends = await Promise.all(persons.map((person) => flags.evaluate('open', person)));
    expect(ends.every(({ value }) => value === undefined)).toBe(true);
    // 50 at a time, and 5 that fail before the breaker opens.
    expect(posthog.flagRequests.length).toBeLessThanOrEqual(55);
    expect(log.warned).toHaveLength(1);
  });
});

describe('all flags', () => {
  it('are those of the server where the definitions have none, as posthog-node asks', async () => {
    const flags = await start({}, definitionsOf());
    expect([...(await flags.evaluateAll(ada)).keys()]).toEqual(['open', 'other']);
    expect(keysAsked()).toEqual([undefined]);
  });

  it('of no name are none, and nobody is asked', async () => {
    const flags = await start();
    expect((await flags.evaluateAll(ada, [])).size).toBe(0);
    expect(posthog.flagRequests).toEqual([]);
  });

  it('keep what is decided here, whatever the server says of it', async () => {
    posthog.flags = () => ({ body: { featureFlags: { on: false, open: true, stranger: true } } });
    const flags = await start();
    const all = await flags.evaluateAll(ada);
    expect([...all].map(([key, { value, origin }]) => [key, value, origin])).toEqual([
      ['on', true, 'local'],
      ['open', true, 'remote'],
      ['other', undefined, 'local'],
    ]);
  });

  it('that are for clients only are not asked for: a server would not be told', async () => {
    const forClients = { ...unresolvable('for-clients'), evaluation_runtime: 'client' };
    const flags = await start({}, definitionsOf(on('on'), forClients));
    expect((await flags.evaluateAll(ada)).get('for-clients')?.value).toBeUndefined();
    expect((await flags.evaluate('for-clients', ada)).value).toBeUndefined();
    expect(posthog.flagRequests).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([
    ['on', 'local', undefined],
    ['open', 'remote', 0],
    ['none', 'default', undefined],
  ] as const)('of the flag %s says that it is from: %s', async (key, origin, ageMs) => {
    const flags = await start();
    const evaluation = await flags.evaluate(key, ada, { default: 'blue' });
    expect(evaluation).toMatchObject({ origin, reason: expect.any(String) });
    expect(evaluation.ageMs).toBe(ageMs);
  });
});

describe('a fallback cache of the app', () => {
  it('is written, asked when the server fails, and cleared when the quota is used up', async () => {
    const kept = new Map<string, ReadonlyMap<string, KnownAnswer>>();
    const calls: string[] = [];
    const fallbackCache: FallbackCache = {
      description: 'a map',
      read: (person) => {
        calls.push('read');
        return kept.get(person) ?? new Map();
      },
      write: (person, answers) => {
        calls.push('write');
        kept.set(person, new Map(answers.map((answer) => [answer.key, answer])));
      },
      clear: () => {
        calls.push('clear');
        kept.clear();
      },
    };
    const flags = await start({ fallbackCache });
    await flags.evaluate('open', ada);
    expect(JSON.stringify([...kept])).not.toContain(planted.distinctId);
    expect([...kept.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    posthog.flags = () => ({ status: 500 });
    expect((await flags.evaluate('open', ada)).origin).toBe('fallback-cache');
    posthog.flags = () => ({ body: { flags: {}, quotaLimited: ['feature_flags'] } });
    expect((await flags.evaluate('open', ada)).value).toBeUndefined();
    expect(calls).toEqual(['write', 'read', 'clear']);
  });
});

it('a fallback cache of the app saves questions where it is asked to', async () => {
  const cache = new MemoryFallbackCache(10);
  const flags = await start({ fallbackCache: { cache, ttlMs: 60_000, serveFresh: true } });
  const origins = [await flags.evaluate('open', ada), await flags.evaluate('open', ada)];
  expect(origins.map(({ origin }) => origin)).toEqual(['remote', 'fallback-cache']);
  expect(posthog.flagRequests).toHaveLength(1);
});

describe('a fallback cache in Redis', () => {
  const password = `${planted.password}/@:?#%&+ ä`;
  let redis: RedisServer;
  beforeEach(async () => {
    const userInfo = `:${encodeURIComponent(password)}@`;
    redis = await RedisServer.start({ args: ['--requirepass', password], userInfo });
  });
  afterEach(() => redis.stop());

  /** As PostHog's Python SDK writes it. */
  const url = () =>
    `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/0/?ttl=300&serveFresh=true`;

  it('is reached with a password of all letters, and a slash behind the database', async () => {
    const flags = await start({ fallbackCache: url() });
    expect((await flags.evaluate('open', ada)).origin).toBe('remote');
    const isWritten = async () => Number(await redis.run(['DBSIZE'])) === 3;
    expect(await eventually(isWritten)).toBe(true);
    expect((await flags.evaluate('open', ada)).origin).toBe('fallback-cache');
    expect(log.warned).toEqual([]);
    const names = (await redis.run(['KEYS', '*'])) as string[];
    expect(names.every((name) => name.startsWith('nestjs-feature-flags:answers:'))).toBe(true);
    expect(names.join()).not.toContain(planted.distinctId);
  });

  it('that stops is told once, and holds up no evaluation for longer than it may', async () => {
    const flags = await start({ fallbackCache: url(), cacheTimeoutMs: 2_000 });
    await flags.evaluate('open', ada);
    redis.freeze();
    for (let i = 0; i < 3; i += 1)
      expect((await flags.evaluate('open', ada)).origin).toBe('remote');
    posthog.flags = () => ({ status: 500 });
    for (let i = 0; i < 3; i += 1)
      expect((await flags.evaluate('open', ada)).value).toBeUndefined();
    expect(log.warned.filter((line) => line.includes('fallback cache'))).toHaveLength(1);
    redis.thaw();
    posthog.flags = () => ({ body: { flags: { open: { enabled: true } } } });
    const isBack = async () => {
      await flags.evaluate('open', ada);
      return log.logged.some((line) => line.includes('works again'));
    };
    expect(await eventually(isBack)).toBe(true);
  });

  it('that cannot be reached is told once, and there is no other in its place', async () => {
    const fallbackCache = url();
    await redis.stop();
    const flags = await start({ fallbackCache });
    for (let i = 0; i < 3; i += 1)
      expect((await flags.evaluate('open', ada)).origin).toBe('remote');
    posthog.flags = () => ({ status: 500 });
    expect((await flags.evaluate('open', ada)).value).toBeUndefined();
    expect(log.warned.filter((line) => line.includes('fallback cache'))).toHaveLength(1);
  });
});

describe('options that are wrong', () => {
  it('are told at once, with the password in none', async () => {
    const fallbackCache = `redis://:${planted.password}@host/0?ttl=0&size=abc&staleTtl=-1`;
    const error: unknown = await start({ fallbackCache, remote: {} as never }).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).toMatch(/2 options are wrong/);
    for (const name of ['remote', 'ttl', 'size', 'staleTtl']) expect(String(error)).toContain(name);
    expect(String(error)).not.toContain(planted.password);
  });
});
