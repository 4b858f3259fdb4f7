import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedState } from '../../../lib/core/cache/definition-cache.js';
import type { RefreshOutcome } from '../../../lib/core/refresh/refresh-outcome.js';
import { TurnSchedule } from '../../../lib/core/refresh/turn-schedule.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';

const fleetOf = (instances: number): SharedState => ({
  content: 'same',
  revision: 1,
  token: 1,
  verifiedToken: 1,
  ageMs: 0,
  dueInMs: 0,
  instances,
});

let clock: ManualClock;
let schedule: TurnSchedule;

beforeEach(() => {
  clock = new ManualClock();
  schedule = new TurnSchedule({
    pace: 'check',
    settings: refreshSettings,
    clock,
    random: () => 0.5,
  });
});

describe('a fetch without the cache', () => {
  it('keeps the rate of a fleet of any size at four in an interval', () => {
    schedule.fleetSeen(fleetOf(40));
    expect(schedule.soloPeriodMs(0)).toBe(10 * 30_000);
  });

  it('fades where nobody has told the size of the fleet: a deployment while the cache is down', () => {
    expect(schedule.soloPeriodMs(0)).toBe(300_000);
    expect(schedule.soloPeriodMs(1_000_000)).toBe(1_000_000);
  });

  it('remembers the size of the fleet that the cache has told last', () => {
    schedule.fleetSeen(fleetOf(40));
    schedule.fleetSeen({ ...fleetOf(40), instances: undefined });
    expect(schedule.soloPeriodMs(1_000_000)).toBe(10 * 30_000);
  });
});

describe('what was taken over', () => {
  const facts = { delayMs: undefined, empty: false };
  const end = { cacheFailures: [], durationMs: 1 } as const;
  const read: RefreshOutcome = { kind: 'read', revision: 2, flagCount: 1, ...end };
  const fetched = { kind: 'fetched', role: 'leader', revision: 2, flagCount: 1, ...end } as const;
  const alone = { role: 'solo', changed: true, published: false } as const;

  it.each<[string, RefreshOutcome, number]>([
    ['read from another', read, 450],
    ['fetched for all', { ...fetched, changed: true, published: true }, 450],
    ['nothing', { kind: 'unchanged', revision: 2, ...end }, 5_000],
    ['fetched, and the same', { ...fetched, changed: false, published: true }, 5_000],
    ['fetched for itself: nobody to tell', { ...fetched, ...alone }, 5_000],
  ])('is told soon, by another check: %s', (_what, outcome, expected) => {
    schedule.plan(outcome, facts);
    expect(schedule.nextTurnMs).toBe(expected);
  });

  it('is told no later than by the check that comes anyway, and not by all at one moment', () => {
    const quick = { ...refreshSettings, checkMs: 300 };
    const parts = { pace: 'check', settings: quick, clock, random: () => 0.75 } as const;
    schedule = new TurnSchedule(parts);
    schedule.plan(read, facts);
    expect(schedule.nextTurnMs).toBe(330);
  });

  it('is told more slowly in a large fleet, that asks no store more than 200 times a second', () => {
    schedule.fleetSeen(fleetOf(800));
    schedule.plan(read, facts);
    expect(schedule.nextTurnMs).toBe(2_200);
  });
});
