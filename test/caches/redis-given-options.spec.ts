/** What is wrong with a given client is told at start; what its commands may and may not do. */
import { describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { redisCache, type GivenRedisClient } from '../../lib/caches-redis.js';
import { claimed, unclaimed, type RecordStore } from '../../lib/caches.js';
import { boundedCommands } from '../../lib/caches/redis/bounded-commands.js';
import { RedisBodies } from '../../lib/caches/redis/redis-bodies.js';
import { StagingClient } from '../../lib/caches/redis/staging-client.js';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { CacheManagerRecordStore } from '../../lib/caches/cache-manager/cache-manager-record-store.js';
import { MutableSource } from '../support/mutable-source.js';
import { createCache } from 'cache-manager';

const source = new MutableSource();
const usable = { sendCommand: async () => null, on: () => undefined };

function mistakesOf(cache: unknown): string {
  try {
    resolveOptions({ source, cache });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const given = (client: unknown, options?: object) =>
  redisCache(client as GivenRedisClient, options);

describe('redisCache', () => {
  it.each([
    ['undefined', undefined, 'redisCache got undefined, expected a client of node-redis'],
    ['null', null, 'redisCache got null'],
    ['a URL', 'redis://user:secret@host', 'redisCache got a value of the kind string'],
    ['a promise', Promise.resolve(usable), 'redisCache got a promise (await the client first)'],
    ['a class', class Client {}, 'redisCache got a function or a class (pass the client itself)'],
    [
      'a thing without commands',
      { on: () => undefined },
      'redisCache got a value of the kind object',
    ],
    ['a thing that cannot be listened to', { call: () => null }, 'redisCache got a value of the'],
    [
      'a client in legacyMode',
      createClient({ legacyMode: true }),
      'redisCache got a client of node-redis in legacyMode',
    ],
  ])('given %s is a mistake, told at start', (_what, client, expected) => {
    const message = mistakesOf(given(client));
    expect(message).toContain(`1. cache: ${expected}`);
    expect(message).not.toContain('secret');
  });

  it('tells every mistake at once, with those of the other options', () => {
    const cache = given({ on: () => undefined }, { key: 'a b', kind: 'ioredis', keyPrefix: 'x' });
    expect(() => resolveOptions({ cache })).toThrow(/^FeatureFlagsModule: 4 options are wrong\./);
    expect(mistakesOf(cache)).toMatch(
      /1\. cache: redisCache has no option keyPrefix\..*\n.*2\. cache: the option key of redisCache must have.*\n.*3\. cache: redisCache got a value of the kind object as a client of the kind ioredis, which must have the methods call\./,
    );
    expect(mistakesOf(given(usable, { kind: 'redis' }))).toContain(
      'the option kind of redisCache must be one of node-redis, node-redis-cluster,',
    );
  });

  it('is not opened with a mistake, not even by who does not ask for them', () => {
    const settings = { identity: undefined, commandTimeoutMs: 10, clock: new ManualClock() };
    expect(() => given(undefined).open(settings)).toThrow('redisCache got undefined');
  });

  it('is named to who gives the client as it is', () => {
    for (const client of [createClient(), { call: () => null, on: () => undefined }]) {
      expect(mistakesOf(client)).toContain(
        "got a Redis client as it is. Write cache: redisCache(client, { key: 'my-service' })",
      );
    }
  });
});

describe('a cache put together from parts', () => {
  const settings = {
    identity: undefined,
    commandTimeoutMs: 100,
    clock: new ManualClock(),
    random: () => 0.5,
    intervalMs: 30_000,
    jitter: 0.1,
    checkMs: 5_000,
    leaseMs: 12_000,
  };

  it('may have a backend and a coordination', async () => {
    const cache = { records: given(usable, { key: 'shop' }), coordination: unclaimed() };
    const opened = await resolveOptions({ source, cache }).cache.open(settings);
    expect(opened).toHaveProperty('sharing', {
      kind: 'records',
      place: 'the given Redis',
      key: 'shop',
      isExclusive: false,
      isInThisProcess: false,
      isPushed: false,
    });
  });

  it('is told every mistake in it', () => {
    const cache = { records: given(usable), coordination: 'claimed', maxBodyBytes: 0, lease: 1 };
    const message = mistakesOf(cache);
    expect(message).toContain('cache.lease: there is no such option.');
    expect(message).toContain('cache.coordination: got a text of 7 letters, expected for example');
    expect(message).toContain('cache.maxBodyBytes: got 0, expected a number of bytes');
    expect(mistakesOf({ records: { readHead: () => null } })).toContain(
      'cache.records: got a value of the kind object, expected a store of records',
    );
  });

  it('that its store cannot bear is refused at start, and the store is closed', async () => {
    let isClosed = false;
    const open = (): RecordStore => {
      const store = new CacheManagerRecordStore(createCache(), 'x');
      return Object.assign(store, { close: async () => void (isClosed = true) });
    };
    const cache = { records: { open }, coordination: claimed() };
    await expect(resolveOptions({ source, cache }).cache.open(settings)).rejects.toThrow(
      'cannot compare and set',
    );
    expect(isClosed).toBe(true);
  });
});

describe('commands over a given client', () => {
  it('wait for its first connection, and are not handed to it while it has lost it', async () => {
    let ready: boolean | undefined = false;
    const sent: string[] = [];
    const client = { send: async (key: string) => sent.push(key) };
    const parts = { clock: new ManualClock(), commandTimeoutMs: 100, isReady: () => ready };
    const commands = boundedCommands(client, parts);
    await commands.send('first', []);
    ready = true;
    await commands.send('second', []);
    ready = false;
    await expect(commands.send('third', [])).rejects.toMatchObject({ code: 'cache-unavailable' });
    ready = true;
    await commands.send('fourth', []);
    expect(sent).toEqual(['first', 'second', 'fourth']);
  });
});

describe('a body in Redis over a given client', () => {
  const reading = (reply: unknown) =>
    new RedisBodies(new StagingClient({ send: async () => reply })).read('key');

  it.each([
    ['what is no JSON', '{'],
    ['JSON of something else', '"text"'],
    ['an envelope around something else', '{"value":{"flags":[]}}'],
    ['a number', 7],
  ])('is refused when it is %s', async (_what, reply) => {
    await expect(reading(reply)).rejects.toMatchObject({ code: 'foreign-value' });
  });

  it('is none when there is none', async () => {
    await expect(reading(null)).resolves.toBeUndefined();
  });
});
