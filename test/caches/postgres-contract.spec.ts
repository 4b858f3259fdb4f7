/** PostgreSQL keeps the contracts of record, claim and lease stores, however it is opened. */
import { afterAll, beforeAll } from '@jest/globals';
import type pg from 'pg';
import { postgresCache } from '../../lib/caches-postgres.js';
import { schemaStatements } from '../../lib/caches/postgres/postgres-schema.js';
import { describeClaimStore, describeLeaseStore, describeRecordStore } from '../../lib/testing.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { postgresPlace, timedPostgresPlace } from '../support/postgres-places.js';

const timedTable = 'contract_in_hand';
const database = PostgresDatabase.forThisFile();
let pool: pg.Pool;
let proxy: CountingProxy;
let urlOfProxy: string;
beforeAll(async () => {
  pool = database.pool({ max: 6 });
  proxy = await CountingProxy.before(new URL(database.url));
  const url = new URL(database.url);
  url.host = `127.0.0.1:${proxy.port}`;
  urlOfProxy = url.href;
  for (const statement of schemaStatements(timedTable, { time: 'argument' })) {
    await database.query(statement);
  }
});
afterAll(() => proxy.close());

const patienceMs = 120_000;
const ownClock = {
  advanceMs: 'the clock is the server’s',
  setClockBackMs: 'the clock is the server’s',
  nowMs: 'the clock is the server’s',
};
const noOutage = {
  stopServer: 'it is asked of the one from a URL',
  startServer: 'it is asked of the one from a URL',
};

const fromUrl = () => postgresPlace(database, (key) => postgresCache(urlOfProxy, { key }), proxy);
describeRecordStore('in PostgreSQL, from a URL', fromUrl, { lacks: ownClock, patienceMs });
describeClaimStore('in PostgreSQL, from a URL', fromUrl, { lacks: ownClock, patienceMs });
describeLeaseStore('in PostgreSQL, from a URL', fromUrl, { lacks: ownClock, patienceMs });

const overPool = () => postgresPlace(database, (key) => postgresCache(pool, { key }));
const overPoolLacks = { ...ownClock, ...noOutage };
describeRecordStore('in PostgreSQL, over a pool', overPool, { lacks: overPoolLacks, patienceMs });
describeClaimStore('in PostgreSQL, over a pool', overPool, { lacks: overPoolLacks, patienceMs });
describeLeaseStore('in PostgreSQL, over a pool', overPool, { lacks: overPoolLacks, patienceMs });

describeClaimStore(
  'in PostgreSQL, with a clock in hand',
  () => timedPostgresPlace(database, pool, timedTable),
  { lacks: { ...noOutage, push: 'it has no connection to listen' }, patienceMs },
);
describeLeaseStore(
  'in PostgreSQL, with a clock in hand',
  () => timedPostgresPlace(database, pool, timedTable),
  { lacks: noOutage, patienceMs },
);
