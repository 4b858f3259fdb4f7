/** The places of a run, each on servers of its own: what an app names as its cache, opened. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbCache } from 'nestjs-feature-flags/caches/dynamodb';
import { fileCache } from 'nestjs-feature-flags/caches/file';
import { postgresCache } from 'nestjs-feature-flags/caches/postgres';
import { redisCache } from 'nestjs-feature-flags/caches/redis';
import { createSharedMemory, sharedMemoryCache } from 'nestjs-feature-flags/caches/shared-memory';
import pg from 'pg';
import { createClient } from 'redis';
import { startPostgres } from '../../test/setup/postgres.mjs';
import { BenchRedis } from '../fleet/redis.mjs';

/**
 * @typedef {object} Place
 * @property {string} name
 * @property {(key: string) => Promise<import('../../lib/core/cache/record-store.js').RecordStore>} open
 * @property {() => Promise<unknown>} [close]
 * @property {string} [version]
 */

/** What the doors do not show: the store in memory, and the clock of the system. */
const inner = new URL('../../dist/esm/core/', import.meta.url).href;
/** @type {typeof import('../../lib/core/time/clock.js')} */
const { systemClock } = await import(`${inner}time/clock.js`);
/** @type {typeof import('../../lib/core/cache/memory-record-store.js')} */
const { MemoryRecordStore } = await import(`${inner}cache/memory-record-store.js`);

const COMMAND_TIMEOUT_MS = 10_000;

/** @type {Readonly<Record<string, () => Promise<Place>>>} */
const kinds = { memory, 'shared-memory': sharedMemory, redis, postgres, file, dynamodb };

/** @param {readonly string[]} only */
export async function openPlaces(only = Object.keys(kinds)) {
  /** @type {Place[]} */
  const places = [];
  const close = async () => {
    for (const place of places) await place.close?.();
  };
  try {
    for (const [name, start] of Object.entries(kinds)) {
      if (only.includes(name)) places.push(await start());
    }
  } catch (error) {
    await close();
    throw error;
  }
  const versions = places.flatMap(({ version }) => version ?? []).join(', ');
  return { places, versions, close };
}

/**
 * @param {import('../../lib/core/cache/record-backend.js').RecordBackend} backend
 * @param {string} [identity]
 */
async function opened(backend, identity) {
  return backend.open({ identity, clock: systemClock, commandTimeoutMs: COMMAND_TIMEOUT_MS });
}

/** Not shared with anybody: what there is beside the store. @returns {Promise<Place>} */
async function memory() {
  /** @type {Map<string, InstanceType<typeof MemoryRecordStore>>} */
  const stores = new Map();
  const open = async (/** @type {string} */ key) => {
    const store = stores.get(key) ?? new MemoryRecordStore(systemClock);
    stores.set(key, store);
    return store;
  };
  return { name: 'memory of one instance', open };
}

/** @returns {Promise<Place>} */
async function sharedMemory() {
  // A new one for each key, as each key is measured alone.
  /** @type {Map<string, ReturnType<typeof createSharedMemory>>} */
  const memories = new Map();
  const open = async (/** @type {string} */ key) => {
    const own = memories.get(key) ?? createSharedMemory();
    memories.clear();
    memories.set(key, own);
    return opened(sharedMemoryCache(own));
  };
  return { name: 'memory shared by threads', open };
}

/** @returns {Promise<Place>} */
async function redis() {
  const server = await BenchRedis.start();
  const client = createClient({ url: server.url, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  return {
    name: 'Redis',
    open: (key) => opened(redisCache(client, { key })),
    close: async () => {
      await client.disconnect();
      await server.close();
    },
    version: `Redis ${await server.version()}`,
  };
}

/** @returns {Promise<Place>} */
async function postgres() {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => undefined);
  const { rows } = await pool.query('SHOW server_version');
  return {
    name: 'PostgreSQL',
    open: (key) => opened(postgresCache(pool, { key })),
    close: async () => {
      await pool.end();
      await server.stop();
    },
    version: `PostgreSQL ${String(rows[0]?.server_version).split(' ')[0]}`,
  };
}

/** @returns {Promise<Place>} */
async function file() {
  const folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
  return {
    name: 'folder',
    open: (key) => opened(fileCache(folder, { key })),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** In a thread of its own, so that it does not take the time of who asks it. @returns {Promise<Place>} */
async function dynamodb() {
  const thread = new Worker(new URL('dynalite-thread.mjs', import.meta.url));
  const port = await new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const table = 'flags';
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return {
    name: 'DynamoDB (dynalite, not AWS)',
    open: (key) => opened(dynamodbCache(client, { table, key })),
    close: async () => {
      client.destroy();
      await thread.terminate();
    },
    version: 'dynalite 4.0.0',
  };
}
