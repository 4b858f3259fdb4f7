/**
 * The page on caches says how the known ways of sharing are written. Here each row of its table is
 * run by three real apps and a server with PostHog's endpoint, which counts what it is asked.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createCache } from 'cache-manager';
import { createClient } from 'redis';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { fileCache } from '../../lib/caches-file.js';
import { redisCache } from '../../lib/caches-redis.js';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import {
  always,
  compressed,
  leased,
  never,
  randomBackoff,
  sealed,
  tiered,
  timeSlots,
} from '../../lib/caches.js';
import { FeatureFlagsModule, FileDefinitionSource, FlagsService } from '../../lib/index.js';
import type { CacheOption } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { KeptLog } from '../support/kept-log.js';
import { OwnersLeaseExample } from '../support/owners-lease-example.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps, type SharingTimes } from '../support/sharing-app.js';

const INSTANCES = 3;
const TIMES = { intervalMs: 1_000, checkMs: 100, cacheTimeoutMs: 20_000 } as const;
/** In a process alone it is so. */
const ONLY_HERE = 'Definitions are not shared with other processes';

const database = PostgresDatabase.forThisFile();
let redis: ReturnType<typeof createClient>;
let dynamodb: DynamodbServer;
let folder: string;
let server: DefinitionsServer;
let apps: SharingApps;
let key: string;

beforeAll(async () => {
  redis = createClient({ url: process.env['TEST_REDIS_URL'] ?? '' });
  await redis.connect();
  dynamodb = await DynamodbServer.start();
  await dynamodb.createTable('feature-flags');
});

afterAll(async () => {
  await redis.disconnect();
  await dynamodb.close();
});

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
  key = `test-${randomUUID()}`;
  folder = mkdtempSync(join(tmpdir(), 'flags-recipes-'));
});

afterEach(async () => {
  await apps.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The cache of each of the instances. */
type CacheOf = (index: number) => CacheOption | undefined;

/** @param make called once for all instances. */
const sharedBy = (make: () => CacheOption): (() => CacheOf) => {
  return () => {
    const cache = make();
    return () => cache;
  };
};

async function startFleet(
  cacheOf: CacheOf,
  times: SharingTimes | ((index: number) => SharingTimes) = TIMES,
) {
  const fleet = [];
  for (let index = 0; index < INSTANCES; index += 1) {
    const own = typeof times === 'function' ? times(index) : times;
    fleet.push(await apps.start(cacheOf(index), own));
  }
  await expectAllToHave(fleet, 'a');
  return fleet;
}

/** One request in each interval for all, and what it brings is everybody's. */
async function oneFetches(makeCaches: () => CacheOf): Promise<void> {
  const sinceMs = performance.now();
  const fleet = await startFleet(makeCaches());
  server.definitions = documentOf(['b']);
  await expectAllToHave(fleet, 'b');
  const intervals = (performance.now() - sinceMs) / (0.9 * TIMES.intervalMs);
  expect(server.definitionRequests.length).toBeLessThanOrEqual(2 + intervals);
  const told = fleet.flatMap(({ log }) => [...log.warned, ...log.failed]);
  expect(told.filter((line) => !line.startsWith(ONLY_HERE))).toEqual([]);
}

/** Who fetches is not agreed on, so they may all; all the same a change is everybody's. */
async function someFetch(makeCaches: () => CacheOf): Promise<void> {
  const fleet = await startFleet(makeCaches());
  server.definitions = documentOf(['b']);
  await expectAllToHave(fleet, 'b');
}

/** The job comes, writes and ends; who only reads asks PostHog never. */
async function readersFollow(times: SharingTimes): Promise<void> {
  const records = redisCache(redis as never, { key });
  // It asks once and ends: nothing more of it is on the way when the readers' requests are counted.
  const once = { ...TIMES, intervalMs: 600_000 };
  const job = await apps.start({ records }, once);
  await job.close();
  const asked = server.definitionRequests.length;
  const cache = { records, coordination: never() };
  const readers = [await apps.start(cache, times), await apps.start(cache, times)];
  await expectAllToHave(readers, 'a');
  expect(server.definitionRequests).toHaveLength(asked);

  server.definitions = documentOf(['b']);
  const next = await apps.start({ records }, once);
  await next.flags.refresh();
  await next.close();
  const known = server.definitionRequests.length;
  const look = (): Promise<unknown> => Promise.all(readers.map(({ flags }) => flags.lookIfDue()));
  const have = async (): Promise<boolean> => {
    if (times.enabled === false) await look();
    return readers.every(({ flags }) => flags.local.isEnabled('b', { distinctId: 'x' }));
  };
  expect(await eventually(have)).toBe(true);
  expect(server.definitionRequests).toHaveLength(known);
}

async function nearServesTheStart(): Promise<void> {
  await oneFetches(sharedBy(() => ({ records: tiered(fileCache(folder, { key }), redisCache(redis as never, { key })) }))); // prettier-ignore
  // What is laid down near nobody waits for, but who ends.
  await apps.close();
  // The far one is away, and so is PostHog.
  server.intercept = async () => ({ status: 503 });
  const away = `redis://127.0.0.1:1/0?key=${key}`;
  const { readCacheUrl } = await import('../../lib/caches/url/cache-url.js');
  const far = readCacheUrl(away);
  if (far.kind !== 'shared') throw new Error('not shared');
  const late = await apps.start({ records: tiered(fileCache(folder, { key }), far) }, TIMES);
  await expectAllToHave([late], 'b');
}

async function fileIsRead(): Promise<void> {
  const path = join(folder, 'flags.json');
  const write = (flag: string): void => {
    writeFileSync(`${path}.new`, JSON.stringify(documentOf([flag])));
    renameSync(`${path}.new`, path);
  };
  write('a');
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new FileDefinitionSource(path),
        polling: { intervalMs: 1_000 },
        logger: new KeptLog(),
      }),
    ],
  })
  class AppModule {}
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const has = (flag: string) => (): boolean =>
    context.get(FlagsService).local.isEnabled(flag, { distinctId: 'x' });
  expect(has('a')()).toBe(true);
  write('b');
  expect(await eventually(has('b'))).toBe(true);
  await context.close();
}

const redisUrl = (more = ''): string => `${process.env['TEST_REDIS_URL'] ?? ''}?key=${key}${more}`;
const keys = [{ id: 'one', secret: randomBytes(32) }];

/** By the first column of the table. */
const recipes: Readonly<Record<string, () => Promise<void>>> = {
  'each instance for itself': async () => {
    await startFleet(() => undefined, { ...TIMES, intervalMs: 60_000 });
    expect(server.definitionRequests).toHaveLength(INSTANCES);
  },
  'several workers in one process': () =>
    oneFetches(sharedBy(() => sharedMemoryCache(createSharedMemory()))),
  'several processes on one host': () => oneFetches(sharedBy(() => `file://${folder}?key=${key}`)),
  'distributed lock': () => oneFetches(sharedBy(() => redisUrl())),
  'distributed lock in a database': () => oneFetches(sharedBy(() => `${database.url}?key=${key}`)),
  "one fetches for all, without a server of one's own": () =>
    oneFetches(sharedBy(() => dynamodbCache(dynamodb.client, { table: 'feature-flags', key }))),
  'leader election with a lease': () =>
    oneFetches(sharedBy(() => ({ records: redisUrl(), coordination: leased() }))),
  'leader election with broadcast': async () => {
    const records = `${database.url}?key=${key}`;
    // The followers look too rarely to find the change by themselves.
    const pushed = (index: number): SharingTimes =>
      index === 0 ? TIMES : { ...TIMES, intervalMs: 600_000, checkMs: 300_000 };
    const fleet = await startFleet(() => ({ records, coordination: leased() }), pushed);
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
  },
  'leader election with a lease, other SDKs included': () =>
    oneFetches(sharedBy(() => redisUrl('&interop=posthog'))),
  "PostHog's own examples as they are": () =>
    oneFetches(() => () => new OwnersLeaseExample(redis, key)),
  "broadcast: the leader's news are pushed": async () => {
    // It looks too rarely to find the change by itself.
    const fleet = await startFleet(() => redisUrl(), {
      ...TIMES,
      intervalMs: 600_000,
      checkMs: 300_000,
    });
    server.definitions = documentOf(['b']);
    await fleet[0]!.flags.refresh();
    await expectAllToHave(fleet, 'b');
    expect(fleet[0]!.log.logged.join()).toContain('changes are pushed');
  },
  'time slots': () =>
    someFetch(() => (index) => ({ records: redisCache(redis as never, { key }), coordination: timeSlots({ index, of: INSTANCES }) })), // prettier-ignore
  'random backoff': () =>
    someFetch(sharedBy(() => ({ records: redisUrl(), coordination: randomBackoff() }))),
  'single writer, many readers: a scheduled job fetches': () => readersFollow(TIMES),
  'serverless or edge, read only': () => readersFollow({ ...TIMES, enabled: false }),
  'always: every instance fetches, the copy serves starters': () =>
    someFetch(sharedBy(() => ({ records: redisUrl(), coordination: always() }))),
  'share what the app has already': () => someFetch(sharedBy(() => createCache())),
  'smaller, sealed or limited records': () =>
    oneFetches(sharedBy(() => ({ records: redisUrl(), codecs: [compressed(), sealed({ keys })] }))),
  'a near copy for the start': nearServesTheStart,
  'definitions from a file that somebody else writes': fileIsRead,
};

/** The first cells of the table below the heading. */
function rowsOf(page: string): readonly string[] {
  const [, section = ''] = page.split('## Recipes\n');
  const [table = ''] = section.split('\n## ');
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => line.split('|')[1]?.trim() ?? '');
}

describe('docs/caches/README.md', () => {
  it('lists the recipes that are run here, and no other', () => {
    expect(rowsOf(readFileSync('docs/caches/README.md', 'utf8'))).toEqual(Object.keys(recipes));
  });

  it.each(Object.entries(recipes))('recipe: %s', async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
