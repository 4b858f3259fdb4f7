/**
 * Records that PostHog's other SDKs share, from a URL. They are plain strings, so nothing but a
 * connection is needed. Loaded when such a URL is configured, and not before.
 */
import { InteropRecordStore } from '../redis/interop-record-store.js';
import { interopKeys } from '../redis/interop-keys.js';
import { openRedis } from '../redis/open-redis.js';
import type { RedisRecordsOptions } from './redis-records.js';

export interface InteropRecordsOptions extends Omit<RedisRecordsOptions, 'namespace'> {
  /** As in the key `posthog:flags:{service}` that the other SDKs use. */
  readonly service: string;
}

/**
 * Does not wait for the connection, which comes and goes by itself.
 * @throws FlagsError `invalid-options` for a URL or a service that cannot be used.
 */
export function openInteropRecords(options: InteropRecordsOptions): InteropRecordStore {
  const { url, service } = options;
  // Refuses before anything is opened that would have to be closed again.
  interopKeys(service);
  const { commands, push, description } = openRedis(url, options);
  const close = async (): Promise<void> => {
    push.close();
    commands.close();
  };
  return new InteropRecordStore({ commands, push, service, description, close });
}
