/**
 * Definitions in a cache-manager `Cache` that the app has already. Over Redis they get all that a
 * Redis cache has, on the client beneath, past cache-manager and Keyv: claims, push, and keys of
 * our own (a namespace of Keyv's does not count). Over anything else they get what such a cache
 * can give (`CacheManagerRecordStore`), which is told at start.
 */
import {
  CacheManagerRecordStore,
  type GivenCache,
} from '../cache-manager/cache-manager-record-store.js';
import { clientBeneath, type ClientBeneath } from '../cache-manager/client-beneath.js';
import type { RecordBackend, RecordSettings } from '../../core/cache/record-backend.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { namespaceOf } from '../../core/cache/cache-key.js';
import { hasMethod } from '../../core/given/given-value.js';
import type { GivenRedisClient } from '../redis/given-client.js';
import type { RedisCommands } from '../redis/redis-commands.js';

const KEY = 'flags';

export function isGivenCache(value: unknown): value is GivenCache {
  return ['get', 'set', 'del', 'wrap'].every((name) => hasMethod(value, name));
}

export function givenCache(cache: GivenCache): RecordBackend {
  return {
    open: async (settings) => {
      const beneath = clientBeneath(cache);
      const overRedis = beneath && (await openOverRedis(beneath, settings));
      return overRedis ?? openAsItIs(cache, settings);
    },
  };
}

function openAsItIs(cache: GivenCache, { identity, clock }: RecordSettings): RecordStore {
  return new CacheManagerRecordStore(cache, namespaceOf(KEY, identity), clock);
}

/** Loaded when there is a Redis beneath, and not before. Undefined for a client of unknown kind. */
async function openOverRedis(
  { client, connect }: ClientBeneath,
  settings: RecordSettings,
): Promise<RecordStore | undefined> {
  const [{ openGivenRedis }, { faultOfClient, kindOfClient }] = await Promise.all([
    import('../redis/redis-cache.js'),
    import('../redis/given-client-kind.js'),
  ]);
  const kind = kindOfClient(client);
  if (kind === undefined || faultOfClient(client, kind) !== undefined) return undefined;
  const around = connect && ((commands: RedisCommands) => connectedFirst(commands, connect));
  const given = { client: client as GivenRedisClient, kind, key: KEY, push: true };
  return openGivenRedis({ ...given, ...(around && { around }) }, settings);
}

/** Until it has worked once: a client that the app has closed again stays closed. */
function connectedFirst(commands: RedisCommands, connect: () => Promise<unknown>): RedisCommands {
  let connected: Promise<unknown> | undefined;
  return {
    send: async (key, command) => {
      connected ??= connect().catch((error: unknown) => {
        connected = undefined;
        throw error;
      });
      await connected;
      return commands.send(key, command);
    },
  };
}
