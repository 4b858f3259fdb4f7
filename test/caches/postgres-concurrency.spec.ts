/** Many at once in a real PostgreSQL: connections, and processes. One of them gets the claim. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterEach, describe, expect, it } from '@jest/globals';
import { postgresCache } from '../../lib/caches-postgres.js';
import { schemaStatements } from '../../lib/caches/postgres/postgres-schema.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { PostgresProcess } from '../support/postgres-process.js';

const database = PostgresDatabase.forThisFile();
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };

const pools: pg.Pool[] = [];
const endPools = () => Promise.all(pools.splice(0).map((pool) => pool.end()));
afterEach(endPools);

interface Place {
  readonly key?: string;
  readonly table?: string;
  readonly options?: string;
}

/** Each with a pool of its own. */
async function openMany(count: number, connections: number, place: Place) {
  const { options, ...names } = place;
  const open = async (): Promise<RecordStore> => {
    const pool = database.pool({ max: connections, ...(options === undefined ? {} : { options }) });
    pools.push(pool);
    return postgresCache(pool, { push: false, ...names }).open(settings);
  };
  return Promise.all(Array.from({ length: count }, open));
}

const grantedOf = (replies: readonly { readonly verdict: string }[]): number =>
  replies.filter(({ verdict }) => verdict === 'granted').length;

describe('many looks at once', () => {
  it.each([
    ['as PostgreSQL is', 100, undefined],
    [
      'where transactions are repeatable reads',
      100,
      '-c default_transaction_isolation=repeatable\\ read',
    ],
    ['where transactions are serializable', 30, '-c default_transaction_isolation=serializable'],
  ])('from five pools are granted one claim, again and again, %s', async (_how, looks, options) => {
    const place = { key: randomUUID(), ...(options === undefined ? {} : { options }) };
    const fleet = await openMany(5, 8, place);
    for (let round = 0; round < 5; round += 1) {
      const name = (i: number): string => `${round}-${i}`;
      const replies = await Promise.all(
        Array.from({ length: looks }, (_, i) => askForClaim(fleet[i % 5]!, name(i))),
      );
      expect(grantedOf(replies)).toBe(1);
      const winner = replies.findIndex(({ verdict }) => verdict === 'granted');
      const { token } = replies[winner]!;
      expect(new Set(replies.map((reply) => reply.token))).toContain(token);
      const ends = await Promise.all(
        fleet.map((store) => publishAs(store, name(winner), token, recordOf(`v${round}`))),
      );
      expect(ends.filter((end) => end === 'accepted')).toHaveLength(1);
      expect(ends.filter((end) => end === 'fenced')).toHaveLength(4);
    }
  });

  it('from four processes are granted one claim', async () => {
    const key = randomUUID();
    const [store] = await openMany(1, 1, { key });
    await lead(store!, 'first', recordOf('v1'));
    const processes = await Promise.all(
      [1, 2, 3, 4].map(() => PostgresProcess.start(database.url, key)),
    );
    for (let round = 0; round < 5; round += 1) {
      const replies = (await Promise.all(processes.map((one) => one.checkAtOnce(25)))).flat();
      expect(replies).toHaveLength(100);
      expect(grantedOf(replies)).toBe(1);
      const { instance, token } = replies.find(({ verdict }) => verdict === 'granted')!;
      await expect(publishAs(store!, instance, token, recordOf(`v${round}`))).resolves.toBe(
        'accepted',
      );
    }
    await Promise.all(processes.map((one) => one.end()));
  });
});

describe('many that ask for the lease at once', () => {
  it.each([
    ['as PostgreSQL is', undefined],
    [
      'where transactions are repeatable reads',
      '-c default_transaction_isolation=repeatable\\ read',
    ],
    ['where transactions are serializable', '-c default_transaction_isolation=serializable'],
  ])('have one leader, and the tokens of all that led only grow, %s', async (_how, options) => {
    const place = { key: randomUUID(), ...(options === undefined ? {} : { options }) };
    const fleet = await openMany(5, 6, place);
    const tokens: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const asked = Array.from({ length: 30 }, async (_, i) => {
        const owner = `${round}-${i}`;
        return { owner, token: await fleet[i % 5]!.lease?.acquireWithToken?.(owner, 60_000, 0) };
      });
      const leaders = (await Promise.all(asked)).filter(({ token }) => token !== undefined);
      expect(leaders).toHaveLength(1);
      for (const { owner, token = 0 } of leaders) {
        tokens.push(token);
        await fleet[round]!.lease?.release(owner);
      }
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(5);
  });
});

describe('many that lead, publish, confirm and leave at once', () => {
  it('never publish backwards, and each claim ends once', async () => {
    const fleet = await openMany(4, 4, { key: randomUUID() });
    const accepted: number[] = [];
    const seen: number[][] = fleet.map(() => []);
    const turn = async (index: number, i: number): Promise<void> => {
      const store = fleet[index]!;
      const instance = `${index}-${i % 3}`;
      const { verdict, token, revision } = await askForClaim(store, instance, {
        // Some are overtaken.
        leaseMs: i % 2 === 0 ? 20 : 5_000,
      });
      seen[index]!.push(revision);
      if (verdict !== 'granted') return;
      const end = await publishAs(store, instance, token, recordOf(`${token}`));
      if (end === 'accepted') accepted.push(token);
      if (i % 4 === 0) await claimsOf(store).leave(instance);
      else await store.confirm(token);
    };
    const run = async (index: number): Promise<void> => {
      for (let i = 0; i < 60; i += 1) await turn(index, i);
    };
    await Promise.all(fleet.map((_store, index) => run(index)));
    expect(accepted.length).toBeGreaterThan(10);
    expect(new Set(accepted).size).toBe(accepted.length);
    for (const revisions of seen) expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    await expect(fleet[0]!.readHead()).resolves.toMatchObject({ revision: Math.max(...accepted) });
  });
});

describe('table and functions', () => {
  it('are made once by twenty that begin at the same moment, none of which is refused', async () => {
    for (let round = 0; round < 3; round += 1) {
      const fleet = await openMany(20, 1, { table: `made_at_once_${round}` });
      const replies = await Promise.all(fleet.map((store, i) => askForClaim(store, `${i}`)));
      expect(grantedOf(replies)).toBe(1);
      await endPools();
    }
    const made = await database.query(
      "SELECT 1 FROM pg_proc WHERE proname LIKE 'made_at_once_0_v2_%'",
    );
    expect(made).toHaveLength(schemaStatements('x').length - 1);
  });

  it('that a half-done beginning has left are completed', async () => {
    const statements = schemaStatements('half_done');
    for (const statement of statements.slice(0, 4)) await database.query(statement);
    const [store] = await openMany(1, 1, { table: 'half_done' });
    await lead(store!, 'a', recordOf('v1'));
    await expect(store!.readHead()).resolves.toMatchObject({ etag: '"v1"' });
  });

  it('can lie in a schema of their own, under a name as it is written', async () => {
    await database.query('CREATE SCHEMA "Shop"');
    const [store] = await openMany(1, 1, { table: 'Shop.Flags_2' });
    await lead(store!, 'a', recordOf('v1'));
    await expect(database.query('SELECT count(*)::int FROM "Shop"."Flags_2"')).resolves.toEqual([
      { count: 3 },
    ]);
  });
});
