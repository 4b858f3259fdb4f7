/** Definitions and claims in a real PostgreSQL, over a pool as an app has one. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { postgresCache } from '../../lib/caches-postgres.js';
import type { ClaimEnd } from '../../lib/core/coordination/claim-store.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { PostgresDatabase } from '../support/postgres-database.js';

const database = PostgresDatabase.forThisFile();
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };

let pool: pg.Pool;
beforeAll(() => {
  pool = database.pool({ max: 4 });
});

let key: string;
let store: RecordStore;
const stores: RecordStore[] = [];
beforeEach(async () => {
  key = `records-${randomUUID()}`;
  store = await open();
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((one) => one.close()));
});

async function open(over = pool): Promise<RecordStore> {
  const opened = await postgresCache(over, { key }).open(settings);
  stores.push(opened);
  return opened;
}

/** The rows of this cache that are of a kind. */
function rows(kind: string): Promise<readonly Record<string, unknown>[]> {
  return database.query(
    'SELECT name, facts, expires_at, xmin, ctid FROM nestjs_feature_flags WHERE namespace = $1 AND kind = $2 ORDER BY name',
    [key, kind],
  );
}

function changeClaims(facts: Readonly<Record<string, unknown>>) {
  return database.query(
    "UPDATE nestjs_feature_flags SET facts = facts || $2 WHERE namespace = $1 AND kind = 'claims'",
    [key, JSON.stringify(facts)],
  );
}

async function expiryOf(revision: number): Promise<number | undefined> {
  const row = (await rows('body')).find(({ name }) => name === `${revision}`);
  const at = row?.['expires_at'];
  return typeof at === 'string' ? Number(at) - Date.now() : undefined;
}

function loseBody(revision: number) {
  return database.query(
    "DELETE FROM nestjs_feature_flags WHERE namespace = $1 AND kind = 'body' AND name = $2",
    [key, `${revision}`],
  );
}

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
    ['letters of all kinds', 'é ☃ 🎉 "\\ \n \u0000'],
    ['bytes', new Uint8Array([0, 255, 10, 13, 128])],
    ['nothing', ''],
    ['half a megabyte', 'x'.repeat(500_000)],
    ['five megabytes of bytes', new Uint8Array(5_000_000).map((_, i) => (i * 7919) % 251)],
  ])('brings back %s unchanged', async (_what, body) => {
    const revision = await lead(store, 'a', recordOf('v1', body));
    const read = await store.readBody(revision);
    expect(typeof read?.body).toBe(typeof body);
    // Not by a matcher, which takes its time to look at every byte.
    expect(Buffer.from(read?.body ?? '').equals(Buffer.from(body))).toBe(true);
    expect(read?.head.sizeBytes).toBe(Buffer.byteLength(body));
  });

  it('is permanent, while the body that it overtook soon expires, and is then removed', async () => {
    const first = await lead(store, 'a', recordOf('v1'));
    const second = await lead(store, 'a', recordOf('v2'));
    await expect(expiryOf(second)).resolves.toBeUndefined();
    const leftMs = await expiryOf(first);
    expect(leftMs).toBeGreaterThan(590_000);
    expect(leftMs).toBeLessThanOrEqual(600_500);
    await expect(store.readBody(first)).resolves.toMatchObject({
      head: { revision: first, sizeBytes: 16, etag: '"v1"' },
      body: '{"flags":["v1"]}',
    });
    await database.query(
      "UPDATE nestjs_feature_flags SET expires_at = 1 WHERE namespace = $1 AND kind = 'body' AND name = $2",
      [key, `${first}`],
    );
    await expect(store.readBody(first)).resolves.toBeUndefined();
    await lead(store, 'a', recordOf('v3'));
    expect((await rows('body')).map(({ name }) => name)).not.toContain(`${first}`);
  });

  it('reads what an app whose parsers of types are its own reads', async () => {
    const strange = { getTypeParser: () => (value: string) => `parsed ${value.length}` };
    const revision = await lead(store, 'a', recordOf('v1'));
    // Numbers, JSON and bytes come as text; only text itself must stay what it is.
    const text = {
      getTypeParser: (type: number) => (type === 25 ? String : strange.getTypeParser()),
    };
    const odd = await open(database.pool({ max: 1, types: text as never }));
    await expect(odd.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
  });
});

describe('a write that comes too late', () => {
  it('F04: leaves a body that expires by itself, and changes nothing else', async () => {
    const slow = (await askForClaim(store, 'slow', { leaseMs: 0 })).token;
    const revision = await lead(store, 'fast', recordOf('new'));
    const before = await rows('claims');

    await expect(publishAs(store, 'slow', slow, recordOf('old'))).resolves.toBe('fenced');

    expect((await rows('claims'))[0]).toMatchObject({ facts: before[0]?.['facts'] });
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["new"]}' });
    const leftMs = await expiryOf(slow);
    expect(leftMs).toBeGreaterThan(3_590_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_500);
  });

  it('F04: overwrites no body, not even under the same number', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await expect(publishAs(store, 'a', revision, recordOf('ghost'))).resolves.toBe('fenced');
    await expect(store.publish(recordOf('ghost'), revision)).resolves.toBe(false);
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
    await expect(expiryOf(revision)).resolves.toBeUndefined();
  });
});

describe('a body that is not the one', () => {
  it('a claim cannot be finished with another body in its place', async () => {
    const { token } = await askForClaim(store, 'a');
    await publishAs(store, 'b', token, recordOf('another'));
    const [before] = await rows('claims');
    await expect(publishAs(store, 'a', token, recordOf('v1'))).resolves.toBe('must-publish');
    expect((await rows('claims'))[0]).toMatchObject({ facts: before?.['facts'] });
    await loseBody(token);
    await expect(publishAs(store, 'a', token, recordOf('v1'))).resolves.toBe('accepted');
  });

  it('a publication without a claim says so', async () => {
    await publishAs(store, 'b', 7, recordOf('another'));
    await expect(store.publish(recordOf('v1'), 7)).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('their body is not there, or another lies in its place'),
    });
    await expect(store.readHead()).resolves.toBeUndefined();
  });

  it('of another history is not read', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await changeClaims({ digest: recordOf('v2').digest });
    await expect(store.readBody(revision)).resolves.toBeUndefined();
  });

  it('F12: that was lost is missed, and fetched again whole', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await loseBody(revision);
    await expect(store.readBody(revision)).resolves.toBeUndefined();
    const reply = await askForClaim(store, 'b', { kick: false, revision });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true, etag: undefined });
  });

  it.each([
    ['without its facts', "facts = '{}'"],
    ['without its bytes', 'content = NULL'],
    ['with a fact of another kind', `facts = facts || '{"codec": 1}'`],
  ])('%s: is not taken for a body', async (_what, change) => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await database.query(
      `UPDATE nestjs_feature_flags SET ${change} WHERE namespace = $1 AND kind = 'body'`,
      [key],
    );
    await expect(store.readBody(revision)).rejects.toMatchObject({ code: 'foreign-value' });
  });
});

describe('everything is lost', () => {
  it('F12: TRUNCATE is a loss of memory, and the next publication is above what was held', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    await database.query('TRUNCATE nestjs_feature_flags');
    await expect(store.readHead()).resolves.toBeUndefined();
    const reply = await askForClaim(store, 'b', { kick: false, revision, token: revision });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(reply.token).toBeGreaterThan(revision);
    await expect(publishAs(store, 'b', reply.token, recordOf('v2'))).resolves.toBe('accepted');
  });

  it('DROP TABLE, too, and the table is made again', async () => {
    await lead(store, 'a', recordOf('v1'));
    await database.query('DROP TABLE nestjs_feature_flags');
    await expect(store.readHead()).resolves.toBeUndefined();
    await lead(store, 'b', recordOf('v2'));
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"v2"' });
  });
});

describe('numbers that are not ours', () => {
  it.each(['garbage', -1, 1.5, null, '99999999999999999999', 2 ** 52 + 1, [1]])(
    '%p as the last token counts as lost, and the order of revisions holds',
    async (token) => {
      const revision = await lead(store, 'a', recordOf('v1'));
      const ahead = revision + 1_000_000;
      await changeClaims({ token, revision: ahead, dueAt: 'garbage' });
      const reply = await askForClaim(store, 'b');
      expect(reply).toMatchObject({ verdict: 'granted', token: ahead + 1 });
    },
  );

  it('fields that a newer version has written stay as they are', async () => {
    await lead(store, 'a', recordOf('v1'));
    await changeClaims({ ofTheFuture: { is: 'kept' } });
    await lead(store, 'a', recordOf('v2'));
    expect((await rows('claims'))[0]).toMatchObject({ facts: { ofTheFuture: { is: 'kept' } } });
  });

  it('members that cannot be read are forgotten at the next grant', async () => {
    await askForClaim(store, 'x', { leaseMs: 0 });
    await database.query(
      `UPDATE nestjs_feature_flags SET facts = '{"seenAt":"garbage","ageMs":1}' WHERE namespace = $1 AND kind = 'member'`,
      [key],
    );
    await expect(claimsOf(store).members()).resolves.toMatchObject([
      { instance: 'x', revision: 0, ageMs: 1 },
    ]);
    await expect(askForClaim(store, 'a')).resolves.toMatchObject({ instances: 1 });
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

describe('push', () => {
  it('tells of a publication', async () => {
    let hints = 0;
    const unsubscribe = store.watch?.(() => (hints += 1));
    // The subscription itself is the first hint.
    expect(await eventually(() => hints === 1)).toBe(true);
    await lead(store, 'a', recordOf('v1'));
    expect(await eventually(() => hints === 2)).toBe(true);
    unsubscribe?.();
    await lead(store, 'a', recordOf('v2'));
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
    await lead(store, 'a', recordOf('v2'));
    expect(await eventually(() => hints === 3)).toBe(true);
  });

  it('F24: comes back after its connection was terminated, and hints for what was said meanwhile', async () => {
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    const listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
    // Those of the tests before are on their way out.
    const isOnlyOne = async () => (await database.query(`SELECT 1 ${listening}`)).length === 1;
    expect(await eventually(isOnlyOne)).toBe(true);
    const ended = await database.query(`SELECT pg_terminate_backend(pid) ${listening}`);
    expect(ended).toHaveLength(1);
    expect(await eventually(() => hints === 2)).toBe(true);
    await lead(store, 'a', recordOf('v1'));
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
    expect(await eventually(() => hints === 2)).toBe(true);
  });

  it('ends with the store, and its connection with it', async () => {
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    await store.close();
    const listening = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
    expect(await eventually(async () => (await database.query(listening)).length === 0)).toBe(true); // prettier-ignore
  });

  it('is not there when the option says so', async () => {
    const silent = await postgresCache(pool, { key, push: false }).open(settings);
    expect('watch' in silent && silent.watch !== undefined).toBe(false);
  });
});

describe('what a look costs', () => {
  it('one that changes nothing writes the row of its member where it lies, and nothing else', async () => {
    const revision = await lead(store, 'a', recordOf('v1'));
    const held = { kick: false, revision, digest: 'v1'.padEnd(64, '0'), token: revision };
    await askForClaim(store, 'b', held);
    const [before] = await rows('claims');
    const index = "SELECT pg_relation_size('nestjs_feature_flags_pkey') AS bytes";
    const [sizeBefore] = await database.query(index);
    for (let i = 0; i < 500; i += 1) await askForClaim(store, 'b', { ...held, ageMs: i });
    // Not even locked: the row has no trace of the looks.
    expect((await rows('claims'))[0]).toEqual(before);
    expect(await database.query(index)).toEqual([sizeBefore]);
    const [{ bytes } = {}] = await database.query(
      "SELECT pg_relation_size('nestjs_feature_flags') AS bytes",
    );
    expect(Number(bytes)).toBeLessThan(400_000);
  });

  it('is one round trip, and its answer at most 200 bytes', async () => {
    const proxy = await CountingProxy.before(new URL(database.url));
    const url = new URL(database.url);
    url.port = `${proxy.port}`;
    const counted = await open(database.pool({ connectionString: url.href, max: 1 }));
    const revision = await lead(counted, 'a', recordOf('v1'));
    const follower = { revision, digest: 'v1'.padEnd(64, '0'), token: revision, kick: false };
    await askForClaim(counted, 'b', follower);
    const before = proxy.received;
    const reply = await askForClaim(counted, 'b', { ...follower, ageMs: 29_999 });
    expect(reply).toMatchObject({ verdict: 'not-due', digest: undefined, etag: undefined });
    expect(proxy.received - before).toBeGreaterThan(50);
    expect(proxy.received - before).toBeLessThanOrEqual(200);
    await proxy.close();
  });
});
