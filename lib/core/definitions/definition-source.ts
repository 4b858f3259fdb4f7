/**
 * The port to whoever has the definitions: PostHog's HTTP API, a file, a constant.
 * A source answers, it does not throw: every way in which a fetch can end is a value here.
 */

/** What went wrong with one fetch. @publicApi */
export interface FetchFailure {
  readonly code:
    | 'unauthorized' // 401
    | 'forbidden' // 403
    | 'quota-exceeded' // 402
    | 'rate-limited' // 429
    | 'server-error' // 5xx
    | 'unexpected-status' // any other status
    | 'timeout'
    | 'network'
    | 'unreadable' // a file that is missing or may not be read
    | 'invalid-definitions' // an answer that is no definitions document
    | 'unconfirmed'; // definitions that look like a mistake, and were seen only once
  /** What failed, on what, why probably, what to do. Holds no key and no secret. */
  readonly message: string;
  /** HTTP status, when there was one. */
  readonly status?: number;
  /** How long the source asks us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** How one fetch ended. @publicApi */
export type DefinitionSourceAnswer =
  | { readonly kind: 'definitions'; readonly body: unknown; readonly etag?: string }
  | { readonly kind: 'not-modified'; readonly etag?: string }
  | { readonly kind: 'failed'; readonly failure: FetchFailure };

/** @publicApi */
export interface DefinitionSourceRequest {
  /** The etag that came with the data now in memory, byte for byte. */
  readonly etag?: string;
  /** Aborted when the app shuts down or the turn's deadline passes. */
  readonly signal: AbortSignal;
}

/** Stops a subscription. Calling it twice does nothing. @publicApi */
export type Unsubscribe = () => void;

/** @publicApi */
export interface DefinitionSource {
  /** Where the definitions come from, for logs and status: a host or a path, never a secret. */
  readonly description: string;
  /**
   * Tells apart what is the definitions of one project from those of another, in a cache that
   * both use: a digest of host and project, no secret. Left out, the cache's key alone does.
   */
  readonly identity?: string;
  /** Fetches once. Resolves with how it ended; does not reject. */
  fetch(request: DefinitionSourceRequest): Promise<DefinitionSourceAnswer>;
  /** Calls back when the definitions may have changed. A hint: the poll remains the truth. */
  watch?(onChanged: () => void): Unsubscribe;
  /** Releases what the source holds. */
  close?(): Promise<void> | void;
}
