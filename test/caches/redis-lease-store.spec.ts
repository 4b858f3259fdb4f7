/** The lease in a real Redis: taken, extended and given up by its owner, and by nobody else. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { nodeRedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { RedisLeaseStore } from '../../lib/caches/redis/redis-lease-store.js';
import { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import { LeasedCoordination } from '../../lib/core/coordination/leased.js';
import { systemClock } from '../../lib/core/time/clock.js';

const redis = createClient({ url: process.env['TEST_REDIS_URL'] });
beforeAll(() => redis.connect());
afterAll(() => redis.disconnect());

let key: string;
let lease: RedisLeaseStore;
beforeEach(() => {
  key = `posthog:flags:test-${randomUUID()}:lock`;
  lease = new RedisLeaseStore(nodeRedisCommands(redis), key);
});
afterEach(() => redis.del(key));

describe('the lease', () => {
  it('is taken once, with the id of its owner as the value and the lease as its time to live', async () => {
    expect(await lease.acquire('a', 60_000)).toBe(true);
    expect(await lease.acquire('b', 60_000)).toBe(false);
    expect(await redis.get(key)).toBe('a');
    expect(await redis.pTTL(key)).toBeGreaterThan(50_000);
    expect(await redis.pTTL(key)).toBeLessThanOrEqual(60_000);
  });

  it('is extended by its owner alone', async () => {
    await lease.acquire('a', 10_000);
    await lease.acquire('b', 90_000);
    expect(await redis.pTTL(key)).toBeLessThanOrEqual(10_000);
    expect(await lease.acquire('a', 60_000)).toBe(true);
    expect(await redis.pTTL(key)).toBeGreaterThan(50_000);
  });

  it('F01: is given up by its owner alone', async () => {
    await lease.acquire('a', 60_000);
    await lease.release('b');
    expect(await redis.get(key)).toBe('a');
    await lease.release('a');
    expect(await redis.exists(key)).toBe(0);
    await expect(lease.release('a')).resolves.toBeUndefined();
  });

  it('is taken by exactly one of fifty who ask at once', async () => {
    const asked = Array.from({ length: 50 }, (_, n) => lease.acquire(`i${n}`, 60_000));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });

  it('of somebody who wrote another kind of value is left as it is', async () => {
    await redis.hSet(key, 'foreign', '1');
    await expect(lease.acquire('a', 1_000)).rejects.toMatchObject({ code: 'foreign-value' });
    await expect(lease.release('a')).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await redis.hGetAll(key)).toEqual({ foreign: '1' });
  });

  it('keeps one leader in a fleet, and passes on when the leader leaves', async () => {
    const records = new MemoryRecordStore(systemClock);
    const settings = { intervalMs: 30_000, leaseMs: 20_000 };
    const fleet = ['a', 'b', 'c'].map(
      (owner) => new LeasedCoordination({ lease, records, settings, clock: systemClock, owner }),
    );
    const facts = { revision: 0, digest: undefined, ageMs: undefined, token: 0, sitOutMs: 0 };
    const looks = () => Promise.all(fleet.map((one) => one.check({ ...facts, kick: true })));

    expect((await looks()).map(({ kind }) => kind)).toEqual(['lead', 'follow', 'follow']);
    await fleet[1]!.release();
    expect((await looks()).map(({ kind }) => kind)).toEqual(['lead', 'follow', 'follow']);
    await fleet[0]!.release();
    expect((await fleet[2]!.check({ ...facts, kick: true })).kind).toBe('lead');
  });
});
