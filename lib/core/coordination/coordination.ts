/**
 * The port to the question who fetches. A coordination answers checks, and ends each grant that
 * it has given; where the definitions lie is not its business, save that a publication and the
 * end of its grant are one act.
 */
import type { CacheVerdict, FinishVerdict, Grant, HeldFacts } from '../cache/definition-cache.js';
import type { NewRecord } from '../cache/definition-record.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { FleetMember } from './claim-store.js';

/** @publicApi */
export interface Coordination {
  /** False: several instances may be asked to fetch at the same time. @default true */
  readonly isExclusive?: boolean;
  /**
   * True: a reader. Its instance never asks the source, also not for itself when the cache is away
   * or empty. @default false
   */
  readonly readsOnly?: boolean;
  /**
   * Who fetches, in words for the log at start; stands after the place of the shared copy.
   * @default what `isExclusive` says
   */
  readonly whoFetches?: string;
  check(facts: HeldFacts): Promise<CacheVerdict>;
  /** Publishes under a grant and ends it. */
  publish(grant: Grant, record: NewRecord): Promise<FinishVerdict>;
  /** Ends a grant: the source has confirmed the shared content. */
  confirm(grant: Grant, etag: string | undefined): Promise<FinishVerdict>;
  /** Ends a grant: the fetch failed. The next refresh is due after `nextDueMs`. */
  fail(grant: Grant, failure: FetchFailure, nextDueMs: number): Promise<void>;
  /**
   * Ends a grant of which nothing was heard: neither a failure nor a confirmation. The next refresh
   * is due after `nextDueMs`.
   */
  unheard(grant: Grant, nextDueMs: number): Promise<void>;
  /** The name of this instance among the members, random, one per start. */
  readonly instance?: string;
  /** Who shares the cache and lives, where that is known. */
  members?(): Promise<readonly FleetMember[]>;
  /** Hands over what this instance still holds, so that another can go on at once. */
  release(): Promise<void>;
}
