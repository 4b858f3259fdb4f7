/** A place in memory whose stores have a fault: for contracts that are themselves under test. */
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import type { RecordPlace } from '../../lib/testing.js';
import { memoryPlace } from './record-places.js';

export type Change = (store: RecordStore) => Partial<RecordStore>;

/** The store in memory, with what is changed of it in the place of its own. */
export function changedPlace(change: Change): RecordPlace {
  const place = memoryPlace();
  return {
    ...place,
    another: async () => {
      const store = await place.another();
      const changed = change(store);
      return new Proxy(store, {
        get: (target, name) => {
          const own = Reflect.get(changed, name) as unknown;
          if (own !== undefined) return own;
          const value = Reflect.get(target, name) as unknown;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
}
