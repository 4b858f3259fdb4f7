/**
 * Definitions in Redis from a URL, put together: heads, claims and push over connections of our
 * own, bodies through cache-manager-redis-yet on the same connection.
 */
import { RedisYetBodies } from '../cache-manager/redis-yet-bodies.js';
import { openRedis, type RedisConnectionSettings } from '../redis/open-redis.js';
import { redisKeys } from '../redis/redis-keys.js';
import { RedisRecordStore } from '../redis/redis-record-store.js';
import { StagingClient } from '../redis/staging-client.js';

/** @publicApi */
export interface RedisRecordsSettings extends RedisConnectionSettings {
  /** Tells caches in one Redis apart; e.g. the name of the service. */
  readonly namespace: string;
}

/**
 * Does not wait for the connection: until it is there, and whenever it is lost, every operation
 * fails within the time limit of a command.
 * @throws FlagsError `invalid-options` for a URL or a namespace that cannot be used.
 */
export function openRedisRecords(url: string, settings: RedisRecordsSettings): RedisRecordStore {
  // Before anything is opened that would have to be closed again.
  redisKeys(settings.namespace);
  const { commands, push, description } = openRedis(url, settings);
  return new RedisRecordStore({
    commands,
    push,
    description,
    namespace: settings.namespace,
    bodies: new RedisYetBodies(new StagingClient(commands)),
    close: () => {
      push.close();
      commands.close();
    },
  });
}
