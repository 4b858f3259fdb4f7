/**
 * Puts a shared cache together from what an app names: where the records lie, who fetches, and
 * what the bytes look like.
 */
import {
  claimed,
  leased,
  unclaimed,
  type CoordinationFactory,
  type CoordinationParts,
} from '../coordination/coordination-factory.js';
import { FlagsError } from '../errors/flags-error.js';
import type { RecordCodec } from './codecs/record-codec.js';
import { isRecordBackend, type RecordBackend, type RecordSettings } from './record-backend.js';
import type { RecordStore } from './record-store.js';
import { SharedDefinitionCache } from './shared-definition-cache.js';

/** @publicApi */
export interface SharedDefinitionCacheOptions {
  /**
   * Where the definitions lie: a URL as the option `cache` takes it, a store, or a backend that is
   * opened when the app starts.
   */
  readonly records: string | RecordStore | RecordBackend;
  /** Who fetches. @default `claimed()` where the backend can, else `leased()`, else `unclaimed()` */
  readonly coordination?: CoordinationFactory;
  /**
   * What becomes of a body on its way into the store, in this order: `[compressed('gzip'),
   * sealed({ keys })]`. All instances need the same, those that only read as well.
   * @default none, plain JSON
   */
  readonly codecs?: readonly RecordCodec[];
  /** A body larger than this is refused, as it lies there and decoded. @default 33_554_432 (32 MiB) */
  readonly maxBodyBytes?: number;
}

/** The same with a URL that was read. */
export type ReadCacheOptions = SharedDefinitionCacheOptions & {
  readonly records: RecordStore | RecordBackend;
};

/** The times of the cache, and what tells time and chance. */
export type SharedDefinitionCacheTimes = Omit<CoordinationParts, 'records'>;

/** The same with a store that is open. */
export type OpenedCacheOptions = SharedDefinitionCacheOptions & { readonly records: RecordStore };

/** Opens the records, if that is still to be done. @throws FlagsError as below */
export async function openSharedDefinitionCache(
  options: ReadCacheOptions,
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
  options: ReadCacheOptions,
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

/** @throws FlagsError `invalid-options` for a coordination or codecs that the backend cannot bear. */
export function createSharedDefinitionCache(
  options: OpenedCacheOptions,
  times: SharedDefinitionCacheTimes,
): SharedDefinitionCache {
  const { records, maxBodyBytes, codecs = [] } = options;
  const altering = codecs.find(({ name }) => name !== undefined);
  if (records.isReadByOthers === true && altering !== undefined) {
    throw new FlagsError(
      `The codec ${altering.name} cannot be used with interop: what PostHog's other SDKs read (${records.description}) is plain JSON. Leave interop out, or the codecs.`,
      { code: 'invalid-options' },
    );
  }
  const coordination = (options.coordination ?? defaultFor(records))({ ...times, records });
  return new SharedDefinitionCache({
    records,
    coordination,
    codecs,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
}

function defaultFor({ claims, lease }: RecordStore): CoordinationFactory {
  if (claims !== undefined) return claimed();
  return lease === undefined ? unclaimed() : leased();
}
