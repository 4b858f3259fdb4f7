import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedState } from '../../../lib/core/cache/definition-cache.js';
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
  it('is an interval per instance apart, so that the rate of the fleet is that of one', () => {
    schedule.fleetSeen(fleetOf(4));
    expect(schedule.soloMs(0.5)).toBe(4 * 30_000);
  });

  it('is never further away than the longest solo interval', () => {
    schedule.fleetSeen(fleetOf(400));
    expect(schedule.soloMs(0.5)).toBe(300_000);
  });

  it('supposes a large fleet where nobody has told its size: a deployment while the cache is down', () => {
    expect(schedule.soloMs(0.5)).toBe(300_000);
  });
});
