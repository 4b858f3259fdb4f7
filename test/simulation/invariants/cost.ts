/** S6 and C1 to C3: what a fleet may ask of the source and of the store. */
import { eventsOf, type TraceEvent } from '../trace.js';
import { longestRecoveryMs, type Check, type Violation } from './violation.js';

/** S6: the source is asked under a claim, or by who has no other way. */
export const everyFetchHasARight: Check = (trace) =>
  eventsOf(trace, 'fetch-started').flatMap(({ at, instance, right }) =>
    right === 'none'
      ? [{ invariant: 'S6', at, message: `${instance} asked the source without a claim` }]
      : [],
  );

/** A fetch that an instance with definitions made while its cache was away. */
interface SoloFetch {
  readonly at: number;
  /** Mean time between two of them, by the clock of the instance. */
  readonly periodMs: number;
}

/** What one instance did in one outage, as it saw it. */
interface Outage {
  readonly instance: string;
  /** How fast its clock goes. */
  readonly rate: number;
  readonly fromMs: number;
  untilMs: number;
  readonly periodMs: number;
  readonly fetches: SoloFetch[];
}

/** Fetches per interval of a whole fleet whose cache is away: what is promised. */
export const SOLO_BUDGET = 4;
const FIRST_UNTOLD_INTERVALS = 10;

/** The promise in its own words: the same mean rate whatever the size, slow where it is unknown. */
export function promisedSoloMs(intervalMs: number, instances: number | undefined): number {
  if (instances === undefined) return FIRST_UNTOLD_INTERVALS * intervalMs;
  return intervalMs * Math.max(1, instances / SOLO_BUDGET);
}

/** The outages of every instance that had definitions when they began. */
function outagesIn(trace: readonly TraceEvent[], intervalMs: number): readonly Outage[] {
  const loaded = new Set<string>();
  const instances = new Map<string, number>();
  const lastTurn = new Map<string, number>();
  const rates = new Map(eventsOf(trace, 'booted').map(({ instance, rate }) => [instance, rate]));
  const current = new Map<string, Outage>();
  const outages: Outage[] = [];
  /** To ask twice in one turn, because the first answer was hard to believe, is to ask once. */
  const askedInTurn = new Set<string>();
  const away = (instance: string, at: number): Outage => {
    const known = current.get(instance);
    if (known !== undefined) return known;
    const fromMs = lastTurn.get(instance) ?? at;
    const periodMs = promisedSoloMs(intervalMs, instances.get(instance));
    const rate = rates.get(instance) ?? 1;
    const outage = { instance, rate, fromMs, untilMs: at, periodMs, fetches: [] };
    outages.push(outage);
    current.set(instance, outage);
    return outage;
  };
  for (const event of trace) {
    if (event.type === 'applied') loaded.add(event.instance);
    if (event.type === 'turn') askedInTurn.delete(event.instance);
    if (event.type === 'fetch-ended') askedInTurn.add(event.instance);
    if (event.type === 'fetch-started' && event.right === 'cache-away') {
      const { instance, at } = event;
      if (!loaded.has(instance) || askedInTurn.has(instance)) continue;
      const { periodMs, fetches } = away(instance, at);
      fetches.push({ at, periodMs });
    }
    if (event.type !== 'turn') continue;
    const { instance, at } = event;
    if (loaded.has(instance) && event.instances === undefined) away(instance, at).untilMs = at;
    if (event.instances !== undefined) {
      // The cache has answered: the next outage is another one.
      const ended = current.get(instance);
      if (ended !== undefined) ended.untilMs = at;
      current.delete(instance);
      instances.set(instance, event.instances);
    }
    lastTurn.set(instance, at);
  }
  return outages;
}

/** S6: between two fetches alone in one outage lies at least half a period. */
export const soloFetchesAreRare: Check = (trace, { settings }) =>
  outagesIn(trace, settings.intervalMs).flatMap(({ instance, rate, fetches }) =>
    fetches.slice(1).flatMap(({ at, periodMs }, index): Violation[] => {
      const gapMs = (at - (fetches[index]?.at ?? at)) * rate;
      if (gapMs >= 0.5 * periodMs - 1) return [];
      const message = `${instance} asked alone after ${Math.round(gapMs)} ms of ${periodMs}`;
      return [{ invariant: 'S6', at, message }];
    }),
  );

/** S6: and all of them together keep to the budget of the fleet, as far as chance allows. */
export const soloFetchesKeepTheBudget: Check = (trace, { settings, endMs }) => {
  const outages = outagesIn(trace, settings.intervalMs);
  const fetches = outages.reduce((sum, outage) => sum + outage.fetches.length, 0);
  const expected = outages.reduce(
    (sum, { fromMs, untilMs, rate, periodMs }) => sum + ((untilMs - fromMs) * rate) / periodMs,
    0,
  );
  // Waits of half to one and a half periods vary less than pure chance, whose square root this is.
  if (fetches <= expected + 4 * Math.sqrt(expected) + 3) return [];
  const message = `${fetches} fetches alone where the budget has ${expected.toFixed(1)}`;
  return [{ invariant: 'S6', at: endMs, message }];
};

/**
 * C1: without faults a fleet of any size asks no more often than one instance would. Who looked
 * before the last fault had ended may still find that the cache is away: S6 counts those. Where
 * time is real, a machine that stands still for a moment lets each instance ask alone once.
 */
export const oneFetchPerInterval: Check = (trace, { calmFromMs, endMs, settings, isRealTime }) => {
  const excused = new Set<string>();
  const fetches = eventsOf(trace, 'fetch-started').filter(({ at, right, instance }) => {
    if (right !== 'cache-away') return at >= calmFromMs;
    if (at < calmFromMs + settings.cacheTimeoutMs) return false;
    if (isRealTime !== true || excused.has(instance)) return true;
    excused.add(instance);
    return false;
  });
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
export const oneReadPerVersion: Check = (trace, facts) => {
  const { calmFromMs, endMs } = facts;
  const settledAt = calmFromMs + longestRecoveryMs(facts);
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
  soloFetchesKeepTheBudget,
  oneFetchPerInterval,
  oneReadPerVersion,
];
