/** S6 and C1 to C3: what a fleet may ask of the source and of the store. */
import { eventsOf, type TraceEvent } from '../trace.js';
import type { Check, Violation } from './violation.js';

/** S6: the source is asked under a claim, or by who has no other way. */
export const everyFetchHasARight: Check = (trace) =>
  eventsOf(trace, 'fetch-started').flatMap(({ at, instance, right }) =>
    right === 'none'
      ? [{ invariant: 'S6', at, message: `${instance} asked the source without a claim` }]
      : [],
  );

/**
 * S6: with definitions and without the cache an instance asks rarely. Between its first fetch
 * alone and the last one in the same outage lie at least half a solo period each.
 */
export const soloFetchesAreRare: Check = (trace, { settings }) => {
  const { intervalMs, soloIntervalMs } = settings;
  const violations: Violation[] = [];
  const alone = new Map<string, { fetchedAt: number; periodMs: number }>();
  const loaded = new Set<string>();
  const instances = new Map<string, number>();
  const rates = new Map(eventsOf(trace, 'booted').map(({ instance, rate }) => [instance, rate]));
  for (const event of trace) {
    if (event.type === 'applied') loaded.add(event.instance);
    if (event.type === 'turn' && event.instances !== undefined) {
      // The cache has answered: the next outage is another one.
      instances.set(event.instance, event.instances);
      alone.delete(event.instance);
    }
    if (event.type !== 'fetch-started' || event.right !== 'cache-away') continue;
    const { instance, at } = event;
    if (!loaded.has(instance)) continue;
    const before = alone.get(instance);
    const known = instances.get(instance);
    const periodMs = Math.min(known === undefined ? Infinity : known * intervalMs, soloIntervalMs);
    const gapMs =
      (at - (before?.fetchedAt ?? Number.NEGATIVE_INFINITY)) * (rates.get(instance) ?? 1);
    if (before !== undefined && gapMs < 0.5 * periodMs - 1) {
      const message = `${instance} asked alone after ${Math.round(gapMs)} ms of ${periodMs}`;
      violations.push({ invariant: 'S6', at, message });
    }
    alone.set(instance, { fetchedAt: at, periodMs });
  }
  return violations;
};

/** C1: without faults a fleet of any size asks no more often than one instance would. */
export const oneFetchPerInterval: Check = (trace, { calmFromMs, endMs, settings }) => {
  const fetches = eventsOf(trace, 'fetch-started').filter(({ at }) => at >= calmFromMs);
  const intervals = (endMs - calmFromMs) / settings.intervalMs;
  const most = Math.ceil(1.1 * intervals) + 2;
  if (fetches.length <= most) return [];
  const message = `${fetches.length} fetches in ${intervals.toFixed(1)} healthy intervals`;
  return [{ invariant: 'C1', at: endMs, message }];
};

/** C2: a fleet that starts on an empty store asks the source once, at most twice. */
export function fetchesAtStart(trace: readonly TraceEvent[], withinMs: number): number {
  return eventsOf(trace, 'fetch-started').filter(({ at }) => at <= withinMs).length;
}

/** C3: in a healthy fleet an instance reads the body of a version once. */
export const oneReadPerVersion: Check = (trace, { calmFromMs, endMs }) => {
  const settledAt = calmFromMs + 60_000;
  const reads = new Map<string, number>();
  for (const { at, instance, revision } of eventsOf(trace, 'body-read')) {
    const key = `${instance} ${revision}`;
    if (at >= settledAt) reads.set(key, (reads.get(key) ?? 0) + 1);
  }
  return [...reads].flatMap(([key, count]): Violation[] =>
    count > 1 ? [{ invariant: 'C3', at: endMs, message: `${key} was read ${count} times` }] : [],
  );
};

export const costChecks: readonly Check[] = [
  everyFetchHasARight,
  soloFetchesAreRare,
  oneFetchPerInterval,
  oneReadPerVersion,
];
