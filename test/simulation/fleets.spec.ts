/** Fleets in situations that the mixes meet rarely, each with the figure that holds in it. */
import { describe, expect, it } from '@jest/globals';
import { fetchesAtStart } from './invariants/cost.js';
import { isAcceptedConfirmation } from './invariants/safety.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type FleetParts } from './world/fleet.js';

const MINUTE_MS = 60_000;
const { checkMs, leaseMs } = defaultSettings;
/** As the poller's. */
const hintGapMs = 250;
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
