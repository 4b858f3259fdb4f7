/** What happened, in the past tense. Observers read these; nothing else is told to anybody. */
import type { FetchFailure } from '../definitions/definition-source.js';
import type { DefinitionIssue } from '../definitions/parse-definitions.js';
import type { HealthState } from '../refresh/health.js';
import type { InstanceRole, RefreshOutcome } from '../refresh/refresh-outcome.js';
import type { FlagsFailure } from './flags-failure.js';

/** The definitions in memory were replaced by others. @publicApi */
export interface DefinitionsChanged {
  readonly type: 'definitions-changed';
  /** Undefined at the first load. */
  readonly previousRevision: number | undefined;
  readonly revision: number;
  readonly flagCount: number;
  /** Keys of flags, sorted. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** A document was refused as a whole; the last good definitions are kept. @publicApi */
export interface DefinitionsRejected {
  readonly type: 'definitions-rejected';
  readonly where: 'source' | 'cache';
  readonly message: string;
}

/** Parts of an accepted document could not be used and were left out. @publicApi */
export interface DefinitionIssuesFound {
  readonly type: 'definition-issues-found';
  readonly where: 'source' | 'cache';
  readonly issues: readonly DefinitionIssue[];
}

/** A turn of the refresh cycle ended. @publicApi */
export interface TurnFinished {
  readonly type: 'turn-finished';
  readonly outcome: RefreshOutcome;
  /**
   * Why the last fetch failed, of whichever instance where the cache tells; undefined when it
   * ended well.
   */
  readonly sourceFailure?: FetchFailure['code'] | undefined;
  /** Who fetched in the last turn that ended well; undefined before the first has. */
  readonly role?: InstanceRole | undefined;
}

/**
 * The state of this instance has changed. Told at the end of a turn, just before it: between two
 * turns nobody looks at the time.
 * @publicApi
 */
export interface HealthChanged {
  readonly type: 'health-changed';
  readonly from: HealthState;
  readonly to: HealthState;
  /** Milliseconds that the state before has lasted. */
  readonly lastedMs: number;
  /** Milliseconds since the definitions in memory were last known to be current. */
  readonly ageMs: number | undefined;
  /** What has brought it about, where something fails. */
  readonly failure: FlagsFailure | undefined;
}

/** The cache could not be shut down; a lease that it holds runs out by itself. @publicApi */
export interface CacheShutdownFailed {
  readonly type: 'cache-shutdown-failed';
  readonly message: string;
}

/** @publicApi */
export type FlagsEvent =
  | TurnFinished
  | HealthChanged
  | DefinitionsChanged
  | DefinitionsRejected
  | DefinitionIssuesFound
  | CacheShutdownFailed;
