/** Fleets in situations that the mixes meet rarely, each with the figure that holds in it. */
import { describe, expect, it } from '@jest/globals';
import { fetchesAtStart } from './invariants/cost.js';
import { isAcceptedConfirmation } from './invariants/safety.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type FleetParts } from './world/fleet.js';
import type { VirtualInstanceParts } from './world/virtual-instance.js';
import { VirtualInstance } from './world/virtual-instance.js';

const MINUTE_MS = 60_000;
const { intervalMs, checkMs, leaseMs, soloIntervalMs } = defaultSettings;
/** As the poller's. */
const hintGapMs = 250;
const seeds = [1, 2, 3];

function fleetOf(instances: number, parts: FleetParts): Fleet {
  const fleet = new Fleet(parts);
  for (let n = 0; n < instances; n += 1) fleet.boot();
  return fleet;
}

/** Longest time between two confirmations in a span, the span's end included. */
function longestGapMs(fleet: Fleet, fromMs: number, toMs: number): number {
  const at = fleet.trace.filter(isAcceptedConfirmation).map((event) => event.at);
  const within = [fromMs, ...at.filter((one) => one > fromMs && one < toMs), toMs];
  return Math.max(...within.slice(1).map((one, index) => one - (within[index] ?? fromMs)));
}

describe('C2: a deployment on an empty store', () => {
  it.each([50, 100])('of %i instances asks the source once, and all have the answer', async (n) => {
    for (const seed of seeds) {
      const fleet = fleetOf(n, { seed });
      await fleet.world.runUntil(20_000);
      expect(fetchesAtStart(fleet.trace, 20_000)).toBe(1);
      expect(eventsOf(fleet.trace, 'applied')).toHaveLength(n);
    }
  });
});

describe('F53: a store that errs for ten minutes', () => {
  // Each instance with flags asks every min(N intervals, the solo interval), half of it at least:
  // one fetch per interval up to the size at which the solo interval cuts in, N / 10 beyond.
  it.each([
    [5, 1],
    [10, 1],
    [50, 5],
    [100, 10],
  ])('makes %i instances ask the source about %i times an interval', async (n, perInterval) => {
    expect(Math.max(1, (n * intervalMs) / soloIntervalMs)).toBe(perInterval);
    const fleet = fleetOf(n, { seed: 1 });
    await fleet.world.runUntil(MINUTE_MS);
    fleet.store.server.become('errors');
    fleet.source.change();
    await fleet.world.runUntil(11 * MINUTE_MS);
    const alone = eventsOf(fleet.trace, 'fetch-started').filter(({ at }) => at > MINUTE_MS);
    const measured = alone.length / ((10 * MINUTE_MS) / intervalMs);
    expect(measured).toBeGreaterThan(0.6 * perInterval);
    expect(measured).toBeLessThan(1.4 * perInterval);
    // Nobody is left behind.
    const current = new Set(
      eventsOf(fleet.trace, 'applied')
        .filter(({ content }) => content === fleet.source.content)
        .map(({ instance }) => instance),
    );
    expect(current.size).toBe(n);
  });

  it('and is filled again by the first claim after it is back', async () => {
    const fleet = fleetOf(10, { seed: 1 });
    await fleet.world.runUntil(MINUTE_MS);
    fleet.store.server.become('errors');
    fleet.source.change();
    await fleet.world.runUntil(11 * MINUTE_MS);
    fleet.store.server.wipe();
    fleet.store.server.become('up');
    const backAtMs = fleet.world.nowMs;
    await fleet.world.runUntil(backAtMs + MINUTE_MS);
    const first = fleet.trace.find((event) => isAcceptedConfirmation(event) && event.at > backAtMs);
    expect((first?.at ?? Infinity) - backAtMs).toBeLessThan(1.2 * checkMs + 1_000);
  });
});

describe('F07: an instance that cannot reach the source', () => {
  const withoutSitOut: FleetParts['mutations'] = {
    claims: (claims) => ({ ...claims, check: (request) => claims.check({ ...request, sitOutMs: 0 }) }), // prettier-ignore
  };
  const zombies = async (mutations: FleetParts['mutations'] = {}) => {
    const fleet = fleetOf(4, { seed: 2, mutations });
    for (const name of ['i1', 'i2', 'i3']) fleet.source.cutOff.set(name, 'timeout');
    await fleet.world.runUntil(10 * MINUTE_MS);
    return longestGapMs(fleet, MINUTE_MS, 10 * MINUTE_MS);
  };

  it('never keeps the others from it, though it is the majority', async () => {
    expect(await zombies()).toBeLessThan(62_000);
  });

  it('does so without the rule that who has failed lets others go first', async () => {
    expect(await zombies(withoutSitOut)).toBeGreaterThan(62_000);
  });
});

describe('F13: a clock of the store that jumps back by two minutes', () => {
  const unclamped: FleetParts['mutations'] = {
    rules: (claims, records) => ({
      ...claims,
      check: (request) => {
        records.replaceClaimState({ ...records.claimState, finishedAt: 0 });
        return claims.check({ ...request, longestDueMs: 60 * MINUTE_MS });
      },
    }),
  };
  const jump = async (mutations: FleetParts['mutations'] = {}) => {
    const fleet = fleetOf(4, { seed: 1, mutations });
    await fleet.world.runUntil(MINUTE_MS);
    fleet.store.server.jumpClock(-2 * MINUTE_MS);
    await fleet.world.runUntil(10 * MINUTE_MS);
    return longestGapMs(fleet, MINUTE_MS, 10 * MINUTE_MS);
  };

  it('does not stop the refresh', async () => {
    expect(await jump()).toBeLessThan(62_000);
  });

  it('does so where times that cannot be are believed', async () => {
    expect(await jump(unclamped)).toBeGreaterThan(100_000);
  });
});

describe('F09: the end of the instance that fetches', () => {
  const ended = async (how: 'crash' | 'close', seed: number): Promise<number> => {
    const fleet = fleetOf(5, { seed });
    await fleet.world.runUntil(MINUTE_MS);
    let endedAtMs = Infinity;
    fleet.lieInWait({
      point: 'fetched',
      act: (instance) => {
        endedAtMs = fleet.world.nowMs;
        instance[how]();
      },
    });
    await fleet.world.runUntil(4 * MINUTE_MS);
    const next = fleet.trace.find((event) => isAcceptedConfirmation(event) && event.at > endedAtMs);
    return (next?.at ?? Infinity) - endedAtMs;
  };

  it('by a crash costs at most its lease and a check', async () => {
    for (const seed of seeds) {
      expect(await ended('crash', seed)).toBeLessThan(leaseMs + 1.2 * checkMs + 500);
    }
  });

  it('by a shutdown costs at most a check', async () => {
    for (const seed of seeds) expect(await ended('close', seed)).toBeLessThan(1.2 * checkMs + 500);
  });
});

describe('push', () => {
  it('brings a change that one has seen to all within the shortest time between two hints', async () => {
    const fleet = fleetOf(20, { seed: 1 });
    await fleet.world.runUntil(MINUTE_MS);
    fleet.source.change();
    await fleet.world.runUntil(2 * MINUTE_MS);
    const applied = eventsOf(fleet.trace, 'applied').filter(({ at }) => at > MINUTE_MS);
    expect(applied).toHaveLength(20);
    const at = applied.map((event) => event.at);
    expect(Math.max(...at) - Math.min(...at)).toBeLessThan(hintGapMs + 100);
  });

  it('is a hint: without it a check brings the change', async () => {
    const fleet = fleetOf(20, { seed: 1 });
    fleet.store.push.lostShare = 1;
    await fleet.world.runUntil(MINUTE_MS);
    fleet.source.change();
    await fleet.world.runUntil(2 * MINUTE_MS);
    const at = eventsOf(fleet.trace, 'applied').filter((event) => event.at > MINUTE_MS);
    expect(at).toHaveLength(20);
    const times = at.map((event) => event.at);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1.2 * checkMs + 100);
  });
});

describe('refresh() on an instance that does not lead', () => {
  it('reaches the source within the shortest gap, whoever takes it', async () => {
    const kicks: VirtualInstance[] = [];
    const member = (parts: VirtualInstanceParts) => {
      const instance = new VirtualInstance(parts);
      kicks.push(instance);
      return instance;
    };
    const fleet = fleetOf(5, { seed: 1, member });
    await fleet.world.runUntil(2 * MINUTE_MS);
    const follower = kicks[3];
    fleet.source.change();
    const askedAtMs = fleet.world.nowMs;
    void follower?.cycle.refresh();
    await fleet.world.runUntil(askedAtMs + 2 * checkMs + 1_000);
    const first = eventsOf(fleet.trace, 'fetch-started').find(({ at }) => at >= askedAtMs);
    expect((first?.at ?? Infinity) - askedAtMs).toBeLessThan(2 * checkMs);
  });
});
