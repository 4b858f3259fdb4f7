/** The Redis store as an app gets it from a URL, with the clock of this machine. */
import type { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { openRedisRecords } from '../../lib/caches/url/redis-records.js';
import { systemClock } from '../../lib/core/time/clock.js';

export interface RecordsSettings {
  readonly namespace: string;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

export function openRecords(url: string, settings: RecordsSettings): RedisRecordStore {
  return openRedisRecords({ url, clock: systemClock, commandTimeoutMs: 1_000, ...settings });
}
