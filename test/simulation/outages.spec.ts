/**
 * F53: what a fleet asks of the source while its store is down, and who learns what. The figures
 * are those of docs/adr/0009: on average four fetches per interval whatever the size of the fleet,
 * and a change known to each instance after one and a half periods and a check.
 */
import { describe, expect, it } from '@jest/globals';
import { promisedSoloMs, SOLO_BUDGET } from './invariants/cost.js';
import { isAcceptedConfirmation } from './invariants/safety.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type FleetParts } from './world/fleet.js';
import { VirtualInstance } from './world/virtual-instance.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const { intervalMs, cacheTimeoutMs, fetchTimeoutMs } = defaultSettings;
/** Looks less often than by default, so that a test of an hour is no hour. */
const settings = { checkMs: 15_000 };
const { checkMs } = settings;
/** A turn that is late, hangs at the store and fetches. */
const TURN_MS = 1.2 * checkMs + cacheTimeoutMs + fetchTimeoutMs;

function fleetOf(instances: number, parts: Partial<FleetParts> = {}): Fleet {
  const fleet = new Fleet({ seed: 1, settings, ...parts });
  for (let n = 0; n < instances; n += 1) fleet.boot();
  return fleet;
}

const failures = {
  errs: ({ store }) => store.server.become('errors'),
  hangs: ({ store }) => store.server.become('hangs'),
  'refuses connections': ({ store, instances }) => {
    for (const { name } of instances) store.server.cutOff.set(name, 'refused');
  },
} satisfies Record<string, (fleet: Fleet) => void>;

type Failure = keyof typeof failures;

function goesDown(fleet: Fleet, failure: Failure): void {
  failures[failure](fleet);
}

function comesBack({ store }: Fleet): void {
  store.server.become('up');
  store.server.cutOff.clear();
}

function fetchesSince(fleet: Fleet, fromMs: number): number[] {
  const started = eventsOf(fleet.trace, 'fetch-started');
  return started.filter(({ at }) => at > fromMs).map(({ at }) => at);
}

/** How many fetches there were in each interval of a span. */
function perInterval(at: readonly number[], fromMs: number, toMs: number): number[] {
  const counts = Array.from({ length: Math.ceil((toMs - fromMs) / intervalMs) }, () => 0);
  for (const one of at) {
    const interval = Math.floor((one - fromMs) / intervalMs);
    counts[interval] = (counts[interval] ?? 0) + 1;
  }
  return counts;
}

/** When the last instance took over what the source has now; undefined while one has not. */
function lastToKnow(fleet: Fleet): number | undefined {
  const known = new Map<string, number>();
  for (const { at, instance, content } of eventsOf(fleet.trace, 'applied')) {
    if (content === fleet.source.content && !known.has(instance)) known.set(instance, at);
  }
  return known.size < fleet.instances.length ? undefined : Math.max(...known.values());
}

describe('F53: a store that goes down under a fleet with flags', () => {
  it.each<[Failure, number, number]>([
    ['errs', 3, 30],
    ['errs', 10, 30],
    ['errs', 50, 30],
    ['errs', 200, 45],
    ['hangs', 3, 30],
    ['hangs', 50, 30],
    ['refuses connections', 10, 30],
  ])(
    'and %s lets %i instances ask at most four times an interval, and all learn of a change',
    async (failure, n, minutes) => {
      // prettier-ignore
      const fleet = fleetOf(n);
      await fleet.world.runUntil(MINUTE_MS);
      goesDown(fleet, failure);
      fleet.source.change();
      const endMs = MINUTE_MS + minutes * MINUTE_MS;
      await fleet.world.runUntil(endMs);

      const counts = perInterval(fetchesSince(fleet, MINUTE_MS), MINUTE_MS, endMs);
      const fetches = counts.reduce((sum, count) => sum + count, 0);
      const intervals = (minutes * MINUTE_MS) / intervalMs;
      expect(fetches / intervals).toBeLessThanOrEqual(1.05 * Math.min(n, SOLO_BUDGET));
      // Seldom enough is not never: the fleet uses what it may.
      expect(fetches / intervals).toBeGreaterThan(0.7 * Math.min(n, SOLO_BUDGET));
      expect(Math.max(...counts)).toBeLessThanOrEqual(3 * SOLO_BUDGET);

      const longestMs = 1.5 * promisedSoloMs(intervalMs, n) + TURN_MS;
      expect((lastToKnow(fleet) ?? Infinity) - MINUTE_MS).toBeLessThan(1.02 * longestMs);
    },
  );

  it.each<Failure>(['errs', 'hangs', 'refuses connections'])(
    'and %s has the shared copy again one turn after it is back, empty',
    async (failure) => {
      const fleet = fleetOf(50);
      await fleet.world.runUntil(MINUTE_MS);
      goesDown(fleet, failure);
      fleet.source.change();
      await fleet.world.runUntil(11 * MINUTE_MS);
      fleet.store.server.wipe();
      comesBack(fleet);
      const backAtMs = fleet.world.nowMs;
      await fleet.world.runUntil(backAtMs + MINUTE_MS);

      const first = fleet.trace.find((event) => isAcceptedConfirmation(event) && event.at > backAtMs); // prettier-ignore
      expect((first?.at ?? Infinity) - backAtMs).toBeLessThan(1.2 * checkMs + cacheTimeoutMs + 500);
      // From then on one asks for all again.
      const { length } = fetchesSince(fleet, backAtMs + 2 * checkMs);
      expect(length).toBeLessThanOrEqual(4);
      expect(lastToKnow(fleet)).toBeLessThan(backAtMs + 3 * checkMs);
    },
  );

  it('and comes and goes cannot make the fleet ask more often', async () => {
    const fleet = fleetOf(50);
    await fleet.world.runUntil(MINUTE_MS);
    fleet.store.push.lostShare = 1;
    for (let minute = 0; minute < 30; minute += 1) {
      goesDown(fleet, 'errs');
      await fleet.world.runUntil(fleet.world.nowMs + 50_000);
      comesBack(fleet);
      await fleet.world.runUntil(fleet.world.nowMs + 10_000);
    }
    const alone = eventsOf(fleet.trace, 'fetch-started').filter(({ right }) => right === 'cache-away'); // prettier-ignore
    const intervals = (30 * 50_000) / intervalMs;
    expect(alone.length / intervals).toBeLessThan(1.2 * SOLO_BUDGET);
  });

  it('and a source that fails too is asked no more often for it', async () => {
    const fleet = fleetOf(50);
    await fleet.world.runUntil(MINUTE_MS);
    goesDown(fleet, 'errs');
    fleet.source.state = { kind: 'failing', failure: { code: 'server-error', message: '' } };
    await fleet.world.runUntil(31 * MINUTE_MS);
    const { length } = fetchesSince(fleet, MINUTE_MS);
    expect((length * intervalMs) / (30 * MINUTE_MS)).toBeLessThan(1.05 * SOLO_BUDGET);
  });
});

describe('F53: a fleet that starts while its store is down', () => {
  it('asks once for each instance, and then less and less', async () => {
    const n = 20;
    const fleet = new Fleet({ seed: 1, settings });
    goesDown(fleet, 'errs');
    for (let i = 0; i < n; i += 1) fleet.boot();
    await fleet.world.runUntil(4 * HOUR_MS);

    const at = fetchesSince(fleet, 0);
    const within = (fromMs: number, toMs: number) =>
      at.filter((one) => one >= fromMs && one < toMs).length / n;
    // Nobody has flags: each must ask, at once.
    expect(within(0, 5_000)).toBe(1);
    expect(within(5_000, 2 * MINUTE_MS)).toBe(0);
    // Then each time as long again as the outage has lasted, up to forty minutes.
    expect(within(0, 40 * MINUTE_MS)).toBeLessThan(2 + Math.log2(8));
    expect(within(40 * MINUTE_MS, 80 * MINUTE_MS)).toBeLessThan(1.5);
    expect(within(2 * HOUR_MS, 4 * HOUR_MS)).toBeLessThan(1.1 * 3);
    expect(within(2 * HOUR_MS, 4 * HOUR_MS)).toBeGreaterThan(0.9 * 3);
  });

  it('asks a source that fails too every five minutes for each instance at the most', async () => {
    const n = 4;
    const fleet = new Fleet({ seed: 1, settings });
    goesDown(fleet, 'errs');
    fleet.source.state = { kind: 'failing', failure: { code: 'server-error', message: '' } };
    for (let i = 0; i < n; i += 1) fleet.boot();
    await fleet.world.runUntil(2 * HOUR_MS);
    const later = fetchesSince(fleet, HOUR_MS).length / n;
    // Full jitter up to five minutes: twenty-four in an hour.
    expect(later).toBeLessThan(30);
    fleet.source.state = { kind: 'up' };
    await fleet.world.runUntil(2 * HOUR_MS + 5 * MINUTE_MS + TURN_MS);
    expect(lastToKnow(fleet)).toBeDefined();
  });
});

describe('refresh() while the store is down', () => {
  async function inAnOutage(n: number): Promise<{ fleet: Fleet; instances: VirtualInstance[] }> {
    const instances: VirtualInstance[] = [];
    const fleet = fleetOf(n, {
      member: (parts) => {
        const instance = new VirtualInstance(parts);
        instances.push(instance);
        return instance;
      },
    });
    await fleet.world.runUntil(MINUTE_MS);
    goesDown(fleet, 'errs');
    await fleet.world.runUntil(MINUTE_MS + 10_000);
    return { fleet, instances };
  }

  it('asks the source at once, for this instance', async () => {
    const { fleet, instances } = await inAnOutage(50);
    fleet.source.change();
    const askedAtMs = fleet.world.nowMs;
    const outcome = instances[7]?.cycle.refresh();
    await fleet.world.runUntil(askedAtMs + 1_000);
    expect(await outcome).toMatchObject({ kind: 'fetched', role: 'solo', changed: true });
  });

  it('asks once for two who ask at the same time', async () => {
    const { fleet, instances } = await inAnOutage(50);
    const askedAtMs = fleet.world.nowMs;
    void instances[7]?.cycle.refresh();
    void instances[7]?.cycle.refresh();
    await fleet.world.runUntil(askedAtMs + 2 * checkMs);
    const own = eventsOf(fleet.trace, 'fetch-started').filter(
      ({ at, instance }) => at >= askedAtMs && instance === instances[7]?.name,
    );
    expect(own).toHaveLength(1);
  });
});
