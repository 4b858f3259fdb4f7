/** What the refresh cycle needs to know, resolved: no defaults live here. */
import type { CompileOptions } from '../evaluation/flag-snapshot.js';

export interface RefreshSettings {
  /** How often the fleet refreshes when all is well. */
  readonly intervalMs: number;
  /** How often an instance looks at a cache where looking is cheap. */
  readonly checkMs: number;
  /** Share of the interval by which each wait may be longer or shorter. */
  readonly jitter: number;
  /** Longest wait for one call of the cache. */
  readonly cacheTimeoutMs: number;
  /** Longest wait for one fetch. */
  readonly fetchTimeoutMs: number;
  /** How long an instance without definitions waits for the leader's first publication. */
  readonly coldWaitMs: number;
  /** Share of the held flags, 0 to 1, above which a drop counts only when it was seen twice. */
  readonly confirmDropAbove: number;
  /** What becomes of the flags when PostHog answers 402. */
  readonly onQuotaExceeded: 'keep' | 'clear';
  readonly compile: Pick<CompileOptions, 'compat' | 'evaluationContexts'>;
}
