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
import type { RecordStore } from './record-store.js';
import { SharedDefinitionCache } from './shared-definition-cache.js';

/** @publicApi */
export interface SharedDefinitionCacheOptions {
  /** Where the definitions lie. */
  readonly records: RecordStore;
  /** Who fetches. @default `claimed()` where the backend can, else `leased()`, else `unclaimed()` */
  readonly coordination?: CoordinationFactory;
  /** A body larger than this is refused. @default 33_554_432 (32 MiB) */
  readonly maxBodyBytes?: number;
}

/** The times of the cache, and what tells time and chance. */
export type SharedDefinitionCacheTimes = Omit<CoordinationParts, 'records'>;

/** @throws FlagsError `invalid-options` for a coordination that the backend cannot bear. */
export function createSharedDefinitionCache(
  options: SharedDefinitionCacheOptions,
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
