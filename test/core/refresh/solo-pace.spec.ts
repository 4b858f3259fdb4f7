import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstSoloMs, nextSoloMs, soloPeriodMs } from '../../../lib/core/refresh/solo-pace.js';
import { randomOf } from '../../simulation/world/random.js';

const INTERVAL_MS = 30_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BUDGET = 4;

const told = (instances: number) => soloPeriodMs({ intervalMs: INTERVAL_MS, instances, awayMs: 0 });
const untold = (awayMs: number, intervalMs = INTERVAL_MS) =>
  soloPeriodMs({ intervalMs, instances: undefined, awayMs });

const chanceOf = (seed: number) => {
  const random = randomOf(seed);
  return () => random.next();
};

/** When an instance fetches in an outage that never ends. */
function* fetchesOf(random: () => number, periodMs: (awayMs: number) => number) {
  let atMs = firstSoloMs(periodMs(0), random);
  for (;;) {
    yield atMs;
    atMs += nextSoloMs(periodMs(atMs), random);
  }
}

/** Fetches of a fleet in each interval of an outage. */
function fetchesPerInterval(instances: number, intervals: number, seed: number): number[] {
  const counts = Array.from({ length: intervals }, () => 0);
  const fleet = randomOf(seed);
  for (let n = 0; n < instances; n += 1) {
    const one = fleet.fork(`i${n}`);
    for (const atMs of fetchesOf(
      () => one.next(),
      () => told(instances),
    )) {
      const interval = Math.floor(atMs / INTERVAL_MS);
      if (interval >= intervals) break;
      counts[interval] = (counts[interval] ?? 0) + 1;
    }
  }
  return counts;
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

describe('a fleet whose size is known', () => {
  it.each([
    [1, INTERVAL_MS],
    [3, INTERVAL_MS],
    [4, INTERVAL_MS],
    [10, 75_000],
    [50, 375_000],
    [200, 1_500_000],
    [1_000, 7_500_000],
  ])('of %i lets an instance ask every %i ms on average', (instances, periodMs) => {
    expect(told(instances)).toBe(periodMs);
    expect((instances * INTERVAL_MS) / told(instances)).toBeLessThanOrEqual(BUDGET);
  });

  it('asks no more often the longer the outage lasts, and no less', () => {
    const facts = { intervalMs: INTERVAL_MS, instances: 50 };
    expect(soloPeriodMs({ ...facts, awayMs: HOUR_MS })).toBe(told(50));
  });

  it.each([10, 50, 200, 1_000, 5_000])(
    'of %i asks four times an interval from the first one on, without a bulge',
    (instances) => {
      const seeds = Array.from({ length: 40 }, (_, seed) => seed);
      const fleets = seeds.map((seed) => fetchesPerInterval(instances, 240, seed));
      const early = mean(fleets.map((counts) => mean(counts.slice(0, 4))));
      const whole = mean(fleets.map((counts) => mean(counts)));
      expect(early).toBeLessThan(1.1 * BUDGET);
      expect(whole).toBeGreaterThan(0.97 * BUDGET);
      expect(whole).toBeLessThan(1.03 * BUDGET);
      // Chance may put several into one interval, not a herd.
      expect(Math.max(...fleets.flat())).toBeLessThan(5 * BUDGET);
    },
  );

  it('asks as often in every quarter of the first two periods', () => {
    const quarters = Array.from({ length: 8 }, () => 0);
    const instances = 40_000;
    const fleet = randomOf(3);
    for (let n = 0; n < instances; n += 1) {
      const one = fleet.fork(`i${n}`);
      for (const atMs of fetchesOf(
        () => one.next(),
        () => 4,
      )) {
        if (atMs >= quarters.length) break;
        quarters[Math.floor(atMs)] = (quarters[Math.floor(atMs)] ?? 0) + 4 / instances;
      }
    }
    for (const rate of quarters) {
      expect(rate).toBeGreaterThan(0.95);
      expect(rate).toBeLessThan(1.05);
    }
  });

  it('lets nobody wait longer than one and a half periods', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(chance, fc.integer({ min: 1, max: 1e9 }), (drawn, periodMs) => {
        const random = () => drawn;
        expect(firstSoloMs(periodMs, random)).toBeGreaterThanOrEqual(0);
        expect(firstSoloMs(periodMs, random)).toBeLessThanOrEqual(1.5 * periodMs);
        expect(nextSoloMs(periodMs, random)).toBeGreaterThanOrEqual(0.5 * periodMs);
        expect(nextSoloMs(periodMs, random)).toBeLessThanOrEqual(1.5 * periodMs);
      }),
    );
  });

  it('asks no more often when the cache comes and goes', () => {
    // Each return of the cache ends an outage; the next one begins with a new first wait.
    const next = chanceOf(7);
    const periodMs = told(50);
    let fetches = 0;
    const rounds = 200_000;
    const awayMs = 20_000;
    for (let round = 0; round < rounds; round += 1) {
      if (firstSoloMs(periodMs, next) < awayMs) fetches += 1;
    }
    expect(fetches / rounds).toBeGreaterThan(0.95 * (awayMs / periodMs));
    expect(fetches / rounds).toBeLessThan(1.05 * (awayMs / periodMs));
  });
});

describe('a fleet whose size nobody has told', () => {
  it('asks after ten intervals, and then after as long as the outage has lasted', () => {
    expect(untold(0)).toBe(10 * INTERVAL_MS);
    expect(untold(5 * MINUTE_MS)).toBe(5 * MINUTE_MS);
    expect(untold(20 * MINUTE_MS)).toBe(20 * MINUTE_MS);
  });

  it('asks every forty minutes at the latest, so that nothing grows older than an hour', () => {
    expect(untold(24 * HOUR_MS)).toBe(40 * MINUTE_MS);
    expect(nextSoloMs(untold(24 * HOUR_MS), () => 1)).toBe(HOUR_MS);
  });

  it('never asks more often than the interval, were that a day', () => {
    expect(untold(0, 24 * HOUR_MS)).toBe(24 * HOUR_MS);
    expect(untold(0, 3 * MINUTE_MS)).toBe(30 * MINUTE_MS);
  });

  it.each([
    [HOUR_MS, 6.5],
    [24 * HOUR_MS, 41],
  ])('asks in an outage of %i ms about %d times for each instance', (outageMs, most) => {
    // 2 + log2(cap / first period) + (outage - cap) / cap: one at the start, doubling, then steady.
    const steady = (outageMs - 40 * MINUTE_MS) / (40 * MINUTE_MS);
    expect(2 + Math.log2(8) + steady).toBeLessThan(most);
    const counts = Array.from({ length: 400 }, (_, seed) => {
      const next = chanceOf(seed);
      let fetches = 1;
      let atMs = nextSoloMs(untold(0), next);
      for (; atMs < outageMs; atMs += nextSoloMs(untold(atMs), next)) fetches += 1;
      return fetches;
    });
    expect(mean(counts)).toBeLessThan(most);
  });
});
