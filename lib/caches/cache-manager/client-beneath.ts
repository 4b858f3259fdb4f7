/**
 * The Redis client beneath a given cache-manager `Cache`, if one can be reached: Keyv hides the
 * failures of its stores and has no atomic step, so claims and revisions must speak to the client
 * itself. Found by what the stores show; no store is imported.
 */
import { isObject, propertyOf } from '../../core/given/given-value.js';

export interface ClientBeneath {
  readonly client: object;
  /** Connects a client that its store connects at first use only. */
  readonly connect: (() => Promise<unknown>) | undefined;
}

/** @param cache e.g. Nest's `CACHE_MANAGER`. @returns undefined when it lies in something else. */
export function clientBeneath(cache: object): ClientBeneath | undefined {
  const stores = propertyOf(cache, 'stores');
  for (const keyv of Array.isArray(stores) ? (stores as unknown[]) : []) {
    const store = propertyOf(keyv, 'store') ?? propertyOf(propertyOf(keyv, 'opts'), 'store');
    // cache-manager's KeyvAdapter keeps a store of the older kind, such as redis-yet's, in _cache.
    for (const holder of [store, propertyOf(store, '_cache')]) {
      const client = propertyOf(holder, 'client') ?? propertyOf(holder, 'redis');
      if (isObject(client)) return { client, connect: connectOf(holder) };
    }
  }
  return undefined;
}

/** Whether all of the cache lies in the memory of this process. */
export function isInThisProcess(cache: object): boolean {
  const stores = propertyOf(cache, 'stores');
  if (!Array.isArray(stores) || stores.length === 0) return false;
  return stores.every((keyv: unknown) => propertyOf(keyv, 'store') instanceof Map);
}

/** `KeyvRedis` connects in `getClient`. */
function connectOf(holder: unknown): (() => Promise<unknown>) | undefined {
  const getClient = propertyOf(holder, 'getClient');
  if (typeof getClient !== 'function') return undefined;
  return async () => Reflect.apply(getClient, holder, []) as unknown;
}
