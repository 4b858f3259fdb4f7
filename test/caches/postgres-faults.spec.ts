/** What goes wrong with a real PostgreSQL is named with why and what to do, and without a secret. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import {
  postgresCache,
  postgresCacheSql,
  type PostgresCacheOptions,
} from '../../lib/caches-postgres.js';
import { postgresFault } from '../../lib/caches/postgres/postgres-fault.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually, freePort } from '../setup/free-port.mjs';
import { askForClaim, lead, recordOf } from '../support/claim-turns.js';
import { PostgresDatabase } from '../support/postgres-database.js';

const database = PostgresDatabase.forThisFile();

interface Opened {
  readonly url?: string;
  readonly pool?: pg.PoolConfig;
  readonly commandTimeoutMs?: number;
}

const stores: RecordStore[] = [];
const pools: pg.Pool[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

async function open(
  { url, pool: config = {}, commandTimeoutMs = 60_000 }: Opened,
  options: PostgresCacheOptions = {},
): Promise<RecordStore> {
  const pool = url === undefined ? database.pool(config) : undefined;
  if (pool !== undefined) pools.push(pool);
  const settings = { identity: undefined, commandTimeoutMs, clock: systemClock };
  const names = { key: randomUUID(), push: false, ...options };
  const store = await postgresCache(pool ?? url ?? '', names).open(settings);
  stores.push(store);
  return store;
}

/** The URL of the database with another user, password, port or name. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(database.url);
  change(url);
  return url.href;
}

const refused = (...parts: string[]) => ({
  code: 'cache-unavailable',
  message: expect.stringMatching(new RegExp(parts.map((part) => `(?=[^]*${part})`).join(''))),
});

beforeAll(async () => {
  const store = await postgresCache(database.pool({ max: 1 }), { push: false }).open({
    identity: undefined,
    commandTimeoutMs: 10_000,
    clock: systemClock,
  });
  await store.readHead();
  await database.query('CREATE ROLE poor LOGIN; CREATE ROLE few LOGIN CONNECTION LIMIT 0');
});

/** Another session holds the table for as long as the work takes. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const client = await database.onlooker.connect();
  await client.query('BEGIN; LOCK TABLE nestjs_feature_flags IN ACCESS EXCLUSIVE MODE');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

describe('a store in trouble says what to do', () => {
  it('nobody listens at the port', async () => {
    const port = await freePort();
    const url = `postgres://somebody:hunter2@127.0.0.1:${port}/app`;
    const store = await open({ url });
    const failure = await store.readHead().catch((error: unknown) => error);
    expect(failure).toMatchObject(
      refused('ECONNREFUSED', `127\\.0\\.0\\.1:${port}`, 'check that it runs'),
    );
    expect(String(failure)).not.toMatch(/hunter2|somebody/);
  });

  it.each([
    [
      'no such database',
      (url: URL): unknown => (url.pathname = '/nowhere'),
      ['3D000', 'create it'],
    ],
    [
      'no such user',
      (url: URL): unknown => (url.username = 'nobody-at-all'),
      ['28000', 'user or password'],
    ],
    [
      'too many connections',
      (url: URL): unknown => (url.username = 'few'),
      ['53300', 'max_connections'],
    ],
  ] as const)('%s', async (_what, change, parts) => {
    const store = await open({ url: urlWith(change) });
    await expect(store.readHead()).rejects.toMatchObject(refused(...parts));
  });

  it('a user who may not touch the table', async () => {
    const store = await open({ url: urlWith((url) => (url.username = 'poor')) });
    await expect(askForClaim(store, 'a')).rejects.toMatchObject(
      refused('42501', 'grant SELECT, INSERT, UPDATE and DELETE'),
    );
  });

  it('a user who may make nothing: with the SQL that was run by hand, and the rights, all is well', async () => {
    const url = urlWith((changed) => (changed.username = 'poor'));
    const store = await open({ url }, { table: 'by_hand' });
    await expect(lead(store, 'a', recordOf('v1'))).rejects.toMatchObject(
      refused('42501', 'postgresCacheSql\\(\\)'),
    );
    const sql = postgresCacheSql('by_hand');
    await database.query(sql);
    await database.query(sql);
    await database.query('GRANT SELECT, INSERT, UPDATE, DELETE ON by_hand TO poor');
    await lead(store, 'a', recordOf('v1'));
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"v1"' });
  });

  it('a schema that is not there', async () => {
    const store = await open({}, { table: 'nowhere.flags' });
    await expect(store.readHead()).rejects.toMatchObject(refused('3F000', 'create it'));
  });

  it('a database that takes no writes: nothing is granted, and who has nothing is given what is there', async () => {
    const key = randomUUID();
    await lead(await open({}, { key }), 'a', recordOf('v1'));
    await database.query('ALTER DATABASE postgres SET default_transaction_read_only = on');
    const store = await open({ url: database.url }, { key });
    try {
      const held = await askForClaim(store, 'b');
      expect(held).toMatchObject({ verdict: 'not-due', digest: recordOf('v1').digest });
      // Who has definitions is told, and so is who finds none.
      const takesNoWrites = refused('25006', 'nothing can be published', 'connect to the primary');
      await expect(askForClaim(store, 'b', { revision: held.revision })).rejects.toMatchObject(
        takesNoWrites,
      );
      const empty = await open({ url: database.url });
      await expect(askForClaim(empty, 'b')).rejects.toMatchObject(takesNoWrites);
      await expect(store.readHead()).resolves.toMatchObject({ etag: '"v1"' });
    } finally {
      await database.query('ALTER DATABASE postgres RESET default_transaction_read_only');
    }
  });

  it('a lock on the table that somebody holds', async () => {
    // The server gives up when nine tenths have passed, and says why: time enough to be heard.
    const store = await open({ commandTimeoutMs: 10_000 });
    await whileLocked(() =>
      expect(askForClaim(store, 'a')).rejects.toMatchObject(refused('55P03', 'pg_locks')),
    );
    await expect(askForClaim(store, 'a')).resolves.toMatchObject({ verdict: 'granted' });
  });

  it('a statement_timeout of its user', async () => {
    const store = await open({ pool: { options: '-c statement_timeout=100' } });
    await whileLocked(() =>
      expect(askForClaim(store, 'a')).rejects.toMatchObject(refused('57014', 'statement_timeout')),
    );
  });

  it('an administrator who ends its connection: the next statement has another', async () => {
    const store = await open({ pool: { max: 1, application_name: 'to-be-ended' } });
    await whileLocked(async () => {
      const asked = askForClaim(store, 'a').catch((error: unknown) => error);
      const end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-ended' AND wait_event_type = 'Lock'";
      expect(await eventually(async () => (await database.query(end)).length === 1)).toBe(true);
      expect(await asked).toMatchObject(refused('57P01', 'up again'));
    });
    await expect(askForClaim(store, 'a')).resolves.toMatchObject({ verdict: 'granted' });
  });

  it('a connection that is ended while it rests does not end the process', async () => {
    const store = await open({ pool: { max: 1, application_name: 'at-rest' } });
    await store.readHead();
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'at-rest'",
    );
    await expect(
      eventually(async () => (await store.readHead().catch(() => 'no')) === undefined),
    ).resolves.toBe(true);
  });

  it('a table of this name that is not ours is left as it is', async () => {
    await database.query('CREATE TABLE taken (a int); INSERT INTO taken VALUES (1)');
    const store = await open({}, { table: 'taken' });
    const foreign = { code: 'foreign-value', message: expect.stringContaining('option table') };
    await expect(askForClaim(store, 'a')).rejects.toMatchObject(foreign);
    await expect(database.query('SELECT * FROM taken')).resolves.toEqual([{ a: 1 }]);
  });

  it('a pool that was ended is closed, not in trouble', async () => {
    const pool = database.pool();
    await pool.end();
    const settings = { identity: undefined, commandTimeoutMs: 1_000, clock: systemClock };
    const store = await postgresCache(pool, { push: false }).open(settings);
    await expect(store.readHead()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a pool without a free connection', () => {
  it('F26, F28: every statement has a deadline, and no more are queued than a few', async () => {
    const store = await open({ pool: { max: 1 }, commandTimeoutMs: 50 });
    await eventually(async () => (await store.readHead().catch(() => 'late')) !== 'late');
    const pool = pools.at(-1)!;
    const held = await pool.connect();
    for (let i = 0; i < 8; i += 1) {
      await expect(store.readHead()).rejects.toMatchObject({ code: 'deadline-exceeded' });
    }
    await expect(store.readHead()).rejects.toMatchObject(refused('8 earlier statements', 'max'));
    expect(pool.waitingCount).toBe(8);
    held.release();
    expect(await eventually(async () => pool.waitingCount === 0)).toBe(true);
    const isBack = async () => (await store.readHead().catch(() => 'no')) === undefined;
    expect(await eventually(isBack)).toBe(true);
  });
});

describe('what cannot be provoked here', () => {
  it.each([
    ['28P01', 'user or password is wrong'],
    ['42P01', 'run the SQL that postgresCacheSql'],
    ['42883', 'run the SQL that postgresCacheSql'],
    ['53100', 'free disk space'],
    ['57P02', 'when it is up again'],
    ['57P03', 'it will answer soon'],
    ['08P01', 'a pooler between may not know a parameter'],
    ['XX000', 'look at its log'],
    ['CERT_HAS_EXPIRED', 'renew it'],
  ])('%s is told with what to do, and not with the words of the server', (code, part) => {
    const error = Object.assign(new Error('password "hunter2" of somebody'), { code });
    const fault = postgresFault(error, 'check for a refresh', 'a table');
    expect(fault).toMatchObject(refused(code, part));
    expect(fault.message).not.toContain('hunter2');
  });

  it.each([
    ['timeout exceeded when trying to connect', 'no connection was free'],
    ['Connection terminated due to connection timeout', 'could not be connected to in time'],
    ['Connection terminated unexpectedly', 'the connection was lost'],
    ['Query read timeout', 'did not answer in time'],
    ['The server does not support SSL connections', 'speaks no TLS'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'no password'],
    ['postgres://user:hunter2@host', 'an error of the kind Error'],
  ])('"%s" of pg, too', (message, part) => {
    const fault = postgresFault(new Error(message), 'check for a refresh', 'a table');
    expect(fault).toMatchObject(refused(part));
    expect(fault.message).not.toContain('hunter2');
  });

  it('where a name has several addresses, one of them is told', () => {
    const one = Object.assign(new Error(), { code: 'ECONNREFUSED', address: '::1', port: 5432 });
    const fault = postgresFault(new AggregateError([one]), 'check for a refresh', 'a table');
    expect(fault).toMatchObject(refused('ECONNREFUSED at ::1:5432'));
  });
});
