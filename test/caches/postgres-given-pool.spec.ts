/**
 * A pool that belongs to the app: a connection that is lost while it lies idle does not end the
 * process while a cache is open, and everybody hears of it who did before.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresCache } from '../../lib/caches-postgres.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { PostgresDatabase } from '../support/postgres-database.js';

const database = PostgresDatabase.forThisFile();

async function open(pool: pg.Pool): Promise<RecordStore> {
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
  return postgresCache(pool, { key: randomUUID(), push: false }).open(settings);
}

/** As an app may have made it: without a listener. */
function newPool(): { readonly pool: pg.Pool; readonly name: string } {
  const name = `app-${randomUUID()}`;
  return { pool: new pg.Pool({ connectionString: database.url, application_name: name }), name };
}

/** As an administrator does, or a server that stops. */
async function endConnections(name: string): Promise<void> {
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
    [name],
  );
}

describe('a given pool, an idle connection of which is lost', () => {
  it('goes on with another connection, in an app that does not listen', async () => {
    const { pool, name } = newPool();
    const store = await open(pool);
    await store.readHead();
    expect(pool.totalCount).toBe(1);
    await endConnections(name);
    expect(await eventually(() => pool.totalCount === 0)).toBe(true);
    expect(await store.readHead()).toBeUndefined();
    await store.close();
    await pool.end();
  });

  it('tells the listener of the app as ever, and what fails of its own statements', async () => {
    const { pool, name } = newPool();
    const heard: unknown[] = [];
    pool.on('error', (error) => heard.push(error));
    const store = await open(pool);
    await store.readHead();
    await endConnections(name);
    expect(await eventually(() => heard.length > 0)).toBe(true);
    expect(heard).toEqual([expect.objectContaining({ code: '57P01' })]);

    const slow = pool.query('SELECT pg_sleep(30)').catch((error: unknown) => error);
    const isRunning = async (): Promise<boolean> => (await database.query("SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'", [name])).length > 0; // prettier-ignore
    expect(await eventually(isRunning)).toBe(true);
    await endConnections(name);
    expect(await slow).toMatchObject({ code: '57P01' });
    await store.close();
    await pool.end();
  });

  it('is left as it was found when the last cache over it is closed', async () => {
    const { pool } = newPool();
    const stores = [await open(pool), await open(pool)];
    expect(pool.listenerCount('error')).toBe(1);
    await stores[0]!.close();
    await stores[0]!.close();
    expect(pool.listenerCount('error')).toBe(1);
    await stores[1]!.close();
    expect(pool.listenerCount('error')).toBe(0);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});
