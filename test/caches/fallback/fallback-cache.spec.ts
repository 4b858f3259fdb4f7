/** What every fallback cache keeps to: in memory, and in a real Redis. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { MemoryFallbackCache } from '../../../lib/caches/fallback/memory-fallback-cache.js';
import { readFallbackUrl } from '../../../lib/caches/url/fallback-url.js';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';
import type { FallbackCache, KnownAnswer } from '../../../lib/core/remote/fallback-cache.js';
import { systemClock } from '../../../lib/core/time/clock.js';
import { planted } from '../../support/planted.js';
import { RedisServer } from '../../support/redis-server.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const redis = createClient({ url: redisUrl });
const opened: FallbackCache[] = [];

beforeAll(async () => {
  await redis.connect();
});

afterAll(async () => {
  for (const cache of opened) await cache.close?.();
  await redis.quit();
});

async function openRedis(
  key = randomUUID(),
  query = '',
  identity?: string,
): Promise<FallbackCache> {
  const url = new URL(redisUrl);
  url.search = `key=${key}${query}`;
  const opening = { identity, commandTimeoutMs: 60_000, clock: systemClock };
  const cache = await readFallbackUrl(url.href).open(opening);
  opened.push(cache);
  return cache;
}

function answer(key: string, value: boolean | string = true): KnownAnswer {
  return {
    key,
    value,
    payload: { a: [1, null, 'x'] },
    reason: 'condition_match',
    conditionIndex: 2,
    digest: 'd7',
    answeredAt: 1_700_000_000_000,
  };
}

describe.each<[string, () => FallbackCache | Promise<FallbackCache>]>([
  ['in memory', () => new MemoryFallbackCache(100)],
  ['in Redis', () => openRedis()],
])('a fallback cache %s', (_where, open) => {
  let cache: FallbackCache;
  beforeEach(async () => {
    cache = await open();
  });

  it('gives back what was written last, of those asked for', async () => {
    await cache.write('p', [answer('a', false), answer('b', 'x')]);
    await cache.write('p', [answer('a', true)]);
    const found = await cache.read('p', ['a', 'b', 'c']);
    expect([...found]).toEqual([
      ['a', answer('a', true)],
      ['b', answer('b', 'x')],
    ]);
  });

  it('keeps persons apart', async () => {
    await cache.write('p', [answer('a')]);
    expect((await cache.read('q', ['a'])).size).toBe(0);
  });

  it('keeps an answer that has neither payload nor condition nor definitions', async () => {
    const bare = { ...answer('a'), payload: undefined, conditionIndex: undefined, digest: undefined }; // prettier-ignore
    await cache.write('p', [bare]);
    expect((await cache.read('p', ['a'])).get('a')).toEqual(bare);
  });

  it('keeps flags with strange names', async () => {
    const names = ['a b', 'ä:{}*', '__proto__', 'x'.repeat(5_000), `${'x'.repeat(5_000)}y`];
    await cache.write(
      'p',
      names.map((name) => answer(name, name.slice(-1))),
    );
    const found = await cache.read('p', names);
    expect(names.map((name) => found.get(name)?.value)).toEqual(['b', '*', '_', 'x', 'y']);
  });

  it('forgets all when it is cleared, and goes on', async () => {
    await cache.write('p', [answer('a')]);
    await cache.clear();
    expect((await cache.read('p', ['a'])).size).toBe(0);
    await cache.write('p', [answer('a')]);
    expect((await cache.read('p', ['a'])).size).toBe(1);
  });

  it('asked for nothing gives nothing', async () => {
    expect((await cache.read('p', [])).size).toBe(0);
  });
});

describe('a fallback cache in memory', () => {
  it('F66: keeps so many persons, those that were asked about last', () => {
    const cache = new MemoryFallbackCache(2);
    cache.write('a', [answer('x')]);
    cache.write('b', [answer('x')]);
    cache.read('a', ['x']);
    cache.write('c', [answer('x')]);
    const sizes = ['a', 'b', 'c'].map((person) => cache.read(person, ['x']).size);
    expect(sizes).toEqual([1, 0, 1]);
  });
});

describe('a fallback cache in Redis', () => {
  it('is read by whoever has the same key, and by nobody with another', async () => {
    const key = randomUUID();
    const [writer, reader, other] = [await openRedis(key), await openRedis(key), await openRedis()];
    await writer.write('p', [answer('a')]);
    expect((await reader.read('p', ['a'])).size).toBe(1);
    expect((await other.read('p', ['a'])).size).toBe(0);
    await reader.clear();
    expect((await writer.read('p', ['a'])).size).toBe(0);
  });

  it('is JSON under keys of its own, each with an expiry', async () => {
    const key = randomUUID();
    const cache = await openRedis(key, '&ttl=60&staleTtl=120');
    await cache.write('p', [answer('a')]);
    const name = `nestjs-feature-flags:answers:{${key}}:p:a`;
    expect(JSON.parse((await redis.get(name)) ?? '')).toMatchObject({
      schema: 1,
      ...answer('a'),
    });
    expect(await redis.pTTL(name)).toBeGreaterThan(110_000);
    expect(await redis.pTTL(name)).toBeLessThanOrEqual(120_000);
    expect(await redis.pTTL(`nestjs-feature-flags:answers:{${key}}:era`)).toBeGreaterThan(120_000);
  });

  it.each(['no JSON', '[]', 'null', '{"schema":2}', '{"schema":1,"era":"other"}'])(
    'takes %s under its key for no answer',
    async (value) => {
      const key = randomUUID();
      const cache = await openRedis(key);
      await cache.write('p', [answer('a')]);
      await redis.set(`nestjs-feature-flags:answers:{${key}}:p:a`, value);
      expect((await cache.read('p', ['a'])).size).toBe(0);
    },
  );

  it('keeps the projects apart that share a Redis and a key', async () => {
    const key = randomUUID();
    const [one, other] = [await openRedis(key, '', 'one'), await openRedis(key, '', 'other')];
    await one.write('p', [answer('a')]);
    expect((await other.read('p', ['a'])).size).toBe(0);
    await other.clear();
    expect((await one.read('p', ['a'])).size).toBe(1);
  });

  it('touches nothing of others when it is cleared', async () => {
    const foreign = `posthog:flags:${randomUUID()}`;
    await redis.set(foreign, 'theirs', { PX: 60_000 });
    const cache = await openRedis();
    await cache.write('p', [answer('a')]);
    await cache.clear();
    expect(await redis.get(foreign)).toBe('theirs');
  });

  it('needs no more rights than its page says; who has fewer is told which', async () => {
    const page = readFileSync('docs/remote-evaluation.md', 'utf8');
    const rule = /^user flags-answers on >password (.*)$/m.exec(page)?.[1];
    const password = `${planted.password}-of-a-user`;
    const server = await RedisServer.start({
      users: [
        'user default on nopass ~* &* +@all',
        `user good on >${password} ${rule}`,
        `user bad on >${password} ~other:* -@all +get +mget +set +pexpire`,
      ],
    });
    try {
      const openAs = async (user: string) => {
        const opening = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
        const cache = await readFallbackUrl(server.url(`${user}:${password}@`)).open(opening);
        opened.push(cache);
        return cache;
      };
      const good = await openAs('good');
      await good.write('p', [answer('a')]);
      expect((await good.read('p', ['a'])).size).toBe(1);
      await good.clear();
      const bad = await openAs('bad');
      const read = Promise.resolve(bad.read('p', ['a']));
      await expect(read).rejects.toThrow(/NOPERM.*nestjs-feature-flags:answers:\*/);
    } finally {
      await server.stop();
    }
  });

  it('that cannot be reached says so, and what to do, without the password', async () => {
    const opening = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
    const cache = await readFallbackUrl(`redis://u:${planted.password}@127.0.0.1:1/0`).open(
      opening,
    );
    opened.push(cache);
    const error: unknown = await Promise.resolve(cache.read('p', ['a'])).catch((why: unknown) => why); // prettier-ignore
    expect(isFlagsError(error) && error.code).toBe('cache-unavailable');
    expect(String(error)).not.toContain(planted.password);
  });
});
