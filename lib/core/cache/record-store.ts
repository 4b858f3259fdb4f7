/**
 * The port to the place where the definitions lie: dumb storage with a conditional write. All
 * protocol stays above it. What a backend can do is declared, never assumed: one with `claims`
 * can compare and set, one with `lease` can keep a leader, one with `watch` can push.
 */
import type { Unsubscribe } from '../definitions/definition-source.js';
import type { ClaimStore } from '../coordination/claim-store.js';
import type { LeaseStore } from '../coordination/lease-store.js';
import type { NewRecord, RecordBody, RecordHead } from './definition-record.js';

/**
 * Hints do not come, though they should; `message` says why probably, and what to do, in whole
 * sentences and without a secret. Or they come again.
 * @publicApi
 */
export type PushTrouble =
  { readonly kind: 'failed'; readonly message: string } | { readonly kind: 'recovered' };

/** @publicApi */
export interface RecordStore {
  /** Where it is, for logs and status; never a secret. */
  readonly description: string;
  /** What tells this cache apart from others in the same place, for logs. */
  readonly key?: string;
  /** True where it is the memory of this process, so that others share nothing. @default false */
  readonly isInThisProcess?: boolean;
  /** True where the threads of this process are meant to share it: no log advises against it. @default false */
  readonly isForThreads?: boolean;
  /** What is not certain there, as a sentence for the log at start, which is a warning then. */
  readonly caveat?: string;
  /** True where programs read the bodies that know no codec: they have to be JSON. @default false */
  readonly isReadByOthers?: boolean;
  /** Refresh claims, where the backend can compare and set. */
  readonly claims?: ClaimStore;
  /** A lease that one owner keeps, where the backend has one. */
  readonly lease?: LeaseStore;
  /** The head of the stored record; undefined when there is none. */
  readHead(): Promise<RecordHead | undefined>;
  /** The body of this revision; undefined when it is not there (any more). */
  readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined>;
  /**
   * Stores a record under a revision that must be higher than the stored one.
   * @returns false, changing nothing, when it is not.
   */
  publish(record: NewRecord, revision: number): Promise<boolean>;
  /**
   * Renews the age of this revision.
   * @returns false when another one is stored, or its body is known to be lost.
   */
  confirm(revision: number): Promise<boolean>;
  /**
   * Calls back when a new revision was published, by whomever. A hint.
   * @param onTrouble told when hints stop coming, and when they come again: each once.
   */
  watch?(onChanged: () => void, onTrouble?: (trouble: PushTrouble) => void): Unsubscribe;
  close(): Promise<void>;
}
