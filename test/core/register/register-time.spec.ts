/** The time of a store without a clock, as its users see it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyClaimState } from '../../../lib/core/coordination/claim-state.js';
import { CLOCK_TOLERANCE_MS, ObservedTime } from '../../../lib/core/register/register-time.js';
import type { RegisterEntry } from '../../../lib/core/register/register.js';
import { systemClock } from '../../../lib/core/time/clock.js';

const startAt = Date.UTC(2026, 0, 1);

function entry(version: string, writtenAt: number): RegisterEntry {
  return { version, value: { state: emptyClaimState, writtenAt, instances: 1 } };
}

/** A machine whose clock goes by so much, and that runs since some moment of its own. */
class Machine {
  monotonic = 5_000;
  readonly time: ObservedTime;

  constructor(public wall: number) {
    this.time = new ObservedTime({
      ...systemClock,
      now: () => this.wall,
      monotonicMs: () => this.monotonic,
    });
  }

  pass(ms: number): void {
    this.monotonic += ms;
    this.wall += ms;
  }
}

describe('the time of a store without a clock', () => {
  it('begins with the clock of the first who looks', () => {
    expect(new Machine(startAt).time.nowMs(undefined)).toBe(startAt);
  });

  it('passes from when a value is first seen, whatever the clocks of others say', () => {
    const machine = new Machine(startAt - 30_000);
    expect(machine.time.nowMs(entry('1', startAt))).toBe(startAt);
    machine.pass(12_000);
    expect(machine.time.nowMs(entry('1', startAt))).toBe(startAt + 12_000);
    expect(machine.time.nowMs(entry('2', startAt + 13_000))).toBe(startAt + 13_000);
  });

  it('passes while nobody is there to see it: a new machine is pulled along from behind', () => {
    const later = new Machine(startAt + 3_600_000);
    expect(later.time.nowMs(entry('1', startAt))).toBe(startAt + 3_600_000 - CLOCK_TOLERANCE_MS);
  });

  it('does not go back with a clock that does', () => {
    const machine = new Machine(startAt);
    machine.time.nowMs(entry('1', startAt));
    machine.pass(8_000);
    machine.wall -= 86_400_000;
    expect(machine.time.nowMs(entry('1', startAt))).toBe(startAt + 8_000);
  });

  it('is never before what was written, and never ahead of what has passed, where clocks agree within the tolerance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -CLOCK_TOLERANCE_MS / 2, max: CLOCK_TOLERANCE_MS / 2 }),
        fc.nat(120_000),
        fc.nat(120_000),
        (skew, before, after) => {
          const writtenAt = startAt;
          const machine = new Machine(startAt + before + skew);
          machine.time.nowMs(entry('1', writtenAt));
          machine.pass(after);
          const nowMs = machine.time.nowMs(entry('1', writtenAt));
          expect(nowMs).toBeGreaterThanOrEqual(writtenAt + after);
          expect(nowMs).toBeLessThanOrEqual(writtenAt + before + after);
        },
      ),
    );
  });
});
