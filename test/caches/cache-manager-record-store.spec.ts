/** Records in a cache of cache-manager that is given, with whatever store beneath. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheModule, CACHE_MANAGER } from '@nestjs/cache-manager';
import { Test } from '@nestjs/testing';
import { KeyvAdapter, createCache, type Cache } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { createClient } from 'redis';
import { CacheManagerRecordStore } from '../../lib/caches/cache-manager/cache-manager-record-store.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { recordOf } from '../support/claim-turns.js';

const client = createClient({ url: process.env['TEST_REDIS_URL'] });
client.on('error', () => undefined);
beforeAll(() => client.connect());
afterAll(() => client.disconnect());

const overRedis = (): Cache =>
  createCache({ stores: [new Keyv({ store: new KeyvAdapter(redisInsStore(client as never)) })] });
const ofNest = async (): Promise<Cache> => {
  // An app's own cache, with a time to live that must not be that of the definitions.
  const module = Test.createTestingModule({ imports: [CacheModule.register({ ttl: 1 })] });
  return (await module.compile()).get<Cache>(CACHE_MANAGER);
};

describe.each([
  ['in memory', () => createCache()],
  ['of Nest', ofNest],
  ['over Redis', overRedis],
])('a cache-manager cache %s', (_what, make) => {
  let clock: ManualClock;
  let cache: Cache;
  let store: CacheManagerRecordStore;
  let namespace = 'given';
  beforeEach(async () => {
    namespace = `given-${Math.random()}`;
    clock = new ManualClock();
    cache = await make();
    store = new CacheManagerRecordStore(cache, namespace, clock);
  });

  it('has no claims, and no push', () => {
    expect(store).not.toHaveProperty('claims');
    expect(store).not.toHaveProperty('watch');
  });

  it('has nothing at first', async () => {
    await expect(store.readHead()).resolves.toBeUndefined();
    await expect(store.readBody(1)).resolves.toBeUndefined();
    await expect(store.confirm(1)).resolves.toBe(false);
  });

  it.each([
    ['text', 'é "\\ 🎉'],
    ['bytes', new Uint8Array([0, 255, 128])],
  ])('gives back what was published: %s', async (_kind, body) => {
    await expect(store.publish(recordOf('v1', body), 7)).resolves.toBe(true);
    const head = {
      schema: 1,
      revision: 7,
      digest: 'v1'.padEnd(64, '0'),
      etag: '"v1"',
      codec: 'json',
      sizeBytes: Buffer.from(body).byteLength,
      ageMs: 0,
    };
    await expect(store.readHead()).resolves.toEqual(head);
    await expect(store.readBody(7)).resolves.toEqual({ head, body });
  });

  it('keeps it longer than the app’s own time to live', async () => {
    await store.publish(recordOf('v1'), 7);
    for (const key of ['head', 'body:7']) {
      // No end is known for it.
      await expect(cache.ttl(`flags:v1:{${namespace}}:${key}`)).resolves.toBeUndefined();
    }
  });

  it('refuses a revision that is not higher', async () => {
    await store.publish(recordOf('v2'), 2);
    await expect(store.publish(recordOf('v1'), 1)).resolves.toBe(false);
    await expect(store.publish(recordOf('x'), 2)).resolves.toBe(false);
    await expect(store.readBody(2)).resolves.toMatchObject({ body: '{"flags":["v2"]}' });
  });

  it('keeps no body that was overtaken', async () => {
    await store.publish({ ...recordOf('v1'), etag: undefined }, 1);
    await store.publish(recordOf('v2'), 2);
    await expect(cache.get(`flags:v1:{${namespace}}:body:1`)).resolves.toBeUndefined();
    await expect(store.readBody(1)).resolves.toBeUndefined();
    await expect(store.readBody(2)).resolves.toMatchObject({ body: '{"flags":["v2"]}' });
  });

  it('counts the age from when this process saw the content confirmed', async () => {
    const other = new CacheManagerRecordStore(cache, namespace, new ManualClock());
    await store.publish(recordOf('v1'), 1);
    await store.readHead();
    await clock.advance(1_500);
    clock.jumpWallClock(3_600_000);
    await expect(store.readHead()).resolves.toMatchObject({ ageMs: 1_500 });
    await expect(other.confirm(1)).resolves.toBe(true);
    await expect(store.readHead()).resolves.toMatchObject({ ageMs: 0, etag: '"v1"' });
    await expect(other.confirm(2)).resolves.toBe(false);
  });

  it('does not read a body of another publication', async () => {
    await store.publish(recordOf('v1'), 1);
    const key = `flags:v1:{${namespace}}:body:1`;
    await cache.set(key, { ...(await cache.get<object>(key)), digest: 'other' }, 0);
    await expect(store.readBody(1)).resolves.toBeUndefined();
    await cache.set(key, 'garbage', 0);
    await expect(store.readBody(1)).resolves.toBeUndefined();
  });

  it.each([
    ['a text', 'mine'],
    ['another object', { mine: true }],
    ['a head without a digest', { schema: 1, sizeBytes: 1, revision: 1, codec: 'json', mark: 'm' }],
    ['a head without a mark', { schema: 1, sizeBytes: 1, revision: 1, codec: 'json', digest: 'd' }],
    [
      'a head with half a revision',
      { schema: 1, sizeBytes: 1, revision: 1.5, codec: 'json', digest: 'd', mark: 'm' },
    ],
  ])('refuses %s in the place of its head, and leaves it as it is', async (_kind, value) => {
    const key = `flags:v1:{${namespace}}:head`;
    await cache.set(key, value, 0);
    await expect(store.readHead()).rejects.toMatchObject({
      code: 'foreign-value',
      message: expect.stringContaining(key),
    });
    await expect(store.publish(recordOf('v1'), 9)).rejects.toMatchObject({ code: 'foreign-value' });
    await expect(cache.get(key)).resolves.toEqual(value);
  });

  it('says that it did not publish when another wrote at the same moment', async () => {
    const racing = {
      get: (key: string) => cache.get(key),
      del: (key: string) => cache.del(key),
      set: async (key: string, value: unknown, ttl?: number) => {
        await cache.set(key, value, ttl);
        // Another instance, between the write and the look back.
        if (key.endsWith(':head'))
          await cache.set(key, { ...(value as object), mark: 'theirs' }, 0);
      },
    };
    const slow = new CacheManagerRecordStore(racing, namespace, clock);
    await expect(slow.publish(recordOf('v1'), 1)).resolves.toBe(false);
    await expect(slow.confirm(1)).resolves.toBe(false);
  });

  it('does not take an older publication of another, right over its own, for a store that fails', async () => {
    const overtaken = {
      get: (key: string) => cache.get(key),
      del: (key: string) => cache.del(key),
      set: async (key: string, value: unknown, ttl?: number) => {
        await cache.set(key, value, ttl);
        if (!key.endsWith(':head')) return;
        // It looked before this one wrote, and writes after it.
        await cache.set(key, { ...(value as object), revision: 8, mark: 'theirs' }, 0);
      },
    };
    await store.publish(recordOf('v1'), 7);
    const quick = new CacheManagerRecordStore(overtaken, namespace, clock);
    await expect(quick.publish(recordOf('v2'), 9)).resolves.toBe(false);
    await expect(quick.readHead()).resolves.toMatchObject({ revision: 8 });
  });

  it('tries whether the store keeps anything, whoever else tries it at the same moment', async () => {
    let swallows = true;
    const given = {
      get: (name: string) => cache.get(name),
      del: (name: string) => cache.del(name),
      set: async (name: string, value: unknown, ttl?: number) =>
        swallows ? true : cache.set(name, value, ttl),
    };
    const fleet = Array.from({ length: 5 }, () => new CacheManagerRecordStore(given, namespace, clock)); // prettier-ignore
    const failed = fleet.map((one) => one.publish(recordOf('v1'), 7));
    const outcomes = await Promise.allSettled(failed);
    expect(outcomes.map(({ status }) => status)).toEqual(fleet.map(() => 'rejected'));
    swallows = false;
    const heads = await Promise.all(fleet.map((one) => one.readHead()));
    expect(heads).toEqual(fleet.map(() => undefined));
  });

  it('F32: says that it did not publish when the store swallows what it was given, and is away until it keeps something', async () => {
    const notKept = { code: 'cache-unavailable', message: expect.stringMatching(/has not kept what was written to it.*Keyv hides/) }; // prettier-ignore
    let swallows = true;
    const given = {
      get: (name: string) => cache.get(name),
      del: (name: string) => cache.del(name),
      set: async (name: string, value: unknown, ttl?: number) =>
        swallows ? true : cache.set(name, value, ttl),
    };
    const failing = new CacheManagerRecordStore(given, namespace, clock);
    await expect(failing.readHead()).resolves.toBeUndefined();
    await expect(failing.publish(recordOf('v1'), 7)).rejects.toMatchObject(notKept);
    await expect(failing.readHead()).rejects.toMatchObject(notKept);

    swallows = false;
    await expect(failing.readHead()).resolves.toBeUndefined();
    await expect(failing.publish(recordOf('v1'), 8)).resolves.toBe(true);

    // One that still gives what it had is not to be believed either.
    swallows = true;
    await expect(failing.confirm(8)).resolves.toBe(false);
    await expect(failing.publish(recordOf('v2'), 9)).rejects.toMatchObject(notKept);
    await expect(failing.readHead()).rejects.toMatchObject(notKept);
    swallows = false;
    await expect(failing.readHead()).resolves.toMatchObject({ revision: 8 });
  });

  it('leaves the cache open', async () => {
    await store.close();
    await expect(store.publish(recordOf('v1'), 1)).resolves.toBe(true);
  });
});
