/**
 * The module with a cache in PostgreSQL, whole: several apps, real posthog-node clients, a server
 * with PostHog's endpoint. One fetches, all know, also when the database is away.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresCache } from '../../lib/caches-postgres.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { isOn, sharingClient, type SharingClient } from '../support/posthog-node-client.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

const database = PostgresDatabase.forThisFile();

let server: DefinitionsServer;
let apps: SharingApps;
let key: string;
const clients: SharingClient[] = [];

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
  key = `test-${randomUUID()}`;
});

afterEach(async () => {
  await apps.close();
  await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
  await server.close();
});

const url = (): string => `${database.url}?key=${key}`;

async function expectClients(flag: string, value: unknown): Promise<void> {
  for (const one of clients) {
    expect(await eventually(async () => (await isOn(one, flag)) === value)).toBe(true);
  }
}

async function startClient(intervalMs = 500): Promise<void> {
  clients.push(await sharingClient(server, url(), intervalMs));
}

describe('a fleet on PostgreSQL', () => {
  it('C2: twelve apps that start together on an empty cache cause one fetch', async () => {
    const fleet = await Promise.all(Array.from({ length: 12 }, () => apps.start(url())));
    await expectAllToHave(fleet, 'a');
    expect(server.definitionRequests).toHaveLength(1);
    expect(new Set(fleet.map(({ flags }) => flags.status().revision)).size).toBe(1);
  });

  it.each([
    ['over a pool', 'from a URL'],
    ['from a URL', 'over a pool'],
  ] as const)('%s shares with one %s, which has a change by push', async (who, whom) => {
    const pool = database.pool({ max: 3 });
    const caches = { 'over a pool': postgresCache(pool, { key }), 'from a URL': url() };
    const first = await apps.start(caches[who], { intervalMs: 600_000, checkMs: 500 });
    // It looks too rarely to find the change by itself.
    const other = await apps.start(caches[whom], { intervalMs: 600_000, checkMs: 300_000 });
    await expectAllToHave([first, other], 'a');
    expect(server.definitionRequests).toHaveLength(1);
    server.definitions = documentOf(['b']);
    await first.flags.refresh();
    await expectAllToHave([first, other], 'b');
    await apps.close();
    // A given pool stays its owner's.
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  });

  it('says at start what it shares through, without a secret', async () => {
    const { log } = await apps.start(url().replace('postgres@', 'postgres:hunter2@'));
    const place = new URL(database.url);
    expect(log.logged.join('\n')).toContain(
      `Definitions are to be shared through postgresql://${place.host}/postgres (key ${key}:`,
    );
    expect(log.logged.join('\n')).toContain('one instance fetches for all, changes are pushed');
    expect(log.logged.join('\n')).not.toContain('hunter2');
  });

  it('F34: whose push is not heard says so once, in its own log, and finds changes by looking', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    // As through a pooler in transaction mode: LISTEN is answered, and that is all.
    class DeafClient extends pg.Client {
      override emit(name: string, ...values: unknown[]): boolean {
        return name !== 'notification' && super.emit(name as 'end', ...(values as []));
      }
    }
    const pool = database.pool({ max: 3, Client: DeafClient } as pg.PoolConfig);
    const app = await apps.start(postgresCache(pool, { key }), { intervalMs: 500, checkMs: 100 });
    const told = (): string[] => app.log.warned.filter((line) => line.includes('not pushed'));
    expect(await eventually(async () => told().length > 0)).toBe(true);
    expect(told()[0]).toMatch(/^Changes of the definitions are not pushed, .* LISTEN at the given PostgreSQL at .*pooler/); // prettier-ignore
    server.definitions = documentOf(['found']);
    await expectAllToHave([app], 'found');
    expect(told()).toHaveLength(1);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('hands over at shutdown: the others go on', async () => {
    const times = { intervalMs: 1_000, checkMs: 100 };
    const fleet = [await apps.start(url(), times), await apps.start(url(), times)];
    await expectAllToHave(fleet, 'a');
    await fleet[0]!.close();
    server.definitions = documentOf(['after']);
    await expectAllToHave([fleet[1]!], 'after');
  });

  it('goes on with its flags while the database does not answer, and shares again when it does', async () => {
    const times = { intervalMs: 1_000, checkMs: 100, cacheTimeoutMs: 2_000 };
    const fleet = [await apps.start(url(), times), await apps.start(url(), times)];
    await expectAllToHave(fleet, 'a');
    const states = () => fleet.map(({ flags }) => flags.status().state);
    const lock = await database.onlooker.connect();
    await lock.query('BEGIN; LOCK TABLE nestjs_feature_flags IN ACCESS EXCLUSIVE MODE');
    const areSolo = () => states().every((state) => state === 'solo');
    expect(await eventually(async () => areSolo())).toBe(true);
    for (const { flags } of fleet)
      expect(flags.local.isEnabled('a', { distinctId: 'x' })).toBe(true);

    await lock.query('ROLLBACK');
    lock.release();
    server.definitions = documentOf(['back']);
    await expectAllToHave(fleet, 'back');
    const areFresh = () => states().every((state) => state === 'fresh');
    expect(await eventually(async () => areFresh())).toBe(true);
  });
});

describe('posthog-node clients on PostgreSQL', () => {
  it('that start together fetch once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => startClient(20_000)));
    await expectClients('a', true);
    expect(server.definitionRequests).toHaveLength(1);
  });

  it('share with an app of the module, and each brings a change to the other', async () => {
    const app = await apps.start(url(), { intervalMs: 500, checkMs: 100 });
    await startClient();
    await expectClients('a', true);
    server.definitions = documentOf(['b']);
    await expectClients('b', true);
    await expectClients('a', undefined);
    await expectAllToHave([app], 'b');
    await app.close();
    server.definitions = documentOf(['c']);
    await expectClients('c', true);
    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
