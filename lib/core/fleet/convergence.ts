/**
 * Whether enough of the fleet has a revision: what is asked, and the answer to it from one view.
 * A view that may miss instances proves nothing, whatever those that it shows hold.
 */
import { FlagsError } from '../errors/flags-error.js';
import type { FleetInstance, FleetView } from './fleet-view.js';

/** @publicApi */
export interface ConvergenceOptions {
  /**
   * Longest wait, in milliseconds, 0 to 2,147,483,647; 0 looks once. The last look may take as
   * long as the cache may (`cacheTimeoutMs`) in addition.
   */
  readonly timeoutMs: number;
  /**
   * Share of the live instances that must have the revision, above 0 and at most 1; it is rounded
   * up to whole instances, so that 0.95 of 10 is all 10.
   * @default 1
   */
  readonly quorum?: number;
}

/** How the wait ended. @publicApi */
export interface Convergence {
  /** Whether enough instances hold the revision, or a newer one. */
  readonly converged: boolean;
  /**
   * `fleet-unknown`: the cache can never tell who else there is, so that there is nothing to wait
   * for. `closed`: this instance shuts down.
   */
  readonly endedBy: 'converged' | 'timeout' | 'closed' | 'fleet-unknown';
  /** What was waited for. */
  readonly revision: number;
  /** Instances that hold it or a newer one. */
  readonly reached: number;
  /** How many of them were needed. */
  readonly needed: number;
  /** Those that do not hold it. */
  readonly lagging: readonly FleetInstance[];
  /** Milliseconds that the wait took. */
  readonly waitedMs: number;
  /** The fleet at the last look. */
  readonly fleet: FleetView;
}

/** What is waited for, complete. */
export interface ConvergenceRequest {
  readonly revision: number;
  readonly quorum: number;
  readonly timeoutMs: number;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws FlagsError `invalid-argument` that lists everything that is wrong. */
export function convergenceRequest(
  revision: unknown,
  options: Partial<Record<keyof ConvergenceOptions, unknown>> | undefined,
): ConvergenceRequest {
  const { quorum = 1, timeoutMs } = options ?? {};
  const isRevision = isNumber(revision) && Number.isSafeInteger(revision) && revision > 0;
  const isQuorum = isNumber(quorum) && quorum > 0 && quorum <= 1;
  const isTimeout = isNumber(timeoutMs) && timeoutMs >= 0 && timeoutMs <= LONGEST_TIMEOUT_MS;
  if (isRevision && isQuorum && isTimeout) return { revision, quorum, timeoutMs };
  const mistakes = [
    ...(isRevision ? [] : [`revision: got ${printed(revision)}, expected the number of a revision, e.g. status().revision after refresh().`]), // prettier-ignore
    ...(isQuorum ? [] : [`quorum: got ${printed(quorum)}, expected a share above 0 and at most 1, e.g. 0.95 for 95 %.`]), // prettier-ignore
    ...(isTimeout ? [] : [`timeoutMs: got ${printed(timeoutMs)}, expected milliseconds from 0 to ${LONGEST_TIMEOUT_MS}.`]), // prettier-ignore
  ];
  throw new FlagsError(
    `FlagsService.waitForConvergence cannot wait for this. ${mistakes.join(' ')}`,
    { code: 'invalid-argument' },
  );
}

/** How far the fleet is. */
export function convergenceOf(
  fleet: FleetView,
  { revision, quorum }: ConvergenceRequest,
): Pick<Convergence, 'converged' | 'reached' | 'needed' | 'lagging'> {
  const { instances, complete } = fleet;
  const lagging = instances.filter((one) => (one.revision ?? 0) < revision);
  const reached = instances.length - lagging.length;
  // 0.07 of 100 is a little more than 7 in binary.
  const needed = Math.max(1, Math.ceil(quorum * instances.length - 1e-9));
  return { converged: complete && reached >= needed, reached, needed, lagging };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}

/** A text might be anything, so only its kind is shown. */
function printed(value: unknown): string {
  return value === undefined || isNumber(value) ? String(value) : `a value of type ${typeof value}`;
}
