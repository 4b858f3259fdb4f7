/**
 * How one turn of the refresh cycle ended. Every turn ends in exactly one of these; logs,
 * metrics, health and events all read this one value.
 */
import type { FetchFailure } from '../definitions/definition-source.js';

/** A step of the cache that failed in a turn without deciding its outcome. @publicApi */
export interface CacheFailure {
  readonly step: 'shouldFetch' | 'read' | 'publish' | 'confirm' | 'report-failure' | 'shutdown';
  readonly message: string;
  readonly cause?: unknown;
}

interface OutcomeFacts {
  /** Cache steps that failed on the way. Empty when all went well. */
  readonly cacheFailures: readonly CacheFailure[];
  /** Milliseconds the turn took. */
  readonly durationMs: number;
}

/** @publicApi */
export type RefreshOutcome = OutcomeFacts &
  (
    | {
        /** New definitions came from the source; `published` says whether the cache has them. */
        readonly kind: 'fetched';
        readonly revision: number;
        readonly flagCount: number;
        readonly published: boolean;
      }
    /** The source confirmed what is in memory. */
    | { readonly kind: 'confirmed'; readonly revision: number }
    /** Another instance leads; its definitions were read from the cache and differ from ours. */
    | { readonly kind: 'read'; readonly revision: number; readonly flagCount: number }
    /** Another instance leads; what is in memory is what the cache holds. */
    | { readonly kind: 'unchanged'; readonly revision: number }
    /** Nothing could be learnt; what was in memory, if anything, is kept. */
    | { readonly kind: 'failed'; readonly failure: FetchFailure }
    /** Nothing was tried: waiting for the leader, or holding still while the cache is away. */
    | { readonly kind: 'waiting'; readonly why: 'cache-empty' | 'cache-unavailable' }
    /** The cycle was closed. */
    | { readonly kind: 'closed' }
  );
