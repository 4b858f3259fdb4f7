/** What a refresh cycle is made of, and what it says of itself. */
import type { DefinitionCache } from '../cache/definition-cache.js';
import type { FlagDefinitionCacheProvider } from '../cache/flag-definition-cache-provider.js';
import type { DefinitionSource, FetchFailure } from '../definitions/definition-source.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';
import type { SnapshotFile } from './snapshot-file.js';
import type { DocumentPlace } from './document-place.js';
import type { InstanceRole, RefreshOutcome } from './refresh-outcome.js';
import type { RefreshSettings } from './refresh-settings.js';

export interface RefreshCycleParts {
  readonly source: DefinitionSource;
  readonly cache: FlagDefinitionCacheProvider | DefinitionCache;
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly observer: FlagsObserver;
  readonly settings: RefreshSettings;
  /** What to start with when nothing else can be had. @default nothing */
  readonly snapshotFile?: SnapshotFile | undefined;
  /** Chance, 0 (included) to 1. @default Math.random */
  readonly random?: () => number;
}

/** Where the cycle stands. */
export interface RefreshStatus {
  /** How the last turn ended; undefined before the first has. */
  readonly lastOutcome: RefreshOutcome | undefined;
  /**
   * Revision of the definitions in memory; undefined when there are none. It can be higher than
   * that of the snapshot, when the same content was published again.
   */
  readonly revision: number | undefined;
  /** Where the definitions in memory come from; undefined when there are none. */
  readonly loadedFrom: DocumentPlace | undefined;
  /** Milliseconds since the definitions in memory were last known to be current. */
  readonly ageMs: number | undefined;
  /** Fetches that have failed in a row: of the fleet where the cache counts them, else our own. */
  readonly failuresInARow: number;
  /** Why the last of them failed; undefined when none has. */
  readonly sourceFailure: FetchFailure['code'] | undefined;
  /** Whether the shared copy lies there and is refused. @default false */
  readonly isCopyRefused?: boolean;
  /** Who fetched in the last turn that ended well; undefined before the first has. */
  readonly role: InstanceRole | undefined;
}
