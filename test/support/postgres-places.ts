/** Places for the contract suites in PostgreSQL, one with the time of the server, one with ours. */
import { randomUUID } from 'node:crypto';
import type { GivenPostgresPool } from '../../lib/caches/postgres/postgres-queries.js';
import { PostgresQueries } from '../../lib/caches/postgres/postgres-queries.js';
import { PostgresRecordStore } from '../../lib/caches/postgres/postgres-record-store.js';
import type { RecordBackend } from '../../lib/caches.js';
import { namespaceOf } from '../../lib/core/cache/cache-key.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import type { RecordPlace } from '../../lib/testing.js';
import type { CountingProxy } from './counting-proxy.js';
import { OutageClock, PATIENT_MS } from './outage-clock.js';
import type { PostgresDatabase } from './postgres-database.js';

const identity = 'project';

/** What the rows of a cache can lose and be given, seen from outside. */
function postgresHooks(database: PostgresDatabase, table: string, namespace: string) {
  const run = async (rest: string, values: readonly string[] = []): Promise<void> => {
    // No rows yet: the table is made by the first call of a store.
    const [found] = await database.query('SELECT to_regclass($1) IS NOT NULL AS found', [table]);
    if (found?.['found'] === true) await database.query(rest, [namespace, ...values]);
  };
  const foreign = `UPDATE ${table} SET facts = '{"mine": true}', content = 'mine' WHERE namespace = $1 AND kind = `;
  return {
    wipe: () => run(`DELETE FROM ${table} WHERE namespace = $1`),
    loseBody: (revision: number) =>
      run(`DELETE FROM ${table} WHERE namespace = $1 AND kind = 'body' AND name = $2`, [
        revision.toFixed(0),
      ]),
    spoil: (part: 'head' | 'body', revision: number) =>
      part === 'head'
        ? run(`${foreign}'claims'`)
        : run(`${foreign}'body' AND name = $2`, [revision.toFixed(0)]),
  };
}

/** A backend over the database, opened anew for each handle; what is behind the proxy can freeze. */
export function postgresPlace(
  database: PostgresDatabase,
  backendFor: (key: string) => RecordBackend,
  proxy?: CountingProxy,
): RecordPlace & { readonly clock: OutageClock } {
  const clock = new OutageClock();
  const key = `contract-${randomUUID()}`;
  const hooks = postgresHooks(database, 'nestjs_feature_flags', namespaceOf(key, identity));
  const stores: RecordStore[] = [];
  return {
    ...hooks,
    another: async () => {
      const settings = { identity, commandTimeoutMs: PATIENT_MS, clock };
      const store = await backendFor(key).open(settings);
      stores.push(store);
      return store;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await hooks.wipe();
    },
    ...(proxy && {
      stopServer: () => {
        clock.begin();
        proxy.freeze();
      },
      startServer: () => {
        clock.end();
        proxy.thaw();
      },
    }),
    clock,
  };
}

/** The functions with a clock in the hand of the test, made before by `schemaStatements`. */
export function timedPostgresPlace(
  database: PostgresDatabase,
  pool: GivenPostgresPool,
  table: string,
): RecordPlace {
  const namespace = `contract-${randomUUID()}`;
  const hooks = postgresHooks(database, table, namespace);
  let now = Date.UTC(2026, 0, 1);
  const settings = { clock: systemClock, commandTimeoutMs: PATIENT_MS, description: 'timed' };
  const queries = new PostgresQueries({ pool, ...settings });
  return {
    ...hooks,
    another: () => new PostgresRecordStore({ queries, table, namespace, nowMs: () => now }),
    close: hooks.wipe,
    advanceMs: (ms) => void (now += ms),
    setClockBackMs: (ms) => void (now -= ms),
    nowMs: () => now,
  };
}
