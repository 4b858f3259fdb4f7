/**
 * Every kind of record store keeps the contract of record stores; those that grant claims, the
 * contract of claim stores; those that keep a lease, that of leases. What one does not promise, or cannot be asked, stands here with why.
 */
import { afterAll, beforeAll } from '@jest/globals';
import { createCache, KeyvAdapter } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Redis } from 'ioredis';
import { Keyv } from 'keyv';
import { createClient } from 'redis';
import { redisCache } from '../../lib/caches-redis.js';
import type { RecordBackend } from '../../lib/caches.js';
import { describeClaimStore, describeLeaseStore, describeRecordStore } from '../../lib/testing.js';
import {
  cacheManagerPlace,
  definitionsRecord,
  interopPlace,
  memoryPlace,
  redisPlace,
  redisUrlBackend,
  timedRedisPlace,
} from '../support/record-places.js';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;
let client: ReturnType<typeof createClient>;
let ioRedis: Redis;
beforeAll(async () => {
  server = await RedisServer.start();
  client = createClient({ url: server.url() });
  client.on('error', () => undefined);
  await client.connect();
  ioRedis = new Redis(server.url());
  ioRedis.on('error', () => undefined);
});
afterAll(async () => {
  ioRedis.disconnect();
  await client.disconnect();
  await server.stop();
});

const patienceMs = 120_000;
const noServer = {
  stopServer: 'it is in this process',
  startServer: 'it is in this process',
};
const ownClock = {
  advanceMs: 'the clock is the server’s',
  setClockBackMs: 'the clock is the server’s',
  nowMs: 'the clock is the server’s',
};

const inMemory = { ...noServer, spoil: 'nobody else can write there' };
describeRecordStore('in memory', memoryPlace, { lacks: inMemory });
describeClaimStore('in memory', memoryPlace, { lacks: inMemory, operations: 5_000 });
describeLeaseStore('in memory', memoryPlace, { lacks: inMemory });

const redisBackends: readonly (readonly [name: string, backend: (key: string) => RecordBackend])[] =
  [
    ['in Redis, from a URL', (key) => redisUrlBackend(server, key)],
    ['in Redis, over a client of node-redis', (key) => redisCache(client, { key })],
    ['in Redis, over a client of ioredis', (key) => redisCache(ioRedis, { key })],
  ];
for (const [name, backendFor] of redisBackends) {
  const open = () => redisPlace(server, client, backendFor);
  describeRecordStore(name, open, { lacks: ownClock, patienceMs });
  describeClaimStore(name, open, { lacks: ownClock, patienceMs });
  describeLeaseStore(name, open, { lacks: ownClock, patienceMs });
}

describeClaimStore('in Redis, with a clock in hand', () => timedRedisPlace(client), {
  lacks: { ...noServer, push: 'it has no connection to listen' },
  patienceMs,
});
describeLeaseStore('in Redis, with a clock in hand', () => timedRedisPlace(client), {
  lacks: noServer,
  patienceMs,
});

const plainStore = {
  ...noServer,
  ...ownClock,
  atomicPublish: 'there is no atomic step in such a cache',
  oldBodies: 'what was overtaken is removed, for nothing expires there',
  push: 'such a cache announces nothing',
};
const { advanceMs: _given, ...cacheManagerLacks } = plainStore;
describeRecordStore('in cache-manager', () => cacheManagerPlace(), { lacks: cacheManagerLacks });

const overRedis = () =>
  createCache({ stores: [new Keyv({ store: new KeyvAdapter(redisInsStore(client as never)) })] });
describeRecordStore('in cache-manager over Redis', () => cacheManagerPlace(overRedis), {
  lacks: cacheManagerLacks,
  patienceMs,
});

describeRecordStore('that other SDKs share', () => interopPlace(server, client), {
  lacks: {
    ...ownClock,
    anyBody: 'the other SDKs read plain definitions',
    oldBodies: 'there is one copy',
  },
  recordOf: definitionsRecord,
  patienceMs,
});
describeLeaseStore('that other SDKs share', () => interopPlace(server, client), {
  lacks: { ...ownClock, tokens: 'their protocol knows none' },
  patienceMs,
});
