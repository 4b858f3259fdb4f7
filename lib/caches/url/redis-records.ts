/**
 * Records in Redis from a URL: the connection, the scripts and the push of `caches/redis`, the
 * bodies through cache-manager. Loaded when a Redis URL is configured, and not before.
 */
import type { Clock } from '../../core/time/clock.js';
import { RedisYetBodies } from '../cache-manager/redis-yet-bodies.js';
import { openRedis } from '../redis/open-redis.js';
import { redisKeys } from '../redis/redis-keys.js';
import { RedisRecordStore } from '../redis/redis-record-store.js';
import { StagingClient } from '../redis/staging-client.js';

export interface RedisRecordsOptions {
  readonly url: string;
  readonly namespace: string;
  readonly commandTimeoutMs: number;
  /** How long connecting may take, in milliseconds. @default 2_000 */
  readonly connectTimeoutMs?: number;
  readonly clock: Clock;
}

/**
 * Does not wait for the connection, which comes and goes by itself.
 * @throws FlagsError `invalid-options` for a URL or a namespace that cannot be used.
 */
export function openRedisRecords(options: RedisRecordsOptions): RedisRecordStore {
  const { url, namespace } = options;
  // Refuses before anything is opened that would have to be closed again.
  redisKeys(namespace);
  const { commands, push, description } = openRedis(url, options);
  const bodies = new RedisYetBodies(new StagingClient(commands));
  const close = async (): Promise<void> => {
    push.close();
    commands.close();
  };
  return new RedisRecordStore({ commands, push, namespace, description, bodies, close });
}
