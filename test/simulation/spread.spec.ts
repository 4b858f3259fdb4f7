/** F20: a deployment starts everybody at once, and yet the fleet does not look at its store at once. */
import { describe, expect, it } from '@jest/globals';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type FleetParts } from './world/fleet.js';
import type { Random } from './world/random.js';
import { VirtualInstance } from './world/virtual-instance.js';

const INSTANCES = 100;
const BUCKETS = 10;
/** Chi square with nine degrees of freedom goes beyond this once in a thousand times. */
const CRITICAL = 27.88;
const { checkMs } = defaultSettings;
const minutes = (n: number): number => n * 60_000;

/** How unevenly the checks of a fleet that booted in one moment fall into the time of a check. */
async function unevenness(seed: number, member?: FleetParts['member']): Promise<number> {
  const fleet = new Fleet({ seed, rates: [1, 1], ...(member && { member }) });
  for (let n = 0; n < INSTANCES; n += 1) fleet.boot();
  await fleet.world.runUntil(minutes(3));
  const last = new Map(eventsOf(fleet.trace, 'turn').map(({ instance, at }) => [instance, at]));
  const counts = Array<number>(BUCKETS).fill(0);
  for (const at of last.values()) {
    const bucket = Math.floor(((at % checkMs) / checkMs) * BUCKETS);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const expected = INSTANCES / BUCKETS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the checks of a hundred instances that started in one moment', () => {
  it.each([1, 2])('are spread evenly after three minutes (seed %i)', async (seed) => {
    expect(await unevenness(seed)).toBeLessThan(CRITICAL);
  });

  it('are not, where no wait is left to chance', async () => {
    const withoutChance = (random: Random): Random => Object.assign(Object.create(random), { next: () => 0.5 }) as Random; // prettier-ignore
    const same: FleetParts['member'] = (parts) =>
      new VirtualInstance({ ...parts, random: withoutChance(parts.random) });
    expect(await unevenness(1, same)).toBeGreaterThan(2 * CRITICAL);
  });
});
