/**
 * The module with `leased()`, whole, on every backend: leader election with broadcast. One app
 * leads and fetches, the others have what it has; a change is pushed, and the lead passes on.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { fileCache } from '../../lib/caches-file.js';
import { postgresCache } from '../../lib/caches-postgres.js';
import { redisCache } from '../../lib/caches-redis.js';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import { leased, type SharedDefinitionCacheOptions } from '../../lib/caches.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { nodeRedis4, type GivenClient } from '../support/given-clients.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave, type SharingApp } from '../support/sharing-app.js';

type Records = SharedDefinitionCacheOptions['records'];

const table = 'flags';
const often = { intervalMs: 1_000, checkMs: 200 };
const rarely = { intervalMs: 600_000, checkMs: 300_000 };

const database = PostgresDatabase.forThisFile();
let dynamodb: DynamodbServer;
let given: GivenClient;
let home: string;
let key: string;
let server: DefinitionsServer;
let apps: SharingApps;

beforeAll(async () => {
  dynamodb = await DynamodbServer.start();
  await dynamodb.createTable(table);
  given = await nodeRedis4(process.env['TEST_REDIS_URL'] ?? '');
  home = mkdtempSync(join(tmpdir(), 'flags-leased-'));
});
afterAll(async () => {
  await given.end();
  await dynamodb.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

beforeEach(async () => {
  key = `test-${randomUUID()}`;
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
});
afterEach(async () => {
  await apps.close();
  await server.close();
});

interface Backend {
  readonly isPushed: boolean;
  /** What the log says at start. @default `ledAndPushed` */
  readonly says?: string;
  /** What each app names, so often as there are apps. */
  readonly open: () => () => Records;
}

const backends: readonly (readonly [name: string, backend: Backend])[] = [
  [
    'Redis from a URL',
    { isPushed: true, open: () => () => `${process.env['TEST_REDIS_URL']}/0?key=${key}` },
  ],
  [
    'Redis over a given client',
    { isPushed: true, open: () => () => redisCache(given.client, { key }) },
  ],
  ['PostgreSQL', { isPushed: true, open: () => () => postgresCache(database.pool(), { key }) }],
  [
    'DynamoDB',
    { isPushed: false, open: () => () => dynamodbCache(dynamodb.client, { table, key }) },
  ],
  ['a folder', { isPushed: true, open: () => () => fileCache(home, { key }) }],
  [
    'shared memory',
    {
      isPushed: true,
      says: 'the memory that the threads of this process share',
      open: () => {
        const memory = createSharedMemory();
        return () => sharedMemoryCache(memory);
      },
    },
  ],
];

const ledAndPushed = 'one instance fetches for all while it keeps its lease; changes are pushed';

const leaders = (fleet: readonly SharingApp[]): readonly SharingApp[] =>
  fleet.filter(({ flags }) => flags.status().role === 'leader');

describe.each(backends)(
  'apps that are led, on %s',
  (_name, { isPushed, open, says = ledAndPushed }) => {
    it('have one leader, which alone fetches, and another when it leaves', async () => {
      const records = open();
      const start = () => apps.start({ records: records(), coordination: leased() }, often);
      const fleet = [await start(), await start(), await start()];
      await expectAllToHave(fleet, 'a');
      expect(leaders(fleet)).toEqual([fleet[0]]);
      server.definitions = documentOf(['b']);
      await expectAllToHave(fleet, 'b');
      expect(leaders(fleet)).toEqual([fleet[0]]);

      await fleet[0]!.close();
      server.definitions = documentOf(['c']);
      const rest = fleet.slice(1);
      await expectAllToHave(rest, 'c');
      expect(await eventually(async () => leaders(rest).length === 1)).toBe(true);
      const areFresh = () => rest.every(({ flags }) => flags.status().state === 'fresh');
      expect(await eventually(areFresh)).toBe(true);
      expect(fleet.flatMap(({ log }) => log.failed)).toEqual([]);
    });

    if (!isPushed) return;
    it('have a change by push, long before they look again', async () => {
      const records = open();
      const start = () => apps.start({ records: records(), coordination: leased() }, rarely);
      const fleet = [await start(), await start()];
      await expectAllToHave(fleet, 'a');
      expect(server.definitionRequests).toHaveLength(1);
      server.definitions = documentOf(['b']);
      await leaders(fleet)[0]!.flags.refresh();
      const hasChange = () => fleet.every(({ flags }) => flags.local.isEnabled('b', { distinctId: 'x' })); // prettier-ignore
      expect(await eventually(hasChange)).toBe(true);
      expect(server.definitionRequests).toHaveLength(2);
      const { logged, warned } = fleet[0]!.log;
      expect([...logged, ...warned].join('\n')).toContain(says);
    });
  },
);
