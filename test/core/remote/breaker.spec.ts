/** F64: a server that does not answer is left alone, and tried again by one for all. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Breaker, type BreakerState } from '../../../lib/core/remote/breaker.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const settings = { failures: 3, shortestOpenMs: 2_000, longestOpenMs: 10_000 };
let clock: ManualClock;
let breaker: Breaker;
let told: BreakerState[];

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  const onChanged = (state: BreakerState) => told.push(state);
  breaker = new Breaker({ clock, random: () => 0.5, settings, onChanged });
});

function fail(times: number): void {
  for (let i = 0; i < times; i += 1) {
    breaker.enter();
    breaker.failed();
  }
}

describe('a breaker', () => {
  it('opens after failures in a row, and not after as many with a success between them', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.enter()).toBe(true);
    breaker.failed();
    expect(breaker.enter()).toBe(false);
    expect(told).toEqual(['open']);
  });

  it('lets one try when its time has passed, and the others when that went well', async () => {
    fail(3);
    await clock.advance(1_999);
    expect(breaker.enter()).toBe(false);
    await clock.advance(1);
    expect([breaker.enter(), breaker.enter()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.enter(), breaker.enter()]).toEqual([true, true]);
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });

  it('stays open twice as long after each try that failed, up to a limit', async () => {
    fail(3);
    for (const openMs of [2_000, 4_000, 8_000, 10_000, 10_000]) {
      await clock.advance(openMs - 1);
      expect(breaker.enter()).toBe(false);
      await clock.advance(1);
      expect(breaker.enter()).toBe(true);
      breaker.failed();
    }
  });

  it('begins anew with the shortest time once it was closed', async () => {
    fail(3);
    await clock.advance(2_000);
    fail(1);
    await clock.advance(4_000);
    breaker.enter();
    breaker.succeeded();
    fail(3);
    await clock.advance(2_000);
    expect(breaker.enter()).toBe(true);
  });

  it('opens at once when the server asks to be left alone, for as long as it says', async () => {
    breaker.enter();
    breaker.failed(7_000);
    await clock.advance(6_999);
    expect(breaker.enter()).toBe(false);
    await clock.advance(1);
    expect(breaker.enter()).toBe(true);
  });

  it('is not shut for ever by a wait that the server exaggerates', async () => {
    breaker.enter();
    breaker.failed(86_400_000);
    await clock.advance(10_000);
    expect(breaker.enter()).toBe(true);
  });

  it('lets another try when the one who might went without asking', async () => {
    fail(3);
    await clock.advance(2_000);
    breaker.enter();
    breaker.left();
    expect(breaker.enter()).toBe(true);
  });
});
