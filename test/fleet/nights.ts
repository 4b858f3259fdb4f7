/** The nights that there are: on each store, what can go wrong with it. */
import { postgresFaults, postgresFaultsOnce } from './faults/postgres-faults.js';
import { redisFaults } from './faults/redis-faults.js';
import { shorterTimes, shortTimes } from './fleet-settings.js';
import type { NightOn } from './night.js';
import type { FleetStore } from './stores/fleet-store.js';
import { PostgresStore } from './stores/postgres-store.js';
import { RedisStore } from './stores/redis-store.js';

export const onRedis: NightOn<RedisStore> = {
  name: 'redis',
  openStore: (listener) => RedisStore.start(listener),
  times: shortTimes,
  storeFaults: redisFaults,
  companions: [
    'redisFrozen',
    'redisKilledBackWithData',
    'redisKilledBackEmpty',
    'connectionsReset',
    'redisRefusedToSome',
    'flushed',
    'readOnlyReplica',
    'passwordChanged',
    'memoryShort',
    'headSpoilt',
  ] satisfies readonly (keyof typeof redisFaults)[],
};

export const onPostgres: NightOn<PostgresStore> = {
  name: 'postgres',
  openStore: (listener) => PostgresStore.start(listener),
  times: shorterTimes,
  storeFaults: { ...postgresFaults, ...postgresFaultsOnce },
  companions: [
    'serverFrozenOnce',
    'serverKilledBackWithDataOnce',
    'serverKilledBackEmptiedOnce',
    'connectionsResetOnce',
    'connectionsTerminatedOnce',
    'serverRefusedOnce',
    'tableLockedOnce',
    'readOnlyOnce',
    'passwordChangedOnce',
    'truncatedOnce',
    'headSpoiltOnce',
  ] satisfies readonly (keyof typeof postgresFaultsOnce)[],
};

export const storeNames = ['redis', 'postgres'] as const;
export type StoreName = (typeof storeNames)[number];

/** Does something with the night of a store of which only the name is known. */
export function onStore<Result>(
  name: StoreName,
  use: <Store extends FleetStore>(night: NightOn<Store>) => Result,
): Result {
  switch (name) {
    case 'redis':
      return use(onRedis);
    case 'postgres':
      return use(onPostgres);
  }
}
