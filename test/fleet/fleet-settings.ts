/** The times of a fleet under test, those of the product made short, and what is derived from them. */
import type { TraceFacts } from '../simulation/invariants/violation.js';

export interface FleetSettings {
  readonly processes: number;
  readonly instancesEach: number;
  readonly kind: 'nest' | 'posthog-node';
  readonly intervalMs: number;
  readonly checkMs: number;
  readonly jitter: number;
  readonly cacheTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Undefined: the lease of the product, which no option shortens. */
  readonly leaseMs: number | undefined;
  readonly evaluateEveryMs: number;
  /** Only where a process has one instance. */
  readonly shutdownHooks: boolean;
}

export const shortTimes: FleetSettings = {
  processes: 4,
  instancesEach: 2,
  kind: 'nest',
  intervalMs: 1_000,
  checkMs: 250,
  jitter: 0.1,
  cacheTimeoutMs: 600,
  requestTimeoutMs: 800,
  // As the product derives it: the fetch, and two calls of the cache.
  leaseMs: 800 + 2 * 600,
  evaluateEveryMs: 50,
  shutdownHooks: false,
};

/** For a night in which each fault comes several times. */
export const shorterTimes: Partial<FleetSettings> = {
  intervalMs: 500,
  checkMs: 150,
  cacheTimeoutMs: 400,
  requestTimeoutMs: 600,
  leaseMs: 600 + 2 * 400,
};

/** How the product shares its times out: a fetch under a claim has 10 s, as has nobody here. */
const PRODUCT_FETCH_MS = 10_000;
/** Bounds are told in the times of the product; this busy machine may take so many times longer. */
const SLOWNESS = 4;

export function factsOf(
  settings: FleetSettings,
  span: { readonly calmFromMs: number; readonly endMs: number; readonly aftermathMs?: number },
): TraceFacts {
  const { intervalMs, checkMs, jitter, cacheTimeoutMs, requestTimeoutMs } = settings;
  return {
    settings: {
      intervalMs,
      checkMs,
      jitter,
      // A call has its time; that it is also noticed in time is not what is looked at.
      cacheTimeoutMs: SLOWNESS * cacheTimeoutMs,
      fetchTimeoutMs: requestTimeoutMs,
      leaseMs: settings.leaseMs ?? PRODUCT_FETCH_MS + 2 * cacheTimeoutMs,
      coldWaitMs: 2_000,
      confirmDropAbove: 0.5,
      onQuotaExceeded: 'keep',
      compile: {},
    },
    aftermathMs: 0,
    forgetsGrants: false,
    goesBack: false,
    slowestRate: 1 / SLOWNESS,
    isRealTime: true,
    ...span,
  };
}
