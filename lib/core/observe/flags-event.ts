/** What happened, in the past tense. Observers read these; nothing else is told to anybody. */
import type { FetchFailure } from '../definitions/definition-source.js';
import type { FlagsErrorCode } from '../errors/flags-error.js';
import type { DefinitionIssue } from '../definitions/parse-definitions.js';
import type { DocumentPlace } from '../refresh/document-place.js';
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
  readonly where: DocumentPlace;
  /** Keys of flags, sorted. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** A document was refused as a whole; the last good definitions are kept. @publicApi */
export interface DefinitionsRejected {
  readonly type: 'definitions-rejected';
  readonly where: DocumentPlace;
  readonly message: string;
}

/**
 * The source sent definitions that look like a mistake, and was asked a second time.
 * @publicApi
 */
export interface DefinitionsDoubted {
  readonly type: 'definitions-doubted';
  /**
   * Fewer flags: a larger share of those held is gone than the option `confirmDropAbove` says.
   * Older flags: PostHog's own count of their changes is lower than before.
   */
  readonly why: 'fewer-flags' | 'older-flags';
  /** Keys, sorted: of the flags that are gone, or that went back. */
  readonly keys: readonly string[];
  readonly flagCount: number;
  readonly heldFlagCount: number;
  /**
   * The second answer was the same, and is believed; or another, which is believed in its place;
   * or there was none that could be believed: what was held is kept, and the next turn asks again.
   */
  readonly verdict: 'confirmed' | 'withdrawn' | 'open';
}

/** Parts of an accepted document could not be used and were left out. @publicApi */
export interface DefinitionIssuesFound {
  readonly type: 'definition-issues-found';
  readonly where: DocumentPlace;
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
  /** Whether the shared copy lies there and is refused by this instance. @default false */
  readonly isCopyRefused?: boolean | undefined;
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

/** The cache could not be shut down; a claim that it holds, or a lease, runs out by itself. @publicApi */
export interface CacheShutdownFailed {
  readonly type: 'cache-shutdown-failed';
  readonly message: string;
  /** `closed` where its client was closed before, which at the end of an app is no fault. */
  readonly code?: FlagsErrorCode | undefined;
}

/** @publicApi */
export type FlagsEvent =
  | TurnFinished
  | HealthChanged
  | DefinitionsChanged
  | DefinitionsRejected
  | DefinitionsDoubted
  | DefinitionIssuesFound
  | CacheShutdownFailed;
