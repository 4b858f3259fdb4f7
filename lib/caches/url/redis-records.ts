/**
 * Records in Redis from a URL: the connection, the scripts and the push of `caches/redis`, the
 * bodies through cache-manager. Loaded when a Redis URL is configured, and not before.
 */
import type { RecordStore } from '../../core/cache/record-store.js';
import type { Clock } from '../../core/time/clock.js';
import { RedisYetBodies } from '../cache-manager/redis-yet-bodies.js';
import { openRedis } from '../redis/open-redis.js';
import { RedisRecordStore } from '../redis/redis-record-store.js';
import { StagingClient } from '../redis/staging-client.js';

export interface RedisRecordsOptions {
  readonly url: string;
  readonly namespace: string;
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
}

/** Does not wait for the connection, which comes and goes by itself. */
export function openRedisRecords(options: RedisRecordsOptions): RecordStore {
  const { url, namespace, commandTimeoutMs, clock } = options;
  const { commands, push, description } = openRedis(url, { commandTimeoutMs, clock });
  const bodies = new RedisYetBodies(new StagingClient(commands));
  const close = async (): Promise<void> => {
    push.close();
    commands.close();
  };
  return new RedisRecordStore({ commands, push, namespace, description, bodies, close });
}
