/**
 * Counts what a definition cache is asked for and how it answers: for a dashboard, and for the
 * question whether a cache is worth its keep. It holds sums only, so it costs the same however
 * long the app runs; what is to be known of each call an observer is told.
 *
 * It does not tell a slow store from a slow network, nor what the source costs: that is in the
 * outcomes of turns.
 */
import { systemClock, type Clock } from '../time/clock.js';

/** A call of the store that is measured. @publicApi */
export type MeteredStep =
  | 'check'
  | 'finish'
  | 'leave'
  | 'members'
  | 'acquire'
  | 'release'
  | 'readHead'
  | 'readBody'
  | 'publish'
  | 'confirm'
  | 'close';

/** One call, when it has ended. @publicApi */
export interface CacheMeasurement {
  readonly step: MeteredStep;
  /** By a monotonic clock, in milliseconds. */
  readonly durationMs: number;
  /** False: it threw. A publication that was refused has not. */
  readonly ok: boolean;
  /** What the call came to; undefined where it counts as nothing but a call. */
  readonly result: MeteredResult | undefined;
}

/**
 * What one call came to. `hit`: the shared copy is what this instance has seen already, and no body
 * need be read. `miss`: it is another, or none is there. @publicApi
 */
export type MeteredResult =
  | { readonly kind: 'hit' | 'miss'; readonly granted: boolean }
  | { readonly kind: 'body'; readonly bytes: number }
  | { readonly kind: 'no-body' }
  | { readonly kind: 'published'; readonly bytes: number }
  | { readonly kind: 'confirmed' }
  /** A publication or a confirmation that the store did not take. */
  | { readonly kind: 'refused' };

/** Latencies up to a bound, in milliseconds, as a Prometheus histogram has them: not cumulative. @publicApi */
export interface LatencyBucket {
  /** The last is `Infinity`. */
  readonly upToMs: number;
  readonly count: number;
}

/** @publicApi */
export interface StepMeasures {
  readonly count: number;
  readonly failures: number;
  /** Of all calls together, those that failed included, in milliseconds. */
  readonly sumMs: number;
  readonly maxMs: number;
  readonly latencies: readonly LatencyBucket[];
}

/** What a meter has counted since it was made. @publicApi */
export interface CacheMeasures {
  /** Looks that found the shared copy unchanged. */
  readonly hits: number;
  /** Looks that found another one, or none. */
  readonly misses: number;
  /** Hits among all looks, 0 to 1; undefined before the first. */
  readonly hitRate: number | undefined;
  readonly grants: number;
  readonly bodyReads: number;
  /** Reads of a body that was not there (any more). */
  readonly bodiesMissing: number;
  readonly bytesRead: number;
  readonly publications: number;
  readonly bytesWritten: number;
  readonly confirmations: number;
  /** Publications and confirmations that the store did not take. */
  readonly refusals: number;
  readonly failures: number;
  /** By step; those that were never asked for are missing. */
  readonly steps: Readonly<Partial<Record<MeteredStep, StepMeasures>>>;
}

/** @publicApi */
export interface CacheMeterOptions {
  /** Told of each call when it has ended. What it throws is not told to anybody. @default none */
  readonly onMeasured?: (measurement: CacheMeasurement) => void;
  /** @default the clock of this process */
  readonly clock?: Clock;
}

/** Upper bounds of the latencies, in milliseconds; what is slower goes into one more. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000] as const;

interface StepSums {
  count: number;
  failures: number;
  sumMs: number;
  maxMs: number;
  readonly buckets: number[];
}

type Sums = { -readonly [Name in Exclude<keyof CacheMeasures, 'hitRate' | 'steps'>]: number };

/** Counts for the stores that were given to {@link metered} with it. @publicApi */
export class CacheMeter {
  /** @internal By which calls are measured. */
  readonly clock: Clock;
  private readonly onMeasured: CacheMeterOptions['onMeasured'];
  private readonly steps = new Map<MeteredStep, StepSums>();
  private readonly sums: Sums = {
    hits: 0,
    misses: 0,
    grants: 0,
    bodyReads: 0,
    bodiesMissing: 0,
    bytesRead: 0,
    publications: 0,
    bytesWritten: 0,
    confirmations: 0,
    refusals: 0,
    failures: 0,
  };

  constructor({ onMeasured, clock = systemClock }: CacheMeterOptions = {}) {
    this.clock = clock;
    this.onMeasured = onMeasured;
  }

  /** What was counted so far; a value of its own, which does not change. */
  read(): CacheMeasures {
    const { hits, misses } = this.sums;
    const looks = hits + misses;
    const steps = [...this.steps].map(([step, sums]) => [step, measuresOf(sums)] as const);
    return {
      ...this.sums,
      hitRate: looks === 0 ? undefined : hits / looks,
      steps: Object.fromEntries(steps),
    };
  }

  /** @internal Called by {@link metered}. Never throws. */
  note(measurement: CacheMeasurement): void {
    const { step, durationMs, ok, result } = measurement;
    this.noteStep(step, durationMs, ok);
    if (result !== undefined) this.noteResult(result);
    try {
      // An async function fits the type as well; what it rejects with would end the process.
      const told: unknown = this.onMeasured?.(measurement);
      if (told !== undefined) Promise.resolve(told).catch(() => undefined);
    } catch {
      // Who measures must not change what is measured.
    }
  }

  private noteStep(step: MeteredStep, durationMs: number, ok: boolean): void {
    const known = this.steps.get(step);
    const sums = known ?? { count: 0, failures: 0, sumMs: 0, maxMs: 0, buckets: emptyBuckets() };
    if (known === undefined) this.steps.set(step, sums);
    sums.count += 1;
    sums.sumMs += durationMs;
    sums.maxMs = Math.max(sums.maxMs, durationMs);
    const found = LATENCY_BOUNDS_MS.findIndex((bound) => durationMs <= bound);
    const bucket = found === -1 ? LATENCY_BOUNDS_MS.length : found;
    sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + 1;
    if (ok) return;
    sums.failures += 1;
    this.sums.failures += 1;
  }

  private noteResult(result: MeteredResult): void {
    const { sums } = this;
    switch (result.kind) {
      case 'hit':
      case 'miss':
        sums[result.kind === 'hit' ? 'hits' : 'misses'] += 1;
        sums.grants += result.granted ? 1 : 0;
        return;
      case 'body':
        sums.bodyReads += 1;
        sums.bytesRead += result.bytes;
        return;
      case 'no-body':
        sums.bodyReads += 1;
        sums.bodiesMissing += 1;
        return;
      case 'published':
        sums.publications += 1;
        sums.bytesWritten += result.bytes;
        return;
      case 'confirmed':
        sums.confirmations += 1;
        return;
      case 'refused':
        sums.refusals += 1;
        return;
      default:
        result satisfies never;
    }
  }
}

function emptyBuckets(): number[] {
  return Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0);
}

function measuresOf({ count, failures, sumMs, maxMs, buckets }: StepSums): StepMeasures {
  const latencies = buckets.map((counted, index) => ({
    upToMs: LATENCY_BOUNDS_MS[index] ?? Infinity,
    count: counted,
  }));
  return { count, failures, sumMs, maxMs, latencies };
}
