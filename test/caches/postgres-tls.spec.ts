/**
 * A real PostgreSQL that speaks TLS only, with a certificate made for the test: whoever signed it
 * must be named, else nothing is sent there, and the message says what to do.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresCache, type GivenPostgresPool } from '../../lib/caches-postgres.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { recordOf } from '../support/claim-turns.js';
import { PostgresServer } from '../support/postgres-server.js';
import { TlsCertificates } from '../support/tls-certificates.js';

/** The first start on a new machine may install a package. */
const INSTALL_LIMIT_MS = 300_000;
const PASSWORD = 'hunter2';

let certificates: TlsCertificates;
let server: PostgresServer;
const stores: RecordStore[] = [];
const pools: pg.Pool[] = [];

beforeAll(async () => {
  certificates = await TlsCertificates.make();
  const { serverCertificate, serverKey } = certificates;
  const files = ['-c', `ssl_cert_file=${serverCertificate}`, '-c', `ssl_key_file=${serverKey}`];
  server = await PostgresServer.start({ args: ['-c', 'ssl=on', ...files] });
  await server.run(`CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'`);
  await server.run('GRANT CREATE ON SCHEMA public TO app');
}, INSTALL_LIMIT_MS);

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

afterAll(async () => {
  await server.stop();
  certificates.remove();
});

const urlOf = (host: string, parameters: Readonly<Record<string, string>>): string =>
  `postgres://app:${PASSWORD}@${host}:${server.port}/postgres?${new URLSearchParams(parameters).toString()}`;

async function open(place: string | GivenPostgresPool, key = randomUUID()): Promise<RecordStore> {
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
  const store = await postgresCache(place, { key }).open(settings);
  stores.push(store);
  return store;
}

async function encrypted(): Promise<readonly unknown[]> {
  const rows = await server.run(
    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app'",
  );
  return rows.map(({ ssl }) => ssl);
}

async function refusalAt(url: string): Promise<string> {
  const store = await open(url);
  const error = await store.readHead().then(() => undefined, (reason: unknown) => reason); // prettier-ignore
  expect(error).toMatchObject({ code: 'cache-unavailable' });
  const message = String(error);
  expect(message).not.toContain(PASSWORD);
  return message;
}

/** Publishes through one and hears of it through the other. */
async function expectToShare(writer: RecordStore, reader: RecordStore): Promise<void> {
  let hints = 0;
  const stop = reader.watch?.(() => (hints += 1));
  expect(await eventually(() => hints > 0)).toBe(true);
  const before = hints;
  expect(await writer.publish(recordOf('over TLS'), 7)).toBe(true);
  expect(await eventually(() => hints > before)).toBe(true);
  expect(await reader.readBody(7)).toMatchObject({ head: { revision: 7 } });
  expect(await encrypted()).not.toContain(false);
  stop?.();
}

describe('a PostgreSQL that speaks TLS', () => {
  it('is shared through from a URL with sslmode=verify-full and its authority', async () => {
    const url = urlOf('localhost', { sslmode: 'verify-full', sslrootcert: certificates.authority });
    const key = randomUUID();
    await expectToShare(await open(url, key), await open(url, key));
    expect((await encrypted()).length).toBeGreaterThanOrEqual(2);
  });

  it('is shared through, and listened to, over a given pool with its authority', async () => {
    const pool = new pg.Pool({
      connectionString: urlOf('localhost', {}),
      ssl: { ca: readFileSync(certificates.authority, 'utf8') },
    });
    pools.push(pool);
    const key = randomUUID();
    await expectToShare(await open(pool, key), await open(pool, key));
  });

  it.each([
    ['of an authority that is not the named one', () => certificates.stranger],
    ['of an authority that is not named', () => undefined],
  ])('is refused with a certificate %s', async (_what, authority) => {
    const named = authority();
    const url = urlOf('localhost', { sslmode: 'verify-full', ...(named !== undefined && { sslrootcert: named }) }); // prettier-ignore
    const message = await refusalAt(url);
    expect(message).toMatch(/signed by nobody who is trusted here: name .* sslrootcert=.*\((SELF_SIGNED|UNABLE_TO)[A-Z_]+\)/); // prettier-ignore
    // Those of earlier tests are still leaving.
    const isNobodyThere = async (): Promise<boolean> => (await encrypted()).length === 0;
    expect(await eventually(isNobodyThere)).toBe(true);
  });

  it('is refused under a name that is not in its certificate', async () => {
    const url = urlOf('127.0.0.1', { sslmode: 'verify-full', sslrootcert: certificates.authority });
    expect(await refusalAt(url)).toMatch(/certificate is for another host: .*ALTNAME_INVALID/);
  });

  it('is not asked when the file of the authority is missing', async () => {
    const sslrootcert = `${certificates.authority}.missing`;
    const message = await refusalAt(urlOf('localhost', { sslmode: 'verify-full', sslrootcert }));
    expect(message).toContain('a file that the URL names could not be read (ENOENT)');
  });

  it('is asked without checking its certificate where the URL says so', async () => {
    const store = await open(urlOf('127.0.0.1', { sslmode: 'no-verify' }));
    expect(await store.readHead()).toBeUndefined();
    expect(await encrypted()).toContain(true);
  });
});
