/**
 * The module over Redis clients that an app has already, whole: every kind of client, a real
 * server or a real cluster of three primaries, a server with PostHog's endpoint.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { redisCache } from '../../lib/caches-redis.js';
import { systemClock } from '../../lib/core/time/clock.js';
import type { CacheOption } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { lead, recordOf } from '../support/claim-turns.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import {
  ioRedis,
  ioRedisCluster,
  nodeRedis4,
  nodeRedis4Cluster,
  nodeRedis5,
  nodeRedis5Cluster,
  type GivenClient,
} from '../support/given-clients.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
const { host } = new URL(url);
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };

let given: GivenClient[] = [];
let server: DefinitionsServer;
let apps: SharingApps;
beforeEach(async () => {
  given = [];
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
});
afterEach(async () => {
  await apps.close();
  for (const { end } of given) await end();
  await server.close();
});

/** A client that ends with the test. */
async function have(making: Promise<GivenClient>): Promise<GivenClient> {
  const made = await making;
  given.push(made);
  return made;
}

/** An app for each cache; then a change, for which one of them asks. */
async function expectSharing(caches: readonly CacheOption[], places: readonly RegExp[]) {
  const times = { intervalMs: 60_000, checkMs: 1_000 };
  const fleet = [];
  for (const cache of caches) fleet.push(await apps.start(cache, times));
  await expectAllToHave(fleet, 'a');
  expect(server.definitionRequests).toHaveLength(1);
  for (const [index, { log }] of fleet.entries()) {
    expect(log.warned).toEqual([]);
    expect(log.logged[0]).toMatch(places[index] ?? /^$/);
    expect(log.logged[0]).toMatch(
      /: one instance fetches for all, changes are pushed\. This instance is [-\da-f]{36}\.$/,
    );
  }

  server.definitions = documentOf(['b']);
  await fleet[0]?.flags.refresh();
  await expectAllToHave(fleet, 'b');
  expect(server.definitionRequests).toHaveLength(2);

  await apps.close();
  // They are the app's to close.
  expect(given.map(({ isOpen }) => isOpen())).toEqual(given.map(() => true));
}

/** What one instance publishes is announced to the other, and all that a store does works. */
async function expectPush(make: () => Promise<GivenClient>): Promise<void> {
  const key = `test-${randomUUID()}`;
  const { client } = await have(make());
  const { client: other } = await have(make());
  const publisher = await redisCache(client, { key }).open(settings);
  const listener = await redisCache(other, { key }).open(settings);
  let hints = 0;
  const stop = listener.watch?.(() => (hints += 1));
  // The subscription itself is the first hint, for what was missed before it.
  expect(await eventually(() => hints === 1)).toBe(true);
  const revision = await lead(publisher, 'a', recordOf('v1'));
  expect(await eventually(() => hints === 2)).toBe(true);
  await expect(listener.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
  stop?.();
  await publisher.close();
  await listener.close();
}

describe('over clients for one server', () => {
  it.each([
    ['node-redis 4', () => nodeRedis4(url)],
    ['node-redis 5', () => nodeRedis5(url)],
    ['ioredis', () => ioRedis(url)],
    ['ioredis that connects late', () => ioRedis(url, { lazyConnect: true })],
    ['ioredis with a prefix for all keys', () => ioRedis(url, { keyPrefix: 'shop:' })],
  ])('%s is pushed what is published', (_what, make) => expectPush(make));

  it('apps share one fetch and one change, whatever client each has, or the URL', async () => {
    const key = `test-${randomUUID()}`;
    const clients = [await have(nodeRedis4(url)), await have(nodeRedis5(url))];
    clients.push(await have(ioRedis(url)), await have(ioRedis(url)));
    const caches = clients.map(({ client }) => redisCache(client, { key }));
    const place = new RegExp(
      `^Definitions are to be shared through the given Redis at ${host} \\(key ${key}:`,
    );
    const byUrl = new RegExp(
      `^Definitions are to be shared through redis://${host}/0 \\(key ${key}:`,
    );
    await expectSharing([...caches, `${url}/0?key=${key}`], [...clients.map(() => place), byUrl]);
  });

  it('without push, where that is wanted, the check finds what is new, and the log says so', async () => {
    const key = `test-${randomUUID()}`;
    const clients = [await have(nodeRedis4(url)), await have(ioRedis(url))];
    const times = { intervalMs: 500, checkMs: 200 };
    const fleet = [];
    for (const { client } of clients) {
      fleet.push(await apps.start(redisCache(client, { key, push: false }), times));
    }
    for (const { log } of fleet) {
      expect(log.warned).toEqual([]);
      expect(log.logged).toContainEqual(
        expect.stringMatching(
          /: one instance fetches for all, changes are not pushed but found at the next check, every 200 ms\. This instance is [-\da-f]{36}\.$/,
        ),
      );
    }
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
  });
});

describe('F39: over clients for a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  it.each([
    ['node-redis 4', nodeRedis4Cluster],
    ['node-redis 5', nodeRedis5Cluster],
    ['ioredis', ioRedisCluster],
  ])('%s is pushed what is published, on whatever node', async (_what, make) => {
    // A key of its own each time: the slots of some of them are elsewhere than the listener.
    for (let n = 0; n < 6; n += 1) await expectPush(() => make(cluster));
  });

  it('apps share one fetch and one change, whatever client each has', async () => {
    const key = `test-${randomUUID()}`;
    const clients = [
      await have(nodeRedis4Cluster(cluster)),
      await have(nodeRedis5Cluster(cluster)),
    ];
    clients.push(await have(ioRedisCluster(cluster)));
    const place = /^Definitions are to be shared through the given Redis cluster \(key test-/;
    await expectSharing(
      clients.map(({ client }) => redisCache(client, { key })),
      clients.map(() => place),
    );
  });
});
