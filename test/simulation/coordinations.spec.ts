/**
 * Fleets of twenty whose instances are led, settle who fetches by themselves, or only read: the
 * shipped cycle on virtual time. Whatever happens no revision goes back at an instance and no
 * evaluation fails; and where all is well a change reaches all within the time that the
 * coordination states.
 */
import { describe, expect, it } from '@jest/globals';
import { inThread } from '../support/in-thread.js';
import {
  cases,
  INSTANCES,
  RECOVERY_MS,
  type watchChanges,
  type watchFaults,
  type watchReadersAlone,
  type watchReadersInOutage,
} from './coordinated-fleet.js';

const seeds = [1, 2, 3];
const fleets = new URL('coordinated-fleet.ts', import.meta.url);

function watched<Watch extends (...given: never[]) => Promise<unknown>>(
  name: string,
  ...given: Parameters<Watch>
): Promise<Awaited<ReturnType<Watch>>> {
  return inThread(fleets, name, ...given);
}

describe.each(cases)('a fleet of twenty with $name', ({ name, freshWithinMs, fetches }) => {
  it.each(seeds)('brings each change to all in the time that it states (seed %i)', async (seed) => {
    const seen = await watched<typeof watchChanges>('watchChanges', name, seed);
    expect(seen.tookMs).toHaveLength(6);
    expect(Math.max(...seen.tookMs)).toBeLessThanOrEqual(freshWithinMs);
    expect(seen.fetchesPerInterval).toBeGreaterThanOrEqual(fetches[0]);
    expect(seen.fetchesPerInterval).toBeLessThanOrEqual(fetches[1]);
    expect(seen.evaluations).toBeGreaterThan(INSTANCES * 20);
    expect(seen.violations).toEqual([]);
  });

  it.each(seeds)('goes back nowhere, whatever fails, and recovers (seed %i)', async (seed) => {
    const { tookMs, violations } = await watched<typeof watchFaults>('watchFaults', name, seed);
    expect(tookMs).toHaveLength(1);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(freshWithinMs + RECOVERY_MS);
    expect(violations).toEqual([]);
  });
});

describe('never()', () => {
  it('asks the source not once: with nothing there, and with the store away', async () => {
    const { asked, outcomes } = await watched<typeof watchReadersAlone>('watchReadersAlone');
    expect(asked).toBe(0);
    expect(new Set(outcomes)).toEqual(
      new Set(['waiting:cache-empty', 'waiting:cache-unavailable']),
    );
  });

  it('keeps what it has while the store is away, and asks nobody for more', async () => {
    const { askedBy, violations } =
      await watched<typeof watchReadersInOutage>('watchReadersInOutage');
    expect(askedBy.length).toBeGreaterThan(5);
    for (const instance of askedBy) expect(Number(instance.slice(1)) % 4).toBe(1);
    expect(violations).toEqual([]);
  });
});
