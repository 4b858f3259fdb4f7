/** Where the flags of this instance stand, for health checks and status pages. */
import type { ExposureCounts } from './core/exposure/exposure-sink.js';
import type { LastError } from './core/observe/flags-failure.js';
import type { DocumentPlace } from './core/refresh/document-place.js';
import type { HealthState } from './core/refresh/health.js';
import type { InstanceRole, RefreshOutcome } from './core/refresh/refresh-outcome.js';

/** @publicApi */
export interface FlagsStatus {
  /** Whether definitions are loaded. */
  readonly ready: boolean;
  /** How well, in one word. Not for a liveness probe: in no state does evaluation stop. */
  readonly state: HealthState;
  /** Random name of this instance, one per start; so it stands in `fleet()`. */
  readonly instance: string;
  /**
   * Who fetched what is in memory, as of the last turn that ended well: this instance for all
   * (`leader`), another (`follower`), this one for itself because the cache is away, or what lies
   * there was refused (`solo`). An instance that shares with nobody is `alone`. Undefined before a
   * turn has ended well.
   */
  readonly role: InstanceRole | 'alone' | undefined;
  /** Where the definitions come from, as the source describes itself. */
  readonly source: string;
  /** Where the instances share them, as the cache describes itself; never a secret. */
  readonly cache: string;
  /** Revision of the definitions in memory; undefined when there are none. */
  readonly revision: number | undefined;
  /**
   * Where what is in memory comes from: fetched from the source, read in the shared copy, or taken
   * from the snapshot file because neither could be had. Undefined when there is nothing.
   */
  readonly loadedFrom: DocumentPlace | undefined;
  /** How many flags can be evaluated. */
  readonly flagCount: number;
  /** How many flags are overridden in code at present, see `FlagsService.override()`. */
  readonly overrideCount: number;
  /**
   * Milliseconds since the definitions were last known to be current. A cache with PostHog's four
   * methods alone tells no age: there it is the time since they were last read.
   */
  readonly ageMs: number | undefined;
  /**
   * Fetches that have failed since one ended well: of the whole fleet where the cache counts them
   * (Redis), elsewhere those of this instance.
   */
  readonly failuresInARow: number;
  /**
   * What failed last, in the source or the cache, and whether it is over; undefined if nothing has.
   * Where both fail it is the source's.
   */
  readonly lastError: LastError | undefined;
  /** How the last turn ended; undefined before the first has. */
  readonly lastOutcome: RefreshOutcome | undefined;
  /** What became of the exposures; undefined where the option `exposures` is off. */
  readonly exposures: ExposureCounts | undefined;
}
