/**
 * How one turn of the refresh cycle ended. Every turn ends in exactly one of these; logs,
 * metrics, health and events all read this one value.
 */
import type { FetchFailure } from '../definitions/definition-source.js';

/** A step of the cache that failed in a turn, without breaking it. @publicApi */
export interface CacheFailure {
  readonly step: 'shouldFetch' | 'read' | 'publish' | 'confirm' | 'report-failure' | 'shutdown';
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * In whose name an instance fetched: as the leader whom the cache chose, or solo, because the
 * cache could not be asked or stayed empty. A solo fetch is not published.
 * @publicApi
 */
export type FetchRole = 'leader' | 'solo';

/**
 * What an instance is to the others: `leader`, it fetched last for all; `follower`, it reads what
 * another has fetched; `solo`, it fetches for itself because the cache is away.
 * @publicApi
 */
export type InstanceRole = FetchRole | 'follower';

/** What a turn came to, without the facts that every outcome has. @publicApi */
export type TurnResult =
  /** Definitions came from the source; `published` says whether the cache took them. */
  | {
      readonly kind: 'fetched';
      readonly role: FetchRole;
      readonly revision: number;
      readonly flagCount: number;
      /** False when the source sent what was in memory already. */
      readonly changed: boolean;
      readonly published: boolean;
    }
  /** The source said "not modified": what is in memory is current. */
  | { readonly kind: 'confirmed'; readonly role: FetchRole; readonly revision: number }
  /** Another instance leads; its definitions were read from the cache and differ from ours. */
  | { readonly kind: 'read'; readonly revision: number; readonly flagCount: number }
  /** Another instance leads; the cache holds what is in memory. */
  | { readonly kind: 'unchanged'; readonly revision: number }
  /** The fetch failed; what was in memory, if anything, is kept. */
  | { readonly kind: 'failed'; readonly role: FetchRole; readonly failure: FetchFailure }
  /** The claim had run out before the fetch ended: another has fetched since. */
  | { readonly kind: 'superseded' }
  /**
   * Nothing was taken over, and it is not our turn to fetch: the cache is empty, away, refused, or
   * older than what is held, or this instance holds until it can be sure.
   */
  | {
      readonly kind: 'waiting';
      readonly why:
        'cache-empty' | 'cache-unavailable' | 'cache-rejected' | 'cache-older' | 'holding';
    }
  /** The cycle was closed before the turn could end. */
  | { readonly kind: 'closed' };

/** Whether other definitions are in memory than before. */
export function hasChanged(outcome: TurnResult): boolean {
  return outcome.kind === 'fetched' ? outcome.changed : outcome.kind === 'read';
}

/** @publicApi */
export type RefreshOutcome = TurnResult & {
  /** Cache steps that failed on the way. Empty when all went well. */
  readonly cacheFailures: readonly CacheFailure[];
  /** Milliseconds the turn took. */
  readonly durationMs: number;
};
