/** The Redis store as an app gets it from a URL, save that it waits longer for a busy machine. */
import type { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { openRedisRecords } from '../../lib/caches/url/redis-records.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';

export interface RecordsSettings {
  readonly namespace: string;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** @default that of this machine */
  readonly clock?: Clock;
}

export function openRecords(url: string, settings: RecordsSettings): RedisRecordStore {
  const patient = { commandTimeoutMs: 60_000, connectTimeoutMs: 60_000 };
  return openRedisRecords({ url, clock: systemClock, ...patient, ...settings });
}
