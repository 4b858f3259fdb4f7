/** Fleets in situations that the mixes meet rarely, each with the figure that holds in it. */
import { describe, expect, it } from '@jest/globals';
import { inThread } from '../support/in-thread.js';
import { fetchesAtStart } from './invariants/cost.js';
import { isAcceptedConfirmation } from './invariants/safety.js';
import type { PacedFleet } from './paced-fleet.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type FleetParts } from './world/fleet.js';
import type { Member } from './world/member.js';

const MINUTE_MS = 60_000;
const { checkMs, leaseMs } = defaultSettings;
const seeds = [1, 2, 3];

function fleetOf(instances: number, parts: FleetParts): Fleet {
  const fleet = new Fleet(parts);
  for (let n = 0; n < instances; n += 1) fleet.boot();
  return fleet;
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

describe.each([
  { every: '5 seconds', intervalMs: 5_000, checkMs: 1_000 },
  { every: '5 minutes', intervalMs: 5 * MINUTE_MS, checkMs: 5_000 },
])('a fleet that refreshes every $every', ({ intervalMs, checkMs: lookMs }) => {
  const settings = { intervalMs, checkMs: lookMs };

  it.each(seeds)(
    'asks once in that time, and all learn of a change in it (seed %i)',
    async (seed) => {
      const paced = new URL('paced-fleet.ts', import.meta.url);
      const given = { seed, settings, instances: 20, intervals: 20 };
      const { fetches, learntAfterMs } = await inThread<PacedFleet>(paced, 'pacedFleet', given);

      expect(fetches).toBeLessThanOrEqual(23);
      expect(fetches).toBeGreaterThanOrEqual(16);
      expect(learntAfterMs).toHaveLength(20);
      const longestMs = 1.1 * intervalMs + 2.2 * lookMs + 1_000;
      expect(Math.max(...learntAfterMs)).toBeLessThan(longestMs);
    },
  );

  it.each(seeds)('goes on when the one that fetches dies over it (seed %i)', async (seed) => {
    const fleet = fleetOf(5, { seed, settings });
    await fleet.world.runUntil(2 * intervalMs);
    let endedAtMs = Infinity;
    const act = (instance: Member): void => {
      endedAtMs = fleet.world.nowMs;
      instance.crash();
    };
    fleet.lieInWait({ point: 'fetched', act }, 2 * intervalMs);
    await fleet.world.runUntil(5 * intervalMs);
    const next = fleet.trace.find((event) => isAcceptedConfirmation(event) && event.at > endedAtMs);
    expect((next?.at ?? Infinity) - endedAtMs).toBeLessThan(leaseMs + 1.2 * lookMs + 500);
  });
});

describe('push', () => {
  it('brings a change that one has seen to all in less than a tenth of a second', async () => {
    const fleet = fleetOf(20, { seed: 1 });
    await fleet.world.runUntil(MINUTE_MS);
    fleet.source.change();
    await fleet.world.runUntil(2 * MINUTE_MS);
    const applied = eventsOf(fleet.trace, 'applied').filter(({ at }) => at > MINUTE_MS);
    expect(applied).toHaveLength(20);
    const at = applied.map((event) => event.at);
    expect(Math.max(...at) - Math.min(...at)).toBeLessThan(100);
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
