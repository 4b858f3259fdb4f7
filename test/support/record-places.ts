/** Places for the contract suites, one maker for each kind of store that this package has. */
import { randomUUID } from 'node:crypto';
import { createCache, type Cache } from 'cache-manager';
import { createClient } from 'redis';
import { CacheManagerRecordStore } from '../../lib/caches/cache-manager/cache-manager-record-store.js';
import type { RecordBackend } from '../../lib/caches.js';
import { namespaceOf } from '../../lib/core/cache/cache-key.js';
import { interopKeys } from '../../lib/caches/redis/interop-keys.js';
import { nodeRedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { bodyKey, redisKeys } from '../../lib/caches/redis/redis-keys.js';
import { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { readCacheUrl } from '../../lib/caches/url/cache-url.js';
import { openInteropRecords } from '../../lib/caches/url/interop-records.js';
import { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import type { NewRecord } from '../../lib/core/cache/definition-record.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { emptyClaimState } from '../../lib/core/coordination/claim-state.js';
import { digestOf } from '../../lib/core/definitions/digest.js';
import { parseDefinitions } from '../../lib/core/definitions/parse-definitions.js';
import type { Clock } from '../../lib/core/time/clock.js';
import { ManualClock, type RecordPlace } from '../../lib/testing.js';
import { OutageClock, PATIENT_MS } from './outage-clock.js';
import { PlainBodies } from './plain-bodies.js';
import type { RedisServer } from './redis-server.js';
import { documentOf } from './scripted-source.js';

/** A place whose clock a cache over it can have, too. */
export interface TimedPlace<C extends Clock = ManualClock> extends RecordPlace {
  readonly clock: C;
}

type Client = ReturnType<typeof createClient>;

/** Memory is one place with one handle: who else has it, has the same. */
export function memoryPlace(): TimedPlace {
  const clock = new ManualClock();
  const store = new MemoryRecordStore(clock);
  return {
    another: () => store,
    close: () => store.close(),
    wipe: () => store.replaceClaimState(emptyClaimState),
    loseBody: (revision) => {
      const bodies = new Map(store.claimState.bodies);
      bodies.delete(revision);
      store.replaceClaimState({ ...store.claimState, bodies });
    },
    advanceMs: (ms) => clock.advance(ms),
    setClockBackMs: (ms) => clock.jumpWallClock(-ms),
    nowMs: () => clock.now(),
    clock,
  };
}

/** What Redis can lose and be given, seen by a client that looks from outside. */
export function redisHooks(onlooker: Client, namespace: string) {
  const keys = redisKeys(namespace);
  const wipe = async (): Promise<void> => {
    const found = await onlooker.keys(`flags:v1:{${namespace}}:*`);
    if (found.length > 0) await onlooker.del(found);
  };
  return {
    wipe,
    loseBody: async (revision: number) => {
      await onlooker.del(bodyKey(keys, revision));
    },
    spoil: async (part: 'head' | 'body', revision: number) => {
      const key = part === 'head' ? keys.claims : bodyKey(keys, revision);
      await onlooker.del(key);
      await onlooker.lPush(key, 'mine');
    },
  };
}

/** As an app gets it that names the URL of the server. */
export function redisUrlBackend(server: RedisServer, key: string): RecordBackend {
  const read = readCacheUrl(`${server.url()}?key=${key}`);
  if (read.kind !== 'shared') throw new Error('not shared');
  return read;
}

/** A backend over the server, opened anew for each handle; the server can be frozen. */
export function redisPlace(
  server: RedisServer,
  onlooker: Client,
  backendFor: (key: string) => RecordBackend,
): TimedPlace<OutageClock> {
  const clock = new OutageClock();
  const key = `contract-${randomUUID()}`;
  const identity = 'project';
  const hooks = redisHooks(onlooker, namespaceOf(key, identity));
  const stores: RecordStore[] = [];
  return {
    ...hooks,
    another: async () => {
      const settings = { identity, commandTimeoutMs: PATIENT_MS, clock };
      const store = await backendFor(key).open(settings);
      stores.push(store);
      return store;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await hooks.wipe();
    },
    ...outagesOf(server, clock),
    clock,
  };
}

function outagesOf(server: RedisServer, clock: OutageClock) {
  return {
    stopServer: () => {
      clock.begin();
      server.freeze();
    },
    startServer: () => {
      clock.end();
      server.thaw();
    },
  };
}

/** Redis with a clock in the hand of the test, which the server itself knows nothing of. */
export function timedRedisPlace(client: Client): RecordPlace {
  const namespace = `contract-${randomUUID()}`;
  const hooks = redisHooks(client, namespace);
  let now = Date.UTC(2026, 0, 1);
  const commands = nodeRedisCommands(client);
  const bodies = new PlainBodies(commands);
  const parts = { commands, bodies, namespace, description: 'timed', nowMs: () => now };
  return {
    ...hooks,
    another: () => new RedisRecordStore(parts),
    close: hooks.wipe,
    advanceMs: (ms) => void (now += ms),
    setClockBackMs: (ms) => void (now -= ms),
    nowMs: () => now,
  };
}

/** One cache, as one process has it; each handle counts ages by itself. */
export function cacheManagerPlace(make: () => Cache = () => createCache()): TimedPlace {
  const cache = make();
  const namespace = `contract-${randomUUID()}`;
  const prefix = `flags:v1:{${namespace}}`;
  const clock = new ManualClock();
  const revisions = new Set<number>();
  const remember = (store: CacheManagerRecordStore): RecordStore => {
    const publish = store.publish.bind(store);
    store.publish = (record, revision) => {
      revisions.add(revision);
      return publish(record, revision);
    };
    return store;
  };
  const wipe = async (): Promise<void> => {
    await cache.del(`${prefix}:head`);
    for (const revision of revisions) await cache.del(`${prefix}:body:${revision}`);
  };
  return {
    another: () => remember(new CacheManagerRecordStore(cache, namespace, clock)),
    close: wipe,
    wipe,
    loseBody: async (revision) => {
      await cache.del(`${prefix}:body:${revision}`);
    },
    spoil: async (part, revision) => {
      const key = part === 'head' ? `${prefix}:head` : `${prefix}:body:${revision}`;
      await cache.set(key, { mine: true }, 0);
    },
    advanceMs: (ms) => clock.advance(ms),
    clock,
  };
}

/** The keys of PostHog's other SDKs. */
export function interopPlace(server: RedisServer, onlooker: Client): TimedPlace<OutageClock> {
  const clock = new OutageClock();
  const service = `contract-${randomUUID()}`;
  const keys = interopKeys(service);
  const stores: RecordStore[] = [];
  const wipe = async (): Promise<void> => {
    await onlooker.del([keys.copy, keys.lock, keys.head]);
  };
  return {
    another: () => {
      const patient = { commandTimeoutMs: PATIENT_MS, connectTimeoutMs: PATIENT_MS };
      const store = openInteropRecords({ url: server.url(), service, clock, ...patient });
      stores.push(store);
      return store;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await wipe();
    },
    wipe,
    loseBody: async () => {
      await onlooker.del(keys.copy);
    },
    spoil: async (part) => {
      const key = part === 'head' ? keys.head : keys.copy;
      await onlooker.del(key);
      await onlooker.lPush(key, 'mine');
    },
    ...outagesOf(server, clock),
    clock,
  };
}

/** Definitions with one flag of this name: what the other SDKs can read. */
export function definitionsRecord(name: string): NewRecord {
  const parsed = parseDefinitions(documentOf([name]));
  if (!parsed.ok) throw new Error(parsed.message);
  const { definitions } = parsed;
  const body = JSON.stringify(definitions);
  return { schema: 1, digest: digestOf(definitions), etag: `W/"${name}"`, codec: 'json', body };
}
