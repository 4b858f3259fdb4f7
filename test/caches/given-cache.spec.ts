/**
 * `CACHE_MANAGER` as the cache of definitions: over Redis, by whatever store, it is as good as
 * Redis itself; over anything else the log says at start what it cannot promise.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKeyv } from '@keyv/redis';
import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager';
import { Test } from '@nestjs/testing';
import { KeyvAdapter, createCache, type Cache } from 'cache-manager';
import { redisInsStore, redisStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { createClient } from 'redis';
import { clientBeneath } from '../../lib/caches/cache-manager/client-beneath.js';
import type { RecordSettings } from '../../lib/caches.js';
import { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../../lib/index.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import { KeptLog } from '../support/kept-log.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
let server: DefinitionsServer;
let apps: SharingApps;
let ends: (() => unknown)[] = [];
beforeEach(async () => {
  ends = [];
  // A project of its own for each test, and so a namespace of its own.
  const projectApiKey = `phc_${randomUUID()}`;
  server = await new DefinitionsServer({ definitions: documentOf(['a']), projectApiKey }).start();
  apps = new SharingApps(server);
});
afterEach(async () => {
  await apps.close();
  for (const end of ends) await end();
  await server.close();
});

async function overRedisYet(): Promise<Cache> {
  const store = await redisStore({ url });
  ends.push(() => store.client.disconnect());
  return createCache({ stores: [new Keyv({ store: new KeyvAdapter(store) })] });
}

/** Not connected yet: this store does it at its first use. */
async function overKeyvRedis(): Promise<Cache> {
  const keyv = createKeyv(url);
  ends.push(() => keyv.disconnect());
  return createCache({ stores: [keyv] });
}

async function overMemoryThenRedis(): Promise<Cache> {
  const client = createClient({ url });
  await client.connect();
  ends.push(() => client.disconnect());
  const second = new Keyv({ store: new KeyvAdapter(redisInsStore(client as never)) });
  return createCache({ stores: [new Keyv(), second] });
}

describe('a cache over Redis', () => {
  it.each([
    ['cache-manager-redis-yet', overRedisYet],
    ['@keyv/redis', overKeyvRedis],
    ['memory, and then Redis', overMemoryThenRedis],
  ])('by %s: one app fetches for all, and changes are pushed', async (_what, make) => {
    const fleet = [];
    const times = { intervalMs: 60_000, checkMs: 1_000 };
    for (let n = 0; n < 3; n += 1) fleet.push(await apps.start(await make(), times));
    await expectAllToHave(fleet, 'a');
    expect(server.definitionRequests).toHaveLength(1);
    for (const { flags, log } of fleet) {
      const { instance } = flags.status();
      expect(log.warned).toEqual([]);
      expect(log.logged[0]).toMatch(
        /^Definitions are to be shared through the given Redis at [\w.:]+ \(key flags:\w+\): one instance fetches for all, changes are pushed\./,
      );
      expect(log.logged[0]).toMatch(new RegExp(`\\. This instance is ${instance}\\.$`));
    }

    server.definitions = documentOf(['b']);
    await fleet[1]?.flags.refresh();
    await expectAllToHave(fleet, 'b');
    expect(server.definitionRequests).toHaveLength(2);
  });

  it('that Nest provides and closes: the app starts, and ends', async () => {
    const { host, projectApiKey, secretKey } = server;
    const logger = new KeptLog();
    const module = await Test.createTestingModule({
      imports: [
        CacheModule.register({ isGlobal: true, stores: [createKeyv(url)] }),
        FeatureFlagsModule.forRootAsync({
          inject: [CACHE_MANAGER],
          useFactory: (cache: Cache) => ({
            source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
            cache,
            logger,
          }),
        }),
      ],
    }).compile();
    await module.init();
    expect(module.get(FlagsService).local.isEnabled('a', { distinctId: 'x' })).toBe(true);
    expect(logger.logged[0]).toMatch(/one instance fetches for all, changes are pushed/);
    expect(logger.warned).toEqual([]);
    await module.close();
    expect(logger.warned).toEqual([]);
  });

  it.each([
    ['cache-manager-redis-yet', overRedisYet],
    ['@keyv/redis', overKeyvRedis],
  ])('by %s: whose client is closed before the app ends is no warning', async (_what, make) => {
    const app = await apps.start(await make());
    await expectAllToHave([app], 'a');
    await Promise.all(ends.splice(0).map((end) => end()));
    await app.close();
    expect(app.log.warned).toEqual([]);
  });

  it('F29: that is killed does not take the app with it, though its own client has no listener', async () => {
    const redis = await RedisServer.start();
    ends.push(() => redis.stop());
    const store = await redisStore({ url: redis.url() });
    const cache = createCache({ stores: [new Keyv({ store: new KeyvAdapter(store) })] });
    const app = await apps.start(cache, { intervalMs: 1_000, checkMs: 100 });
    await expectAllToHave([app], 'a');
    await redis.kill();
    server.definitions = documentOf(['b']);
    await app.flags.refresh();
    expect(
      app.flags.local.isEnabled('a', { distinctId: 'x' }) ||
        app.flags.local.isEnabled('b', { distinctId: 'x' }),
    ).toBe(true);
    await apps.close();
    await store.client.disconnect().catch(() => undefined);
  });
});

describe('a cache over anything else', () => {
  const advice =
    "For one fetch in the whole fleet set the option cache to what all instances reach: 'redis://…', 'postgres://…', 'dynamodb://…', or 'file:///…' where they are processes of one host.";
  const rest =
    ', which has no atomic step: instances that look at the same moment may fetch both, and what is older is refused only as far as it can be seen; changes are not pushed but found at the next check, every 1000 ms. ' +
    advice;

  it('in memory is told not to be shared with other processes, once', async () => {
    const app = await apps.start(createCache(), { checkMs: 1_000 });
    await expectAllToHave([app], 'a');
    expect(app.log.warned).toEqual([
      `Definitions are not shared with other processes: they lie in a cache of cache-manager in the memory of this process, and each process fetches for itself. ${advice}`,
    ]);
  });

  it('of a store of one’s own is told to be what it is', async () => {
    const kept = new Map<string, unknown>();
    const store = {
      opts: {},
      get: async (key: string) => kept.get(key),
      set: async (key: string, value: unknown) => void kept.set(key, value),
      delete: async (key: string) => kept.delete(key),
      clear: async () => kept.clear(),
      on: () => store,
    };
    const cache = createCache({ stores: [new Keyv({ store: store as never })] });
    const fleet = [await apps.start(cache, { checkMs: 1_000 }), await apps.start(cache)];
    await expectAllToHave(fleet, 'a');
    expect(fleet[0]?.log.warned).toEqual([
      `Definitions are to be shared through a cache of cache-manager${rest}`,
    ]);
    expect(server.definitionRequests).toHaveLength(1);
  });

  it.each([
    ['no stores', {}],
    ['a store without a client', { stores: [{ store: { client: 'localhost' } }] }],
    ['a store that is none', { stores: [undefined, 1] }],
  ])('has no client beneath: %s', (_what, cache) => {
    expect(clientBeneath(cache)).toBeUndefined();
  });

  it('with a client of another kind is used as it is', async () => {
    const cache = createCache();
    const stores = [{ opts: { store: { client: { query: () => undefined } } } }, ...cache.stores];
    const app = await apps.start({ ...cache, stores } as never, { checkMs: 1_000 });
    await expectAllToHave([app], 'a');
    expect(app.log.warned[0]).toMatch(
      /^Definitions are to be shared through a cache of cache-manager,/,
    );
  });
});

describe('what the log says at start of', () => {
  it('a provider: that it alone decides', async () => {
    const provider = {
      getFlagDefinitions: () => undefined,
      shouldFetchFlagDefinitions: () => true,
      onFlagDefinitionsReceived: () => undefined,
      shutdown: () => undefined,
    };
    const app = await apps.start(provider, { intervalMs: 40_000 });
    expect(app.log.warned).toEqual([]);
    expect(app.log.logged[0]).toBe(
      'Definitions are to be shared through the given provider: it alone decides who fetches. It is asked every 40000 ms, and what another instance has fetched is seen when it is next asked.',
    );
  });

  it('no cache: that each instance fetches, once, at the level log', async () => {
    const app = await apps.start(undefined);
    expect(app.log.warned).toEqual([]);
    expect(app.log.logged).toEqual([
      "No cache is configured: each instance fetches the definitions for itself. For one fetch in the whole fleet set the option cache to what all instances reach: 'redis://…', 'postgres://…', 'dynamodb://…', or 'file:///…' where they are processes of one host. 'memory:' says that none is wanted.",
      expect.stringMatching(/^1 flag loaded from/),
    ]);
  });

  it('memory: nothing', async () => {
    const app = await apps.start('memory:');
    expect([...app.log.logged, ...app.log.warned]).toEqual([
      expect.stringMatching(/^1 flag loaded from/),
    ]);
  });
  it('a place where something is not certain: what, as a warning', async () => {
    const caveat = 'In this place it is not certain that only one fetches.';
    const open = ({ clock }: RecordSettings) => Object.assign(new MemoryRecordStore(clock), { caveat }); // prettier-ignore
    const app = await apps.start({ open });
    expect(app.log.warned).toEqual([
      expect.stringMatching(
        /: one instance fetches for all, changes are pushed\. In this place .* only one fetches\. This instance is/,
      ),
    ]);
  });
});
