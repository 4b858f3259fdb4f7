/** Batches by count and by age, one at a time; bounded; and an end that is within its deadline. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExposureQueue } from '../../../lib/core/exposure/exposure-queue.js';
import type { Exposure } from '../../../lib/core/exposure/exposure.js';
import type { ExposureTrouble } from '../../../lib/core/exposure/exposure-sink.js';
import { ExposureTally } from '../../../lib/core/exposure/exposure-tally.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { CollectingSink, never } from '../../support/collecting-sink.js';

let clock: ManualClock;
let sink: CollectingSink;
let troubles: ExposureTrouble[];

beforeEach(() => {
  clock = new ManualClock();
  sink = new CollectingSink();
  troubles = [];
});

function queue(room = 1_000): ExposureQueue {
  const tally = new ExposureTally(room, (trouble) => troubles.push(trouble));
  const outside = <T>(work: () => T): T => work();
  return new ExposureQueue({ sink, clock, tally, batchSize: 10, batchDelayMs: 5_000, outside });
}

/** The queue looks into none of them. */
const exposure = (key: string) => ({ key }) as Exposure;

function fill(filled: ExposureQueue, count: number): void {
  for (let n = 0; n < count; n += 1) filled.take(exposure(`flag-${n}`));
}

const sizes = () => sink.batches.map(({ length }) => length);

describe('a batch', () => {
  it('is sent when it is full, and not before', async () => {
    const filled = queue();
    fill(filled, 9);
    await clock.advance(4_999);
    expect(sizes()).toEqual([]);
    fill(filled, 1);
    await clock.advance(0);
    expect(sizes()).toEqual([10]);
  });

  it('is sent when its oldest exposure has waited long enough, in the order of reading', async () => {
    const filled = queue();
    fill(filled, 1);
    await clock.advance(3_000);
    filled.take(exposure('later'));
    await clock.advance(1_999);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    expect(sink.exposures.map(({ key }) => key)).toEqual(['flag-0', 'later']);
    expect(clock.timers).toBe(0);
  });

  it('waits for the one before it, and what waits meanwhile waits no longer than that', async () => {
    let taken: () => void = () => undefined;
    sink.onBatch = () => new Promise<void>((resolve) => (taken = resolve));
    const filled = queue();
    fill(filled, 23);
    await clock.advance(5_000);
    expect(sizes()).toEqual([10]);
    taken();
    await clock.advance(0);
    taken();
    await clock.advance(0);
    taken();
    await clock.advance(0);
    expect(sizes()).toEqual([10, 10, 3]);
    expect(filled.counts).toEqual({ pending: 0, sent: 23, dropped: 0, lost: 0 });
  });

  it('that nobody fills arms no timer', async () => {
    queue();
    expect(clock.timers).toBe(0);
  });
});

describe('a sink that', () => {
  it.each([
    ['throws', () => { throw new Error('no'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
  ])(
    '%s loses its batch and no other; that is told once, and that it is over',
    async (_what, fail) => {
      const filled = queue();
      sink.onBatch = fail;
      fill(filled, 20);
      await clock.advance(0);
      expect(filled.counts).toEqual({ pending: 0, sent: 0, dropped: 0, lost: 20 });
      sink.onBatch = () => undefined;
      fill(filled, 10);
      await clock.advance(0);
      expect(filled.counts).toEqual({ pending: 0, sent: 10, dropped: 0, lost: 20 });
      expect(troubles).toEqual([
        { kind: 'failed', error: new Error('no') },
        { kind: 'works', lost: 20 },
      ]);
    },
  );

  it('hangs is given up after half a minute, is told so by its signal, and gets the next batch', async () => {
    sink.onBatch = never;
    const filled = queue();
    fill(filled, 20);
    await clock.advance(29_999);
    expect([sizes(), sink.signals[0]?.aborted]).toEqual([[10], false]);
    await clock.advance(1);
    expect([sizes(), sink.signals[0]?.aborted]).toEqual([[10, 10], true]);
    expect(filled.counts).toMatchObject({ pending: 10, lost: 10 });
  });
});

describe('a flood', () => {
  it('of 100,000 stays within the room there is; what is dropped is counted and told once', async () => {
    let release: (() => void) | undefined;
    sink.onBatch = () => new Promise<void>((resolve) => (release = resolve));
    const filled = queue(500);
    let taken = 0;
    let most = 0;
    for (let n = 0; n < 100_000; n += 1) {
      if (filled.take(exposure(`flag-${n}`))) taken += 1;
      most = Math.max(most, filled.counts.pending);
    }
    expect([taken, most]).toEqual([500, 500]);
    expect(filled.counts).toEqual({ pending: 500, sent: 0, dropped: 99_500, lost: 0 });
    expect(troubles).toEqual([{ kind: 'full', room: 500 }]);
    sink.onBatch = () => undefined;
    await clock.advance(0);
    release?.();
    await clock.advance(0);
    expect(filled.counts).toEqual({ pending: 0, sent: 500, dropped: 99_500, lost: 0 });
    expect(troubles.slice(1)).toEqual([{ kind: 'has-room', dropped: 99_500 }]);
  });
});

describe('room', () => {
  it('is told of when half of it is free, and not at the first free place', async () => {
    const taken: (() => void)[] = [];
    sink.onBatch = () => new Promise<void>((resolve) => taken.push(resolve));
    const filled = queue(40);
    fill(filled, 41);
    const told: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(0);
      taken[n]?.();
      await clock.advance(0);
      told.push(troubles.length);
    }
    expect(told).toEqual([1, 2, 2]);
    expect(troubles.at(-1)).toEqual({ kind: 'has-room', dropped: 1 });
  });
});

describe('the end of the app', () => {
  it('sends what waits, then nothing any more', async () => {
    const filled = queue();
    fill(filled, 3);
    await filled.close(2_000);
    expect(sizes()).toEqual([3]);
    expect(filled.take(exposure('late'))).toBe(false);
    await clock.advance(60_000);
    expect(sizes()).toEqual([3]);
    expect([troubles, clock.timers]).toEqual([[], 0]);
  });

  it('waits for the batch that is under way, and sends the rest behind it', async () => {
    const taken: (() => void)[] = [];
    sink.onBatch = () => new Promise<void>((resolve) => taken.push(resolve));
    const filled = queue();
    fill(filled, 14);
    await clock.advance(0);
    const closed = filled.close(2_000);
    await clock.advance(0);
    taken[0]?.();
    await clock.advance(0);
    taken[1]?.();
    await closed;
    expect([sizes(), filled.counts.sent]).toEqual([[10, 4], 14]);
  });

  it('waits for no longer than it may, calls off what is under way, and says what was lost', async () => {
    sink.onBatch = never;
    const filled = queue();
    fill(filled, 14);
    await clock.advance(0);
    const closed = filled.close(2_000);
    await clock.advance(1_999);
    expect(sink.signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    await closed;
    await clock.advance(60_000);
    expect([sizes(), sink.signals[0]?.aborted]).toEqual([[10], true]);
    expect(filled.counts).toEqual({ pending: 0, sent: 0, dropped: 0, lost: 14 });
    expect(troubles).toEqual([{ kind: 'cut-off', lost: 14 }]);
  });

  it('sends no batch that was about to be sent', async () => {
    const filled = queue();
    fill(filled, 10);
    const closed = filled.close(0);
    await clock.advance(0);
    await closed;
    expect([sizes(), filled.counts.lost]).toEqual([[], 10]);
  });

  it('sends nothing where it may take no time', async () => {
    const filled = queue();
    fill(filled, 3);
    await filled.close(0);
    expect([sizes(), filled.counts.lost]).toEqual([[], 3]);
  });
});
