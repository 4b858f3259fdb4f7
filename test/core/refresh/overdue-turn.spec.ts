/** A turn for a process that was frozen: when one is due, and only then. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { OverdueTurn } from '../../../lib/core/refresh/overdue-turn.js';
import type { RefreshOutcome } from '../../../lib/core/refresh/refresh-outcome.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const outcome = { kind: 'unchanged', revision: 1 } as RefreshOutcome;
let clock: ManualClock;
let turns: number;
let overdue: OverdueTurn;
let turn: () => Promise<RefreshOutcome>;

beforeEach(async () => {
  clock = new ManualClock();
  turns = 0;
  turn = async () => outcome;
  const take = async (): Promise<RefreshOutcome> => {
    turns += 1;
    const ended = await turn();
    overdue.onEvent({ type: 'turn-finished', outcome: ended } as never);
    return ended;
  };
  overdue = new OverdueTurn({ cycle: { turn: take, nextTurnMs: 5_000 }, clock });
});

describe('a turn that no timer has made', () => {
  it('is taken when there was none yet, and then not before the next is due', async () => {
    expect(await overdue.take()).toBe(outcome);
    await clock.advance(4_999);
    expect(await overdue.take()).toBeUndefined();
    await clock.advance(1);
    expect(await overdue.take()).toBe(outcome);
    expect(turns).toBe(2);
  });

  it('is due by the wall clock, too, where the other stood still', async () => {
    await overdue.take();
    clock.jumpWallClock(5_000);
    expect(await overdue.take()).toBe(outcome);
    clock.jumpWallClock(-86_400_000);
    await clock.advance(5_000);
    expect(await overdue.take()).toBe(outcome);
  });

  it('keeps the process up while it is waited for', async () => {
    let end: () => void = () => undefined;
    turn = () => new Promise((resolve) => (end = () => resolve(outcome)));
    const waiting = overdue.take();
    await clock.advance(0);
    expect(clock.timers).toBe(1);
    end();
    expect(await waiting).toBe(outcome);
    expect(clock.timers).toBe(0);
  });

  it('is not waited for longer than is said, and goes on', async () => {
    let end: () => void = () => undefined;
    turn = () => new Promise((resolve) => (end = () => resolve(outcome)));
    const waiting = overdue.take(500);
    await clock.advance(500);
    expect(await waiting).toBeUndefined();
    end();
    await clock.advance(0);
    expect(await overdue.take(500)).toBeUndefined();
    expect(turns).toBe(1);
  });
});
