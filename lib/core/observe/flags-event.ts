/** What happened, in the past tense. Observers read these; nothing else is told to anybody. */
import type { DefinitionIssue } from '../definitions/parse-definitions.js';
import type { RefreshOutcome } from '../refresh/refresh-outcome.js';

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
}

/** The cache could not be shut down; a lease that it holds runs out by itself. @publicApi */
export interface CacheShutdownFailed {
  readonly type: 'cache-shutdown-failed';
  readonly message: string;
}

/** @publicApi */
export type FlagsEvent =
  | TurnFinished
  | DefinitionsChanged
  | DefinitionsRejected
  | DefinitionIssuesFound
  | CacheShutdownFailed;
