/**
 * The port to a store that can compare and set: where refresh claims are granted and finished.
 *
 * The store holds *when the next refresh is due*. An instance that finds it due gets a claim: a
 * short lease and a token. It fetches, and finishes the claim once, by compare-and-set: with
 * new content, with the same content, or as failed. There is no leader for life, nothing to
 * renew, and no write that is not conditional. All times are the store's own; an instance's
 * clock never enters.
 *
 * One number orders everything: the token. It is at least the store's clock in milliseconds (a
 * hybrid logical clock), so it keeps growing when the store has lost its memory, and the
 * revision of a publication *is* the token of the claim that produced it.
 */
import type { NewRecord } from '../cache/definition-record.js';

/** What an instance says when it looks at the store. @publicApi */
export interface CheckRequest {
  /** Random id of this instance, one per start. */
  readonly instance: string;
  /** Revision of the definitions that the instance holds; 0 when it holds none. */
  readonly revision: number;
  /** Digest of what it holds; the reply omits the store's digest when it is the same. */
  readonly digest: string | undefined;
  /** Highest token that the instance has ever seen; 0 when none. */
  readonly token: number;
  /**
   * Lowest revision that is of use to the instance: a stored one below it counts as lost, though it
   * lies there. 0 for any.
   */
  readonly floor: number;
  /** Asks for a refresh as soon as the shortest gap allows. */
  readonly kick: boolean;
  /** How much longer than the due time an instance waits that was not the last to fetch. */
  readonly graceMs: number;
  /** How much longer than the due time this instance waits because its own fetch has failed. */
  readonly sitOutMs: number;
  /** How long a claim lasts at most. */
  readonly leaseMs: number;
  /** A due time further ahead than this is a fault (a clock jumped): due at once. */
  readonly longestDueMs: number;
  /** Shortest time between the finish of one claim and the grant of the next by kick or repair. */
  readonly shortestGapMs: number;
  /** A member that has not checked for this long is forgotten when the next claim is granted. */
  readonly memberTtlMs: number;
  /** Milliseconds since the instance's definitions were last confirmed; for the fleet view. */
  readonly ageMs: number | undefined;
}

/** `held`: another has the claim. `not-due`: nobody needs one. @publicApi */
export type CheckVerdict = 'granted' | 'held' | 'not-due';

/** What the store answers to a check, in one round trip. @publicApi */
export interface CheckReply {
  readonly verdict: CheckVerdict;
  /** The token granted, or the last one that was granted to anybody; 0 when none ever was. */
  readonly token: number;
  /** Revision of the stored record; 0 when there is none. */
  readonly revision: number;
  /** Digest of the stored record; undefined when there is none or when it is the caller's. */
  readonly digest: string | undefined;
  /** Etag of the stored record: only with a grant, and only when its body is there. */
  readonly etag: string | undefined;
  /** Token of the last claim that ended with content known to be current; 0 when none. */
  readonly verifiedToken: number;
  /**
   * True when there is nothing that a `same` could confirm: the store never had a record, lost
   * its body, or an instance holds a higher revision. A claim must then be finished with `new`.
   */
  readonly mustPublish: boolean;
  /** Milliseconds until the next refresh is due; negative when it is overdue. */
  readonly dueInMs: number;
  /** Milliseconds since the last verification; undefined when there was none. */
  readonly ageMs: number | undefined;
  /** Claims that have failed in a row, whoever held them. */
  readonly failuresInARow: number;
  /** Why the last of them failed, in the word of its holder; undefined when none has. */
  readonly reason: string | undefined;
  /** Instances that have checked lately, this one included; undefined where nobody can tell. */
  readonly instances: number | undefined;
}

/**
 * How a claim ends without new content. `nextDueMs` counts from the finish, by the store's clock.
 * @publicApi
 */
export type ClaimEnd =
  /** The stored content is current. An etag replaces the stored one; undefined keeps it. */
  | { readonly kind: 'same'; readonly etag: string | undefined; readonly nextDueMs: number }
  /**
   * Nothing was learnt. `reason` names a class of failure, never a secret. `notBeforeMs`: the
   * source asked to be left alone for so long (`Retry-After`); no kick and no repair comes sooner.
   */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly nextDueMs: number;
      readonly notBeforeMs?: number;
    }
  /** The holder leaves: due at once for whoever checks next, and no failure. */
  | { readonly kind: 'handed-over' }
  /**
   * The holder cannot know how its fetch ended (posthog-node tells its provider of nothing but new
   * definitions): no failure, and nothing is verified. The schedule goes on, with the holder no
   * longer preferred, for it may be one that cannot reach the source.
   */
  | { readonly kind: 'unheard'; readonly nextDueMs: number };

/** How a claim ends. @publicApi */
export type ClaimResult =
  { readonly kind: 'new'; readonly record: NewRecord; readonly nextDueMs: number } | ClaimEnd;

/** Who ends which claim, and how. @publicApi */
export interface FinishRequest {
  readonly instance: string;
  readonly token: number;
  readonly result: ClaimResult;
}

/**
 * `accepted`; `fenced`: the claim is not the last one granted, nothing was changed;
 * `must-publish`: the claim is ours but the stored content is gone or was overtaken, so `same`
 * changed nothing and the claim is still open: finish it with `new`.
 * @publicApi
 */
export type FinishReply = 'accepted' | 'fenced' | 'must-publish';

/** One instance as the fleet last saw it. @publicApi */
export interface FleetMember {
  readonly instance: string;
  /** Revision of the definitions it evaluates with; 0 when it has none. */
  readonly revision: number;
  /** Age of its definitions, at the moment it last checked, in milliseconds. */
  readonly ageMs: number | undefined;
  /** Milliseconds since it last checked, by the clock of the store. */
  readonly seenAgoMs: number;
  /** Whether it was the last to fetch with success; nobody is after a fetch that failed. */
  readonly leads: boolean;
}

/** @publicApi */
export interface ClaimStore {
  /**
   * How long one that lives may go without being seen, in milliseconds, where not every check leaves
   * a sign. Undefined: every check does.
   */
  readonly longestSilenceMs?: number;
  check(request: CheckRequest): Promise<CheckReply>;
  finish(request: FinishRequest): Promise<FinishReply>;
  /** Forgets an instance that leaves, so that nobody waits for it. Touches no claim. */
  leave(instance: string): Promise<void>;
  /** All that have checked and not left; those that died without a word are among them. */
  members(): Promise<readonly FleetMember[]>;
}
