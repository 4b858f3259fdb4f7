/**
 * What the refresh cycle asks of a cache. Richer than PostHog's contract: the cycle says what it
 * holds, and the cache answers whether that is still the shared content, in whose name to fetch,
 * and how old the content is. A provider with PostHog's four methods alone is adapted to this
 * port (see `ProviderCache`).
 */
import type { FetchFailure, Unsubscribe } from '../definitions/definition-source.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { FleetMember } from '../coordination/claim-store.js';
import type { CacheSharing } from './cache-sharing.js';
import type { Awaitable } from './flag-definition-cache-provider.js';
import type { PushTrouble } from './record-store.js';

/** What an instance says of itself when it looks. @publicApi */
export interface HeldFacts {
  /** Revision of the definitions in memory; 0 when there are none. */
  readonly revision: number;
  readonly digest: string | undefined;
  readonly ageMs: number | undefined;
  /** Highest token ever seen; 0 when none. */
  readonly token: number;
  /**
   * Lowest revision that is of use here: what lies below it is to be published anew, though it is
   * there, because it cannot be read. @default 0, any
   */
  readonly floor?: number;
  /** Asks for a refresh soon, whoever takes it. */
  readonly kick: boolean;
  /** How long this instance steps back because its own fetch has failed. */
  readonly sitOutMs: number;
}

/** What the shared content is to what is held. `unknown`: only a read can tell. @publicApi */
export type SharedContent = 'none' | 'same' | 'newer' | 'older' | 'unknown';

/** What the cache knows of the shared content. `undefined`: it cannot tell. @publicApi */
export interface SharedState {
  readonly content: SharedContent;
  readonly revision: number | undefined;
  /** Highest token granted so far. */
  readonly token: number | undefined;
  /** Token of the last refresh that is known to have ended well. */
  readonly verifiedToken: number | undefined;
  /** Time since the shared content was last confirmed, by the clock of the store. */
  readonly ageMs: number | undefined;
  /** Milliseconds until a refresh is due; negative when it is overdue. */
  readonly dueInMs: number | undefined;
  /** Instances that share this cache. */
  readonly instances: number | undefined;
  /** How the fetches of the fleet end, whoever makes them. */
  readonly fetching?: FleetFetching | undefined;
}

/**
 * Fetches that have failed in a row, and why the last of them did; `reason` is a text of ours.
 * @publicApi
 */
export interface FleetFetching {
  readonly failuresInARow: number;
  readonly reason: string | undefined;
}

/** The right to fetch, once. @publicApi */
export interface Grant {
  /** Revision that a publication under this grant will have; undefined where there is none. */
  readonly token: number | undefined;
  /** The source's etag of the shared content. */
  readonly etag: string | undefined;
  /** The cache has lost its content: even what has not changed must be published. */
  readonly mustPublish: boolean;
  /** Fetches that have failed in a row, in the whole fleet; undefined: ask the instance. */
  readonly failuresInARow: number | undefined;
}

/** Who fetches: this instance, under a grant, or another. @publicApi */
export type CacheVerdict =
  | { readonly kind: 'lead'; readonly grant: Grant; readonly shared: SharedState }
  | { readonly kind: 'follow'; readonly shared: SharedState };

/** A shared document, not yet checked, with what is known of it. */
export interface SharedDocument {
  readonly document: unknown;
  /** Its digest, where the cache has made sure of it; else it is still to be computed. */
  readonly digest?: string;
  readonly revision?: number;
  readonly etag?: string;
  readonly ageMs?: number;
}

/** Definitions on their way into the cache. */
export interface Publication {
  readonly definitions: FlagDefinitionCacheData;
  readonly digest: string;
  readonly etag: string | undefined;
}

/**
 * `fenced`: the grant had run out and another was given, nothing was changed. `must-publish`: there
 * is nothing that could be confirmed, and the grant is still open.
 * @publicApi
 */
export type FinishVerdict = 'accepted' | 'fenced' | 'must-publish';

export interface DefinitionCache {
  /**
   * How often an instance should look: `check` where a look is cheap (a head), `interval` where
   * it moves the whole document.
   */
  readonly pace: 'check' | 'interval';
  /** Where it is, and what it can promise to the fleet. */
  readonly sharing?: CacheSharing;
  /** True: the source is never asked, also not when the cache is away or empty. @default false */
  readonly readsOnly?: boolean;
  check(facts: HeldFacts): Awaitable<CacheVerdict>;
  read(): Awaitable<SharedDocument | undefined>;
  publish(grant: Grant, publication: Publication): Awaitable<FinishVerdict>;
  confirm(grant: Grant, publication: Publication): Awaitable<FinishVerdict>;
  fail(grant: Grant, failure: FetchFailure, nextDueMs: number): Awaitable<void>;
  /** The name under which this instance is among the members. */
  readonly instance?: string | undefined;
  /** The members that live; undefined when the cache knows of none. */
  fleet?(): Awaitable<readonly FleetMember[] | undefined>;
  /** As a store of records has it. */
  watch?(onChanged: () => void, onTrouble?: (trouble: PushTrouble) => void): Unsubscribe;
  shutdown(): Awaitable<void>;
}

/** True for a cache that speaks this port, and not only PostHog's contract. */
export function isDefinitionCache(value: object): value is DefinitionCache {
  return 'pace' in value && 'check' in value && typeof value.check === 'function';
}
