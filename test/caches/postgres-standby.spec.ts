/**
 * A real hot standby: what the primary has is read there by an instance that has nothing, nothing
 * can be published, and the log says so. When it is promoted, the same instances share through it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { leased, never } from '../../lib/caches.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { PostgresServer } from '../support/postgres-server.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

/** The first start on a new machine may install a package. */
const INSTALL_LIMIT_MS = 300_000;
const TIMES = { intervalMs: 1_000, checkMs: 200, cacheTimeoutMs: 5_000 };

let primary: PostgresServer;
let standby: PostgresServer;
let source: DefinitionsServer;
let apps: SharingApps;
let key: string;

beforeAll(async () => {
  primary = await PostgresServer.start();
  await primary.run("CREATE ROLE app LOGIN PASSWORD 'hunter2'");
  await primary.run('GRANT CREATE ON SCHEMA public TO app');
  standby = await primary.startStandby();
}, INSTALL_LIMIT_MS);

afterAll(async () => {
  await standby.stop();
  await primary.stop();
});

beforeEach(async () => {
  source = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(source);
  key = `test-${randomUUID()}`;
});

afterEach(async () => {
  await apps.close();
  await source.close();
});

const urlOf = ({ port }: PostgresServer): string =>
  `postgres://app:hunter2@127.0.0.1:${port}/postgres?key=${key}`;

/** What the primary knows now the standby knows, too. */
async function expectCaughtUp(): Promise<void> {
  const [{ lsn } = {}] = await primary.run('SELECT pg_current_wal_lsn()::text AS lsn');
  const asked = `SELECT pg_last_wal_replay_lsn() >= '${String(lsn)}'::pg_lsn AS is`;
  const isThere = async (): Promise<boolean> => (await standby.run(asked))[0]?.['is'] === true;
  expect(await eventually(isThere)).toBe(true);
}

describe('a hot standby', () => {
  it('gives a reader what the primary has, and news as they come', async () => {
    const writer = await apps.start(urlOf(primary), TIMES);
    await expectAllToHave([writer], 'a');
    await expectCaughtUp();
    const reader = await apps.start({ records: urlOf(standby), coordination: never() }, TIMES);
    await expectAllToHave([reader], 'a');
    const told = (): string => reader.log.warned.join('\n');
    expect(await eventually(() => told().includes('not pushed'))).toBe(true);
    expect(told()).toMatch(/LISTEN at \S+ is refused, for it is a standby/);

    source.definitions = documentOf(['b']);
    await expectAllToHave([writer, reader], 'b');
    expect(reader.flags.status().state).toBe('fresh');
  });

  it('is read by an instance that starts in a fleet that is led', async () => {
    const led = (server: PostgresServer) => ({ records: urlOf(server), coordination: leased() });
    const writer = await apps.start(led(primary), TIMES);
    await expectAllToHave([writer], 'a');
    // Nobody leads, so who asks would have to write.
    await writer.close();
    await expectCaughtUp();
    source.intercept = async () => ({ status: 503 });
    const late = await apps.start(led(standby), TIMES);
    await expectAllToHave([late], 'a');
    const told = (): string => late.log.warned.join('\n');
    expect(await eventually(() => told().includes('(25006)'))).toBe(true);
  });

  it('is read by an instance that starts, which says that it takes no writes; promoted, it is shared through', async () => {
    const writer = await apps.start(urlOf(primary), TIMES);
    await expectAllToHave([writer], 'a');
    await writer.close();
    await expectCaughtUp();
    // Were it to ask the source, it would find something else.
    source.definitions = documentOf(['b']);
    source.intercept = async () => ({ status: 503 });
    const fleet = [
      await apps.start(urlOf(standby), TIMES),
      await apps.start(urlOf(standby), TIMES),
    ];
    await expectAllToHave(fleet, 'a');
    const told = (): string[] => fleet.map(({ log }) => log.warned.join('\n'));
    const haveTold = (): boolean => told().every((lines) => lines.includes('(25006)'));
    expect(await eventually(haveTold)).toBe(true);
    for (const lines of told()) {
      expect(lines).toContain('it takes no writes, so nothing can be published there: connect to the primary'); // prettier-ignore
      expect(lines).not.toContain('hunter2');
    }

    source.intercept = undefined;
    await primary.kill();
    await standby.run('SELECT pg_promote()');
    const areFresh = (): boolean => fleet.every(({ flags }) => flags.status().state === 'fresh');
    await expectAllToHave(fleet, 'b');
    expect(await eventually(areFresh)).toBe(true);
    source.definitions = documentOf(['c']);
    await expectAllToHave(fleet, 'c');
    const doAgree = async (): Promise<boolean> => (await fleet[0]!.flags.fleet()).agrees;
    expect(await eventually(doAgree)).toBe(true);
    const arePushed = (): boolean => fleet.every(({ log }) => log.logged.includes('Changes of the definitions are pushed again.')); // prettier-ignore
    expect(await eventually(arePushed)).toBe(true);
  });
});
