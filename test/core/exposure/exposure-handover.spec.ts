/** A sink with a queue of its own is given each exposure at once, and can break nothing. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExposureHandover } from '../../../lib/core/exposure/exposure-handover.js';
import type { Exposure } from '../../../lib/core/exposure/exposure.js';
import type { ExposureTrouble } from '../../../lib/core/exposure/exposure-sink.js';
import { ExposureTally } from '../../../lib/core/exposure/exposure-tally.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { CollectingSink, never } from '../../support/collecting-sink.js';

const exposure = { key: 'flag' } as Exposure;
let clock: ManualClock;
let sink: CollectingSink;
let troubles: ExposureTrouble[];
let handover: ExposureHandover;

beforeEach(() => {
  clock = new ManualClock();
  sink = new CollectingSink(true);
  troubles = [];
  const tally = new ExposureTally(2, (trouble) => troubles.push(trouble));
  handover = new ExposureHandover({ sink, clock, tally });
});

describe('an exposure', () => {
  it('is handed over before take returns', () => {
    expect(handover.take(exposure)).toBe(true);
    expect(sink.batches).toEqual([[exposure]]);
    expect(handover.counts).toEqual({ pending: 0, sent: 1, dropped: 0, lost: 0 });
  });

  it('that the sink throws at, or rejects, is lost; it breaks nothing', async () => {
    sink.onBatch = () => {
      throw new Error('no');
    };
    handover.take(exposure);
    sink.onBatch = () => Promise.reject(new Error('no'));
    handover.take(exposure);
    await clock.advance(0);
    expect(handover.counts).toEqual({ pending: 0, sent: 0, dropped: 0, lost: 2 });
    expect(troubles).toHaveLength(1);
  });

  it('that the sink hangs at takes room, and gives it back after half a minute', async () => {
    sink.onBatch = never;
    expect([1, 2, 3].map(() => handover.take(exposure))).toEqual([true, true, false]);
    expect(handover.counts).toEqual({ pending: 2, sent: 0, dropped: 1, lost: 0 });
    await clock.advance(30_000);
    expect(handover.counts).toEqual({ pending: 0, sent: 0, dropped: 1, lost: 2 });
    expect(handover.take(exposure)).toBe(true);
  });
});

describe('the end of the app', () => {
  it('waits for what is under way, no longer than it may', async () => {
    let taken: () => void = () => undefined;
    sink.onBatch = () => new Promise<void>((resolve) => (taken = resolve));
    handover.take(exposure);
    sink.onBatch = never;
    handover.take(exposure);
    const closed = handover.close(2_000);
    taken();
    await clock.advance(2_000);
    await closed;
    expect(handover.counts).toEqual({ pending: 0, sent: 1, dropped: 0, lost: 1 });
    expect(troubles).toEqual([{ kind: 'cut-off', lost: 1 }]);
    expect(handover.take(exposure)).toBe(false);
    expect([sink.batches.length, clock.timers]).toEqual([2, 0]);
  });
});
