/** What went wrong last with the source or the cache, in a form that may be shown to anybody. */
import type { FetchFailure } from '../definitions/definition-source.js';
import type { CacheFailure } from '../refresh/refresh-outcome.js';

/** @publicApi */
export interface FlagsFailure {
  readonly where: 'source' | 'cache';
  /** Of the source: what kind of failure. Of the cache: the step that failed. */
  readonly code: FetchFailure['code'] | CacheFailure['step'];
  /** What failed, on what, why probably, what to do. Holds no key and no secret. */
  readonly message: string;
}

/** @publicApi */
export interface LastError extends FlagsFailure {
  /** Milliseconds since it was last seen. */
  readonly agoMs: number;
  /** Whether what failed has worked since. */
  readonly isOver: boolean;
}
