/** Definitions and claims in a table of DynamoDB (dynalite), as an app opens it. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { dynamodbCache, type DynamodbCacheOptions } from '../../lib/caches-dynamodb.js';
import { PIECE_BYTES } from '../../lib/caches/dynamodb/dynamodb-bodies.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { CLOCK_TOLERANCE_MS } from '../../lib/core/register/register-time.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { checkRequest } from '../core/coordination/store-in-hand.js';
import { DynamodbServer } from '../support/dynamodb-server.js';

const table = 'flags';
let server: DynamodbServer;
let key: string;
const open: RecordStore[] = [];

beforeAll(async () => {
  server = await DynamodbServer.start();
  await server.createTable(table);
});
afterAll(() => server.close());
beforeEach(() => {
  key = `test-${randomUUID()}`;
  server.asked.length = 0;
});
afterEach(async () => {
  server.intercept = () => undefined;
  await Promise.all(open.splice(0).map((store) => store.close()));
});

/** As another process has it. */
async function another(
  clock: Clock = systemClock,
  options: Partial<DynamodbCacheOptions> = {},
): Promise<RecordStore> {
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock };
  const store = await dynamodbCache(server.client, { table, key, ...options }).open(settings);
  open.push(store);
  return store;
}

const items = () => server.items(table, `flags:v1:${key}`);
const asked = (operation: string) => server.asked.filter((name) => name === operation).length;

describe('a publication by claim', () => {
  it('can be read by another: head and body', async () => {
    const revision = await lead(await another(), 'a', recordOf('v1'));
    const store = await another();
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
    ['letters that are cut in two', `x${'☃'.repeat(PIECE_BYTES)}`],
    ['bytes', new Uint8Array([0, 255, 10, 13, 128])],
    ['exactly one piece', 'x'.repeat(PIECE_BYTES)],
    ['one byte more', 'x'.repeat(PIECE_BYTES + 1)],
  ])('brings back %s unchanged', async (_what, body) => {
    const revision = await lead(await another(), 'a', recordOf('v1', body));
    await expect((await another()).readBody(revision)).resolves.toMatchObject({ body });
  });

  it('F38: of 1.5 MB lies in pieces, each below the limit of an item', async () => {
    const body = Array.from({ length: 1_500 }, (_, n) => `${n}`.padEnd(1_000, 'abc')).join('');
    const revision = await lead(await another(), 'a', recordOf('v1', body));

    await expect((await another()).readBody(revision)).resolves.toMatchObject({ body });
    const pieces = [...(await items())].filter(([sortKey]) => sortKey.startsWith('piece#'));
    expect(pieces.map(([sortKey]) => sortKey)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `piece#${revision}#${n}`),
    );
    for (const [, { bytes }] of pieces) {
      expect(bytes?.B?.byteLength).toBeLessThanOrEqual(PIECE_BYTES);
    }
  });

  it('deletes what was overtaken ten minutes ago, and no time to live threatens a body', async () => {
    const store = await another();
    const first = await lead(store, 'a', recordOf('v1'));
    const second = await lead(store, 'a', recordOf('v2'));
    const later = await another(new ManualClock(Date.now() + 11 * 60_000 + CLOCK_TOLERANCE_MS));
    expect([...(await items()).keys()]).toContain(`body#${first}`);
    const third = await lead(later, 'a', recordOf('v3'));

    const left = await items();
    const names = [...left.keys()].filter((name) => /^(body|piece)#/.test(name));
    const kept = [second, third];
    expect(names).toEqual([
      ...kept.map((revision) => `body#${revision}`),
      ...kept.map((revision) => `piece#${revision}#0`),
    ]);
    for (const [name, item] of left) {
      expect([name, 'expiresAt' in item]).toEqual([name, name.startsWith('member#')]);
    }
  });

  it('is found by who dies before the head points to it: its pieces are deleted by the next', async () => {
    const store = await another();
    const { token } = await askForClaim(store, 'a', { leaseMs: 0 });
    server.intercept = () =>
      asked('PutItem') > 4 ? { error: 'InternalServerError', status: 500 } : undefined;
    const torn = recordOf('torn', 'x'.repeat(3 * PIECE_BYTES));
    await expect(publishAs(store, 'a', token, torn)).rejects.toMatchObject({
      code: 'cache-unavailable',
    });
    server.intercept = () => undefined;
    expect([...(await items()).keys()]).toContain(`body#${token}`);
    await expect(store.readBody(token)).resolves.toBeUndefined();

    const revision = await lead(await another(), 'b', recordOf('v1'));
    expect([...(await items()).keys()].toSorted()).toEqual(
      [`body#${revision}`, 'head', 'member#a', 'member#b', `piece#${revision}#0`].toSorted(),
    );
  });
});

describe('a body with something missing', () => {
  it.each(['piece#%r#1', 'body#%r'])(
    'F38: %s: reads as none, and is published again',
    async (name) => {
      const store = await another();
      const body = 'x'.repeat(2 * PIECE_BYTES);
      const revision = await lead(store, 'a', recordOf('v1', body));
      await server.remove(table, `flags:v1:${key}`, name.replace('%r', `${revision}`));
      await expect(store.readBody(revision)).resolves.toBeUndefined();

      // As an instance that cannot read what is there asks for it.
      const reply = await askForClaim(store, 'b', { floor: revision + 1 });
      expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true, etag: undefined });
      await publishAs(store, 'b', reply.token, recordOf('v1', body));
      await expect((await another()).readBody(reply.token)).resolves.toMatchObject({ body });
    },
  );

  it('whose pieces are of two writers reads as none', async () => {
    const store = await another();
    const revision = await lead(store, 'a', recordOf('v1', 'x'.repeat(2 * PIECE_BYTES)));
    const item = (await items()).get(`piece#${revision}#1`)!;
    await server.put(table, { ...item, sum: { S: 'another' } });
    await expect(store.readBody(revision)).resolves.toBeUndefined();
  });

  it('is not overwritten by another content under its number', async () => {
    const store = await another();
    const { token } = await askForClaim(store, 'a');
    await publishAs(store, 'a', token, recordOf('v1'));
    await expect(publishAs(store, 'a', token, recordOf('v2'))).resolves.toBe('fenced');
    await expect(store.readBody(token)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
  });
});

describe('claims', () => {
  it.each(['an empty table', 'a publication'])(
    'are granted to one of thirty who ask at once, over %s',
    async (before) => {
      if (before === 'a publication') await lead(await another(), 'first', recordOf('v1'));
      const stores = await Promise.all(Array.from({ length: 30 }, () => another()));
      const replies = await Promise.all(stores.map((store, n) => askForClaim(store, `i${n}`)));
      expect(replies.filter(({ verdict }) => verdict === 'granted')).toHaveLength(1);
      expect(replies.filter(({ verdict }) => verdict === 'held')).toHaveLength(29);
    },
  );

  it('of a holder that has died run out for who has watched them for so long, and not before', async () => {
    const [died, watching] = [new ManualClock(), new ManualClock()];
    // Its wall clock says nothing: it is half a minute ahead.
    watching.jumpWallClock(30_000);
    const { token } = await askForClaim(await another(died), 'died', { leaseMs: 12_000 });
    const store = await another(watching);
    expect((await askForClaim(store, 'b')).verdict).toBe('held');
    await watching.advance(11_999);
    expect((await askForClaim(store, 'b')).verdict).toBe('held');
    await watching.advance(2);
    const next = await askForClaim(store, 'b');
    expect(next.verdict).toBe('granted');
    expect(next.token).toBeGreaterThan(token);
  });

  it('of a holder that has died are over at once for who comes long after', async () => {
    await askForClaim(await another(new ManualClock()), 'died', { leaseMs: 12_000 });
    const later = new ManualClock(Date.UTC(2026, 0, 1) + CLOCK_TOLERANCE_MS + 12_001);
    expect((await askForClaim(await another(later), 'b')).verdict).toBe('granted');
  });

  it('refuse what comes from who was overtaken', async () => {
    const [slow, quick] = [await another(), await another()];
    const { token } = await askForClaim(slow, 'slow', { leaseMs: 0 });
    const revision = await lead(quick, 'quick', recordOf('new'));
    await expect(publishAs(slow, 'slow', token, recordOf('old'))).resolves.toBe('fenced');
    await expect(quick.readHead()).resolves.toMatchObject({ revision });
  });

  it('are had by who was granted one, though the answer was lost and the SDK asked again', async () => {
    const store = await another();
    let cut = 0;
    server.intercept = (operation) =>
      // The first is the sign of life.
      operation === 'PutItem' && asked('PutItem') === 2 && (cut += 1) === 1
        ? { fault: 'carried-out' }
        : undefined;
    const reply = await askForClaim(store, 'a');
    expect({ cut, verdict: reply.verdict }).toEqual({ cut: 1, verdict: 'granted' });
  });

  it('begin anew, above all that is known, in a table that was emptied', async () => {
    const store = await another();
    const revision = await lead(store, 'a', recordOf('v1'));
    for (const name of (await items()).keys()) await server.remove(table, `flags:v1:${key}`, name);
    const reply = await askForClaim(store, 'a', { token: revision, revision });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(reply.token).toBeGreaterThan(revision);
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['is spoilt', { version: { S: 'x' }, value: { S: '{"writtenAt":"soon"}' } }],
    ['is not ours', { name: { S: 'somebody' } }],
  ])('write a head anew that %s', async (_what, attributes) => {
    await server.put(table, { pk: { S: `flags:v1:${key}` }, sk: { S: 'head' }, ...attributes });
    const store = await another();
    await expect(store.readHead()).resolves.toBeUndefined();
    const revision = await lead(store, 'a', recordOf('v1'));
    await expect((await another()).readHead()).resolves.toMatchObject({ revision });
  });
});

describe('what it costs', () => {
  it('a look that finds nothing to do is one consistent read; a sign of life a write in a minute', async () => {
    const clock = new ManualClock();
    const store = await another(clock);
    const { token } = await askForClaim(store, 'a');
    const result = { kind: 'new', record: recordOf('v1'), nextDueMs: 600_000 } as const;
    await claimsOf(store).finish({ instance: 'a', token, result });
    const look = () => claimsOf(store).check(checkRequest({ instance: 'a', revision: token }));
    await look();
    server.asked.length = 0;
    for (let n = 0; n < 12; n += 1) {
      await clock.advance(5_000);
      await look();
    }
    expect(server.asked).toEqual([...Array.from({ length: 12 }, () => 'GetItem'), 'PutItem']);
  });

  it('a refresh that brings nothing new is two writes, and one look at who is there', async () => {
    const store = await another();
    await lead(store, 'a', recordOf('v1'));
    server.asked.length = 0;
    const { token } = await askForClaim(store, 'a');
    const result = { kind: 'same', etag: undefined, nextDueMs: 30_000 } as const;
    await claimsOf(store).finish({ instance: 'a', token, result });
    expect(server.asked).toEqual(['GetItem', 'Query', 'PutItem', 'GetItem', 'PutItem']);
  });
});

describe('members', () => {
  it('are all who signed in the last minutes, with what they hold', async () => {
    const clock = new ManualClock();
    const store = await another(clock);
    const token = await lead(store, 'a', recordOf('one'));
    await store.readHead();
    await clock.advance(6_000);
    await claimsOf(store).check(checkRequest({ instance: 'b', revision: token, ageMs: 12 }));
    expect(await claimsOf(store).members()).toEqual([
      { instance: 'a', revision: 0, ageMs: undefined, seenAgoMs: 6_000, leads: true },
      { instance: 'b', revision: token, ageMs: 12, seenAgoMs: 0, leads: false },
    ]);
    expect((await items()).get('member#b')?.['expiresAt']?.N).toBe(
      `${Math.ceil((clock.now() + 86_400_000) / 1_000)}`,
    );
    await claimsOf(store).leave('b');
    expect([...(await items()).keys()]).not.toContain('member#b');
  });

  it('are listed page by page', async () => {
    const store = await another();
    const names = Array.from({ length: 9 }, (_, n) => `i${n}`);
    for (const name of names) {
      const keys = { pk: { S: `flags:v1:${key}` }, sk: { S: `member#${name}` } };
      await server.put(table, { ...keys, large: { B: Buffer.alloc(200_000) } });
    }
    server.asked.length = 0;
    const members = await claimsOf(store).members();
    expect(members.map(({ instance }) => instance)).toEqual(names);
    expect(asked('Query')).toBeGreaterThan(1);
  });
});

it('has the names of the table’s keys from the options', async () => {
  await server.createTable('other-names', 'id', 'part');
  const names = { table: 'other-names', partitionKey: 'id', sortKey: 'part', ttlAttribute: 'ttl' };
  const store = await another(systemClock, names);
  const revision = await lead(store, 'a', recordOf('v1'));
  await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
});
