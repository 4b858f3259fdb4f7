/** Definitions and claims in a real Redis, opened from a URL as an app would. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { redisKeys, bodyKey, type RedisKeys } from '../../lib/caches/redis/redis-keys.js';
import type { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import type { ClaimEnd } from '../../lib/core/coordination/claim-store.js';
import { eventually } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { openRecords } from '../support/redis-records.js';
import { CountingProxy } from '../support/counting-proxy.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
/** Looks at the server from outside. */
const redis = createClient({ url });
beforeAll(() => redis.connect());
afterAll(() => redis.disconnect());

let keys: RedisKeys;
let namespace: string;
let store: RedisRecordStore;
beforeEach(() => {
  namespace = `records-${randomUUID()}`;
  keys = redisKeys(namespace);
  store = openRecords(url, { namespace });
});
afterEach(async () => {
  await store.close();
  const found = await redis.keys(`flags:v1:{${namespace}}:*`);
  if (found.length > 0) await redis.del(found);
});

describe('a publication by claim', () => {
  it('can be read: head and body', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    const head = {
      schema: 1,
      revision,
      digest: 'v1'.padEnd(64, '0'),
      etag: '"v1"',
      codec: 'json',
      sizeBytes: 16,
      ageMs: expect.any(Number),
    };
    await expect(store.readHead()).resolves.toEqual(head);
    await expect(store.readBody(revision)).resolves.toEqual({ head, body: '{"flags":["v1"]}' });
  });

  it.each([
    ['letters of all kinds', 'é ☃ 🎉 "\\ \n'],
    ['bytes', new Uint8Array([0, 255, 10, 13, 128])],
    ['nothing', ''],
    ['half a megabyte', 'x'.repeat(500_000)],
  ])('brings back %s unchanged', async (_what, body) => {
    const revision = await lead(store, 'a', recordOf('v1', body));
    await expect(store.readBody(revision)).resolves.toMatchObject({ body });
  });

  it('has its place under keys of one hash tag, and only there', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    const found = await redis.keys(`*${namespace}*`);
    expect(found.toSorted()).toEqual(
      [keys.claims, keys.members, bodyKey(keys, revision)].toSorted(),
    );
  });

  it('is permanent, while the body that it overtook soon expires', async () => {
    const first = await lead(store, 'a', recordOf('v1'));
    const second = await lead(store, 'a', recordOf('v2'));
    await expect(redis.pTTL(keys.claims)).resolves.toBe(-1);
    await expect(redis.pTTL(bodyKey(keys, second))).resolves.toBe(-1);
    const leftMs = await redis.pTTL(bodyKey(keys, first));
    expect(leftMs).toBeGreaterThan(590_000);
    expect(leftMs).toBeLessThanOrEqual(600_000);
    await expect(store.readBody(first)).resolves.toMatchObject({
      head: { revision: first, sizeBytes: 16 },
      body: '{"flags":["v1"]}',
    });
  });

  it('writes its body as cache-manager does, without an expiry by the clock of a machine', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    const text = (await redis.get(bodyKey(keys, revision))) ?? '';
    expect(JSON.parse(text)).toEqual({
      value: {
        digest: 'v1'.padEnd(64, '0'),
        revision,
        schema: 1,
        codec: 'json',
        etag: '"v1"',
        text: '{"flags":["v1"]}',
      },
    });
  });

  it('writes numbers in full', async () => {
    const revision = 2_000_000_000_000_000;
    await askForClaim(store, 'a', { revision });
    const { token, floor } = await redis.hGetAll(keys.claims);
    expect({ token, floor }).toEqual({ token: '2000000000001000', floor: '2000000000000000' });
  });
});

describe('a write that comes too late', () => {
  it('F04: leaves a body that expires by itself, and changes nothing else', async () => {
    const slow = (await askForClaim(store, 'slow', { leaseMs: 0 })).token;
    const revision = await lead(store, 'fast', recordOf('new'));
    const before = await redis.hGetAll(keys.claims);

    await expect(publishAs(store, 'slow', slow, recordOf('old'))).resolves.toBe('fenced');

    expect(await redis.hGetAll(keys.claims)).toEqual(before);
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["new"]}' });
    const leftMs = await redis.pTTL(bodyKey(keys, slow));
    expect(leftMs).toBeGreaterThan(3_590_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_000);
  });

  it('F04: overwrites no body, not even under the same number', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await expect(publishAs(store, 'a', revision, recordOf('ghost'))).resolves.toBe('fenced');
    await expect(store.publish(recordOf('ghost'), revision)).resolves.toBe(false);
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
    await expect(redis.pTTL(bodyKey(keys, revision))).resolves.toBe(-1);
  });
});

describe('a body that is not the one', () => {
  it('F32: a claim cannot be finished with a body that did not arrive', async () => {
    const { token } = await askForClaim(store, 'a');
    await redis.set(bodyKey(keys, token), '{"value":{"digest":"another"}}');
    const before = await redis.hGetAll(keys.claims);
    await expect(publishAs(store, 'a', token, recordOf('v1'))).resolves.toBe('must-publish');
    expect(await redis.hGetAll(keys.claims)).toEqual(before);
    await redis.del(bodyKey(keys, token));
    await expect(publishAs(store, 'a', token, recordOf('v1'))).resolves.toBe('accepted');
  });

  it('a publication without a claim says so', async () => {
    await redis.set(bodyKey(keys, 7), '{"value":{"digest":"another"}}');
    await expect(store.publish(recordOf('v1'), 7)).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('their body is not there, or another lies in its place'),
    });
    await expect(store.readHead()).resolves.toBeUndefined();
  });

  it('of another history is not read', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    const other = { ...recordOf('v2'), revision, text: 'other' };
    await redis.set(bodyKey(keys, revision), JSON.stringify({ value: other }));
    await expect(store.readBody(revision)).resolves.toBeUndefined();
    const misplaced = { ...recordOf('v1'), revision: revision - 1, text: 'other' };
    await redis.set(bodyKey(keys, revision), JSON.stringify({ value: misplaced }));
    await expect(store.readBody(revision)).resolves.toBeUndefined();
  });

  it('F12: that was evicted is missed, and fetched again whole', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await redis.del(bodyKey(keys, revision));
    await expect(store.readBody(revision)).resolves.toBeUndefined();
    const reply = await askForClaim(store, 'b', { kick: false, revision });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true, etag: undefined });
  });
});

describe('a publication without a claim', () => {
  it('goes forward only, and its age can be renewed', async () => {
    await expect(store.readHead()).resolves.toBeUndefined();
    await expect(store.readBody(2)).resolves.toBeUndefined();
    await expect(store.confirm(2)).resolves.toBe(false);
    await expect(store.publish(recordOf('v2'), 2)).resolves.toBe(true);
    await expect(store.publish(recordOf('v1'), 1)).resolves.toBe(false);
    await redis.hSet(keys.claims, 'verifiedAt', Date.now() - 3_600_000);
    expect((await store.readHead())?.ageMs).toBeGreaterThanOrEqual(3_600_000);
    await expect(store.confirm(1)).resolves.toBe(false);
    await expect(store.confirm(2)).resolves.toBe(true);
    expect((await store.readHead())?.ageMs).toBeLessThan(3_600_000);
  });
});

describe('push', () => {
  it('tells of a publication', async () => {
    let hints = 0;
    const unsubscribe = store.watch?.(() => (hints += 1));
    // The subscription itself is the first hint.
    expect(await eventually(() => hints === 1)).toBe(true);
    const { token } = await askForClaim(store, 'a');
    await publishAs(store, 'a', token, recordOf('v1'));
    expect(await eventually(() => hints === 2)).toBe(true);
    unsubscribe?.();
    await lead(store, 'a', recordOf('v2'));
    expect(await eventually(async () => (await redis.publish(keys.channel, '1')) === 0)).toBe(true);
    expect(hints).toBe(2);
  });

  it('tells of a hand-over, which is due at once, and of no other end without news', async () => {
    await lead(store, 'a', recordOf('v1'));
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    const ends: readonly ClaimEnd[] = [
      { kind: 'same', etag: '"v1"', nextDueMs: 0 },
      { kind: 'failed', reason: 'timeout', nextDueMs: 0 },
      { kind: 'handed-over' },
    ];
    for (const result of ends) {
      const { token } = await askForClaim(store, 'a');
      await expect(claimsOf(store).finish({ instance: 'a', token, result })).resolves.toBe('accepted'); // prettier-ignore
    }
    expect(await eventually(() => hints === 2)).toBe(true);
    // What was said before this has been heard when it has.
    await lead(store, 'a', recordOf('v2'));
    expect(await eventually(() => hints === 3)).toBe(true);
  });

  it('outlives a listener that throws', async () => {
    let hints = 0;
    store.watch?.(() => {
      hints += 1;
      throw new Error('of the listener');
    });
    expect(await eventually(() => hints === 1)).toBe(true);
    await lead(store, 'a', recordOf('v1'));
    await lead(store, 'a', recordOf('v2'));
    expect(await eventually(() => hints === 3)).toBe(true);
  });

  it('ends with the store', async () => {
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    await store.close();
    expect(await eventually(async () => (await redis.publish(keys.channel, '1')) === 0)).toBe(true);
    expect(hints).toBe(1);
  });
});

describe('the fleet', () => {
  it('is known with what each instance holds, until it leaves', async () => {
    const claims = claimsOf(store);
    await lead(store, 'a', recordOf('v1'));
    await askForClaim(store, 'a', { revision: 5, ageMs: 12 });
    await askForClaim(store, 'b');
    const members = await claims.members();
    expect(members.toSorted((x, y) => x.instance.localeCompare(y.instance))).toEqual([
      { instance: 'a', revision: 5, ageMs: 12, seenAgoMs: expect.any(Number), leads: true },
      { instance: 'b', revision: 0, ageMs: undefined, seenAgoMs: expect.any(Number), leads: false }, // prettier-ignore
    ]);
    await claims.leave('a');
    await expect(claims.members()).resolves.toMatchObject([{ instance: 'b' }]);
  });
});

describe('what somebody else has written', () => {
  it.each([
    ['a text', 'claims', () => redis.set(keys.claims, 'mine')],
    ['a list', 'members', () => redis.lPush(keys.members, 'mine')],
    ['a hash of another kind', 'claims', () => redis.hSet(keys.claims, 'mine', '1')],
    ['a hash of another format', 'claims', () => redis.hSet(keys.claims, 'format', '2')],
  ] as const)('%s: is refused, named, and left as it is', async (_what, place, write) => {
    await write();
    const before = await redis.dump(keys[place]);
    const refused = { code: 'foreign-value', message: expect.stringContaining(keys.claims) };
    await expect(askForClaim(store, 'a')).rejects.toMatchObject(refused);
    await expect(claimsOf(store).members()).rejects.toMatchObject(refused);
    expect(await redis.dump(keys[place])).toEqual(before);
    expect(await redis.exists(keys.claims)).toBe(place === 'claims' ? 1 : 0);
  });

  it('in place of the claims: is refused by every operation', async () => {
    await redis.set(keys.claims, 'mine');
    const refused = { code: 'foreign-value', message: expect.stringContaining(keys.claims) };
    await expect(store.readHead()).rejects.toMatchObject(refused);
    await expect(store.publish(recordOf('v1'), 9)).rejects.toMatchObject(refused);
    await expect(store.confirm(9)).rejects.toMatchObject(refused);
    await expect(claimsOf(store).leave('a')).rejects.toMatchObject(refused);
    expect(await redis.get(keys.claims)).toBe('mine');
  });

  it.each([
    ['a list', (key: string) => redis.lPush(key, 'mine')],
    ['half of a value', (key: string) => redis.set(key, '{"value":{"dig')],
    ['a value of another kind', (key: string) => redis.set(key, '{"value":[1]}')],
    [
      'a body with a field of another type',
      (key: string) => redis.set(key, '{"value":{"digest":1}}'),
    ],
  ])('%s: is not taken for a body', async (_what, write) => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await redis.del(bodyKey(keys, revision));
    await write(bodyKey(keys, revision));
    await expect(store.readBody(revision)).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await redis.exists(bodyKey(keys, revision))).toBe(1);
  });

  it('a list where a body should go: nothing is published over it', async () => {
    const { token } = await askForClaim(store, 'a');
    await redis.lPush(bodyKey(keys, token), 'mine');
    await expect(publishAs(store, 'a', token, recordOf('v1'))).rejects.toMatchObject({
      code: 'foreign-value',
    });
    await expect(redis.lRange(bodyKey(keys, token), 0, -1)).resolves.toEqual(['mine']);
    await expect(redis.hGet(keys.claims, 'holder')).resolves.toBe('a');
  });

  it.each(['garbage', '-1', '1.5', '1e400', 'nan', '9007199254740993', ''])(
    'a number that is %p counts as lost, and the order of revisions holds',
    async (token) => {
      const revision = await lead(store, 'a', recordOf('v1'));
      const ahead = revision + 1_000_000;
      await redis.hSet(keys.claims, { token, revision: `${ahead}`, dueAt: 'garbage' });
      const reply = await askForClaim(store, 'b');
      expect(reply).toMatchObject({ verdict: 'granted', token: ahead + 1 });
    },
  );

  it.each(['garbage', '-5', '1.5', `${2 ** 52 + 1}`])(
    'a revision that is %p is no record',
    async (revision) => {
      await lead(store, 'a', recordOf('v1'));
      await redis.hSet(keys.claims, 'revision', revision);
      await expect(store.readHead()).resolves.toBeUndefined();
      await expect(askForClaim(store, 'b')).resolves.toMatchObject({
        revision: 0,
        mustPublish: true,
      });
    },
  );

  it('a list in the place of the members stops a check before it has changed anything', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await redis.del(keys.members);
    await redis.lPush(keys.members, 'mine');
    const before = await redis.hGetAll(keys.claims);
    // It would raise the floor, and be granted nothing.
    const ahead = { kick: false, revision: revision + 1, shortestGapMs: 60_000 };
    await expect(askForClaim(store, 'b', ahead)).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await redis.hGetAll(keys.claims)).toEqual(before);
  });

  it('members that cannot be read are forgotten at the next grant', async () => {
    await redis.hSet(keys.members, { x: 'garbage', y: `${2 ** 60} 1 1` });
    await expect(claimsOf(store).members()).resolves.toMatchObject([
      { instance: 'x', revision: 0, ageMs: undefined },
      { instance: 'y', revision: 1, ageMs: 1 },
    ]);
    await expect(askForClaim(store, 'a')).resolves.toMatchObject({ instances: 1 });
  });
});

describe('the server forgets the scripts', () => {
  it('F40: and gets them again', async () => {
    await lead(store, 'a', recordOf('v1'));
    await redis.scriptFlush();
    await lead(store, 'a', recordOf('v2'));
    await redis.scriptFlush();
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"v2"' });
  });
});

describe('on the wire', () => {
  it('an unchanged check is one answer of at most 200 bytes', async () => {
    const proxy = await CountingProxy.before(new URL(url));
    const counted = openRecords(`redis://127.0.0.1:${proxy.port}`, { namespace });
    const revision = await lead(counted, 'a', recordOf('v1'));
    for (let i = 0; i < 1_000; i += 1) await redis.hSet(keys.members, `m${i}`, '1 1 1');
    const follower = { revision, digest: 'v1'.padEnd(64, '0'), token: revision, kick: false };
    await askForClaim(counted, randomUUID(), follower);
    const before = proxy.received;
    const reply = await askForClaim(counted, randomUUID(), { ...follower, ageMs: 29_999 });
    expect(reply).toMatchObject({ verdict: 'not-due', digest: undefined, etag: undefined });
    const bytes = proxy.received - before;
    expect(bytes).toBeGreaterThan(50);
    expect(bytes).toBeLessThanOrEqual(200);
    await counted.close();
    await proxy.close();
  });
});

describe('the members on the wire', () => {
  it('are at most 100 bytes each', async () => {
    const proxy = await CountingProxy.before(new URL(url));
    const counted = openRecords(`redis://127.0.0.1:${proxy.port}`, { namespace });
    const revision = Date.now();
    for (let i = 0; i < 500; i += 1) {
      await askForClaim(store, randomUUID(), { revision, ageMs: 29_999, kick: false });
    }
    await claimsOf(counted).members();
    const before = proxy.received;
    expect(await claimsOf(counted).members()).toHaveLength(500);
    const bytes = proxy.received - before;
    expect(bytes / 500).toBeGreaterThan(50);
    expect(bytes / 500).toBeLessThanOrEqual(100);
    await counted.close();
    await proxy.close();
  });
});

describe('opening', () => {
  it.each([
    ['is empty', ''],
    ['has a blank', 'a b'],
    ['has a brace', 'a{b'],
    ['has another brace', 'a}b'],
    ['has two lines', 'line\nfeed'],
    ['is too long', 'x'.repeat(201)],
  ])('refuses a namespace that %s', (_what, refused) => {
    expect(() => openRecords(url, { namespace: refused })).toThrow(
      expect.objectContaining({ code: 'invalid-options' }),
    );
  });
});
