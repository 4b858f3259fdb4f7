/**
 * What a store of refresh claims remembers, as one immutable value. The rules in
 * `claim-rules.ts` are functions from such a state to the next one; a store that can run code
 * (Redis) does the same on its own fields, which carry the same names.
 *
 * All instants are milliseconds by the clock of the store; 0 means never.
 */
import type { RecordContent } from '../cache/definition-record.js';

/** What a member of the fleet left behind when it last checked. */
export interface MemberState {
  readonly seenAt: number;
  readonly revision: number;
  readonly ageMs: number | undefined;
}

/** A lease that one owner keeps, for a fleet that is led instead of claiming. */
export interface LeaseState {
  /** Undefined: it was given up. */
  readonly owner: string | undefined;
  /** When it was taken, or last extended. */
  readonly takenAt: number;
  /** How long it lasts from then on. */
  readonly leaseMs: number;
  /** The last token that was given with it, to whomever. */
  readonly token: number;
}

/** The head of the stored record, its age apart. */
export interface StoredRecord extends RecordContent {
  readonly revision: number;
}

export interface ClaimState {
  /** The last token granted, to whomever. */
  readonly token: number;
  /** The instance whose claim is open; its lease may have run out. */
  readonly holder: string | undefined;
  readonly leaseEndsAt: number;
  /** When the next refresh is due. */
  readonly dueAt: number;
  /** Until when the source asked to be left alone; neither kick nor repair come sooner. */
  readonly notBeforeAt: number;
  /** When a claim last ended. */
  readonly finishedAt: number;
  /** Who fetched last with success, and is preferred for the next turn. */
  readonly leader: string | undefined;
  /** The highest revision seen at an instance that the store itself does not know. */
  readonly floor: number;
  readonly failuresInARow: number;
  /** Why the last claim failed; undefined when it did not. */
  readonly reason: string | undefined;
  /** Token of the last claim that ended with content known to be current. */
  readonly verifiedToken: number;
  readonly verifiedAt: number;
  /** Not there where nobody has ever asked for it. */
  readonly lease?: LeaseState | undefined;
  readonly record: StoredRecord | undefined;
  /** Bodies by revision, with the instant at which each expires; `Infinity` for never. */
  readonly bodies: ReadonlyMap<number, number>;
  readonly members: ReadonlyMap<string, MemberState>;
}

/** A store in which nothing ever happened, or that has lost everything. */
export const emptyClaimState: ClaimState = {
  token: 0,
  holder: undefined,
  leaseEndsAt: 0,
  dueAt: 0,
  notBeforeAt: 0,
  finishedAt: 0,
  leader: undefined,
  floor: 0,
  failuresInARow: 0,
  reason: undefined,
  verifiedToken: 0,
  verifiedAt: 0,
  record: undefined,
  bodies: new Map(),
  members: new Map(),
};
