/**
 * The ports to a store that can do one thing: replace a small value if it is still the one that
 * was read. Claims, lease, head and order are made of that alone, so a backend of this kind writes
 * no protocol: a file that is exchanged by renaming, an item with a condition, a word
 * of shared memory.
 */
import type { StoredBody } from '../cache/body-store.js';
import type { ClaimState, MemberState } from '../coordination/claim-state.js';

/** All that is remembered beside bodies and members. */
export interface RegisterValue {
  /** Its members are always empty: they sign apart. */
  readonly state: ClaimState;
  /** The time of the store when this was written, in milliseconds since 1970. */
  readonly writtenAt: number;
  /** Members that lived when a claim was last granted. */
  readonly instances: number;
}

/** A value with what tells it from every other that lay here before. */
export interface RegisterEntry {
  readonly value: RegisterValue;
  readonly version: string;
}

export interface Register {
  /** What lies there, and not an older one; undefined when nothing does. */
  read(): Promise<RegisterEntry | undefined>;
  /**
   * Writes `next` if the entry that lies there still has this version, in one step for everybody.
   * @param expected undefined: if nothing lies there
   * @returns false, changing nothing, when it has another.
   */
  replace(expected: string | undefined, next: RegisterValue): Promise<boolean>;
}

/** Bodies by revision. */
export interface RegisterBodies {
  /**
   * Lays a body down where none lies; it overwrites nothing.
   * @returns false when another content lies there.
   */
  write(body: StoredBody): Promise<boolean>;
  /** Undefined when there is none (any more). */
  read(revision: number): Promise<StoredBody | undefined>;
  /**
   * Forgets the bodies below the highest of these that are not among them; those above may belong
   * to a claim that is open. Best effort: what is left is found the next time.
   */
  keepOnly(revisions: readonly number[]): Promise<void>;
}

/** Signs of life, one for each instance, written by that instance alone. */
export interface RegisterMembers {
  sign(instance: string, member: MemberState): Promise<void>;
  all(): Promise<ReadonlyMap<string, MemberState>>;
  forget(instances: readonly string[]): Promise<void>;
}
