/** The same store over clients that an app already has: node-redis, its cluster, ioredis. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient, createCluster } from 'redis';
import { RedisYetBodies } from '../../lib/caches/cache-manager/redis-yet-bodies.js';
import { boundedCommands } from '../../lib/caches/redis/bounded-commands.js';
import {
  ioRedisCommands,
  nodeRedisClusterCommands,
  nodeRedisCommands,
  type RedisCommands,
} from '../../lib/caches/redis/redis-commands.js';
import { bodyKey, redisKeys } from '../../lib/caches/redis/redis-keys.js';
import { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { StagingClient } from '../../lib/caches/redis/staging-client.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually, freePort } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { RedisServer } from '../support/redis-server.js';

function storeOver(given: RedisCommands, commandTimeoutMs = 60_000): RedisRecordStore {
  const commands = boundedCommands(given, { clock: systemClock, commandTimeoutMs });
  const bodies = new RedisYetBodies(new StagingClient(commands));
  return new RedisRecordStore({ commands, bodies, namespace: 'given', description: 'given' });
}

/** Expects all that a store does, once. */
async function expectEverythingOf(store: RedisRecordStore): Promise<void> {
  const first = await lead(store, 'a', recordOf('v1'));
  const { token } = await askForClaim(store, 'b', { revision: first });
  const same = { kind: 'same', etag: '"v1b"', nextDueMs: 30_000 } as const;
  await expect(claimsOf(store).finish({ instance: 'b', token, result: same })).resolves.toBe(
    'accepted',
  );
  await expect(publishAs(store, 'b', token, recordOf('late'))).resolves.toBe('fenced');
  const second = await lead(store, 'b', recordOf('v2', new Uint8Array([1, 2, 255])));
  await expect(store.readBody(first)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
  await expect(store.readBody(second)).resolves.toEqual({
    head: expect.objectContaining({ revision: second, etag: '"v2"', sizeBytes: 3 }),
    body: new Uint8Array([1, 2, 255]),
  });
  await expect(store.confirm(second)).resolves.toBe(true);
  await expect(store.publish(recordOf('v3'), second + 1)).resolves.toBe(true);
  const followed = { revision: second + 1, digest: 'v3'.padEnd(64, '0'), kick: false };
  await expect(askForClaim(store, 'c', { ...followed, ageMs: 5 })).resolves.toMatchObject({
    verdict: 'not-due',
    digest: undefined,
    etag: undefined,
    instances: 3,
  });
  await claimsOf(store).leave('b');
  await expect(claimsOf(store).members()).resolves.toHaveLength(2);
  await store.close();
}

describe('a client of node-redis', () => {
  const client = createClient({ url: process.env['TEST_REDIS_URL'] });
  beforeAll(() => client.connect());
  afterEach(async () => {
    const found = await client.keys('flags:v1:{given}:*');
    if (found.length > 0) await client.del(found);
  });
  afterAll(() => client.disconnect());

  it('carries everything, and stays open', async () => {
    await expectEverythingOf(storeOver(nodeRedisCommands(client)));
    expect(client.isReady).toBe(true);
  });

  it('of ioredis’ shape, too: a command, then its arguments', async () => {
    const ioRedis = {
      call: (command: string, ...args: string[]) => client.sendCommand([command, ...args]),
      on: () => undefined,
    };
    await expectEverythingOf(storeOver(ioRedisCommands(ioRedis)));
  });

  it('F26: that gets no answer is given up after the deadline, and left as it is', async () => {
    const server = await RedisServer.start();
    const given = createClient({ url: server.url() });
    await given.connect();
    const commands = nodeRedisCommands(given);
    await lead(storeOver(commands), 'a', recordOf('v1'));
    const store = storeOver(commands, 200);
    server.freeze();
    await expect(store.readHead()).rejects.toMatchObject({ code: 'deadline-exceeded' });
    server.thaw();
    expect(given.isOpen).toBe(true);
    const isBack = (): Promise<boolean> =>
      store.readHead().then(
        (head) => head?.etag === '"v1"',
        () => false,
      );
    expect(await eventually(isBack)).toBe(true);
    await given.disconnect();
    await server.stop();
  });
});

describe('F39: a cluster of node-redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    // The port that a cluster takes by itself, 10,000 above the first, may be none.
    const busPort = `${await freePort()}`;
    const args = ['--cluster-enabled', 'yes', '--cluster-port', busPort];
    server = await RedisServer.start({ args });
    await server.run(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    const isComplete = async (): Promise<boolean> =>
      `${String(await server.run(['CLUSTER', 'INFO']))}`.includes('cluster_state:ok');
    expect(await eventually(isComplete)).toBe(true);
  });
  afterAll(() => server.stop());

  it('carries everything', async () => {
    const cluster = createCluster({ rootNodes: [{ url: server.url() }] });
    const commands = nodeRedisClusterCommands(cluster);
    await cluster.connect();
    await expectEverythingOf(storeOver(commands));
    await cluster.disconnect();
  });

  it('has all keys of one cache in one slot, whatever the namespace', async () => {
    const client = createClient({ url: server.url() });
    await client.connect();
    const slot = (key: string) => client.sendCommand(['CLUSTER', 'KEYSLOT', key]);
    const namespaces = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(namespaces, fc.nat(), async (namespace, revision) => {
        fc.pre(/^[^{}\s\p{Cc}]{1,200}$/u.test(namespace));
        const keys = redisKeys(namespace);
        const names = [keys.claims, keys.members, keys.bodies, bodyKey(keys, revision)];
        const slots = new Set(await Promise.all(names.map(slot)));
        expect([...slots]).toEqual([await slot(namespace)]);
      }),
      { numRuns: 200 },
    );
    await client.disconnect();
  });
});
