/** What the checks of a trace need to know, and what they answer. */
import type { RefreshSettings } from '../../../lib/core/refresh/refresh-settings.js';
import type { TraceEvent } from '../trace.js';

/** The invariants by the names under which the failure catalogue knows them. */
export type Invariant =
  /** One publication for one revision. */
  | 'S1'
  /** Revisions grow at every instance. */
  | 'S2'
  /** Accepted fetches do not overlap, and the store never goes back. */
  | 'S3'
  /** What comes late changes nothing. */
  | 'S4'
  /** Evaluation never fails. */
  | 'S5'
  /** Nobody asks the source without a right to. */
  | 'S6'
  /** Nothing invalid becomes the snapshot; and no instance goes back in content. */
  | 'S7'
  | 'content'
  /** A healthy fleet confirms in time, and recovers in time. */
  | 'L-a'
  | 'L-b'
  /** Loops go on. */
  | 'L-c'
  /** Shutdown ends. */
  | 'L-d'
  /** Nobody holds for ever. */
  | 'L-e'
  /** Costs: fetches, fetches of a deployment, reads of bodies. */
  | 'C1'
  | 'C2'
  | 'C3';

export interface Violation {
  readonly invariant: Invariant;
  readonly at: number;
  readonly message: string;
}

/** What is true of a run besides its trace. */
export interface TraceFacts {
  readonly settings: RefreshSettings & { readonly leaseMs: number };
  readonly endMs: number;
  /** The last fault has ended. */
  readonly calmFromMs: number;
  /** Longest time by which what the faults left behind may put off the next fetch. */
  readonly aftermathMs: number;
  /** The store may have forgotten a grant while its finish was on the way. */
  readonly forgetsGrants: boolean;
  /** The source itself went back in time. */
  readonly goesBack: boolean;
  readonly slowestRate: number;
  /** Time is real: a machine that stands still for a moment makes a store late that is well. */
  readonly isRealTime?: boolean;
}

export type Check = (trace: readonly TraceEvent[], facts: TraceFacts) => Violation[];

/** In what an instance does by its own clock, a slow clock counts. */
const inWorldTime = (ms: number, { slowestRate }: TraceFacts): number =>
  ms / Math.min(1, slowestRate);

/** Longest time between two confirmations in a healthy fleet: 1.1 I + L + grace + 2.4 C. */
export function longestGapMs(facts: TraceFacts): number {
  const { intervalMs, jitter, leaseMs, checkMs } = facts.settings;
  return inWorldTime(intervalMs * (1 + jitter) + leaseMs + 3.4 * checkMs, facts);
}

/** Longest time until everybody holds what the source has: 1.1 I + L + 2.4 C + F, and aftermath. */
export function longestRecoveryMs(facts: TraceFacts): number {
  const { intervalMs, jitter, leaseMs, checkMs, fetchTimeoutMs } = facts.settings;
  const ms = intervalMs * (1 + jitter) + leaseMs + 2.4 * checkMs + fetchTimeoutMs;
  return inWorldTime(ms + facts.aftermathMs, facts);
}
