/**
 * Puts a shared cache together from what an app names: where the records lie, and who fetches.
 */
import {
  claimed,
  leased,
  unclaimed,
  type CoordinationFactory,
  type CoordinationParts,
} from '../coordination/coordination-factory.js';
import { isRecordBackend, type RecordBackend, type RecordSettings } from './record-backend.js';
import type { RecordStore } from './record-store.js';
import { SharedDefinitionCache } from './shared-definition-cache.js';

/** @publicApi */
export interface SharedDefinitionCacheOptions {
  /** Where the definitions lie: a store, or a backend that is opened when the app starts. */
  readonly records: RecordStore | RecordBackend;
  /** Who fetches. @default `claimed()` where the backend can, else `leased()`, else `unclaimed()` */
  readonly coordination?: CoordinationFactory;
  /** A body larger than this is refused. @default 33_554_432 (32 MiB) */
  readonly maxBodyBytes?: number;
}

/** The times of the cache, and what tells time and chance. */
export type SharedDefinitionCacheTimes = Omit<CoordinationParts, 'records'>;

/** The same with a store that is open. */
export type OpenedCacheOptions = SharedDefinitionCacheOptions & { readonly records: RecordStore };

/** Opens the records, if that is still to be done. @throws FlagsError as below */
export async function openSharedDefinitionCache(
  options: SharedDefinitionCacheOptions,
  settings: SharedDefinitionCacheTimes & RecordSettings,
): Promise<SharedDefinitionCache> {
  const { identity, commandTimeoutMs, ...times } = settings;
  const { clock } = times;
  return withOpenRecords(options, { identity, commandTimeoutMs, clock }, (opened) =>
    createSharedDefinitionCache(opened, times),
  );
}

/** Makes something of open records. @throws what `make` throws; then they are closed again. */
export async function withOpenRecords<T>(
  options: SharedDefinitionCacheOptions,
  settings: RecordSettings,
  make: (opened: OpenedCacheOptions) => T,
): Promise<T> {
  const { records: named } = options;
  const records = isRecordBackend(named) ? await named.open(settings) : named;
  try {
    return make({ ...options, records });
  } catch (error) {
    // Nobody has it now: what was opened must not hold the process.
    if (records !== named) await records.close();
    throw error;
  }
}

/** @throws FlagsError `invalid-options` for a coordination that the backend cannot bear. */
export function createSharedDefinitionCache(
  options: OpenedCacheOptions,
  times: SharedDefinitionCacheTimes,
): SharedDefinitionCache {
  const { records, maxBodyBytes } = options;
  const coordination = (options.coordination ?? defaultFor(records))({ ...times, records });
  return new SharedDefinitionCache({
    records,
    coordination,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
}

function defaultFor({ claims, lease }: RecordStore): CoordinationFactory {
  if (claims !== undefined) return claimed();
  return lease === undefined ? unclaimed() : leased();
}
