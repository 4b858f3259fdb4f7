/** Where the flags of this instance stand, for health checks and status pages. */
import type { HealthState } from './core/refresh/health.js';
import type { RefreshOutcome } from './core/refresh/refresh-outcome.js';

/** @publicApi */
export interface FlagsStatus {
  /** Whether definitions are loaded. */
  readonly ready: boolean;
  /** How well, in one word. Not for a liveness probe: in no state does evaluation stop. */
  readonly state: HealthState;
  /** Where the definitions come from, as the source describes itself. */
  readonly source: string;
  /** Revision of the definitions in memory; undefined when there are none. */
  readonly revision: number | undefined;
  /** How many flags can be evaluated. */
  readonly flagCount: number;
  /**
   * Milliseconds since the definitions were last known to be current. A cache with PostHog's four
   * methods alone tells no age: there it is the time since they were last read.
   */
  readonly ageMs: number | undefined;
  /** Fetches that have failed since the last turn that ended well. */
  readonly failuresInARow: number;
  /** How the last turn ended; undefined before the first has. */
  readonly lastOutcome: RefreshOutcome | undefined;
}
