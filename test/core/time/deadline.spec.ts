import { describe, expect, it, jest } from '@jest/globals';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';
import type { Clock } from '../../../lib/core/time/clock.js';
import { heldOpen, pause, withDeadline } from '../../../lib/core/time/deadline.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const never = () => new Promise<never>(() => undefined);

describe('withDeadline', () => {
  it('answers what the work answers, sync or async, and leaves no timer', async () => {
    const clock = new ManualClock();
    const deadline = { clock, ms: 100, what: 'The work' };

    expect(await withDeadline(deadline, () => 1)).toBe(1);
    expect(await withDeadline(deadline, async () => 2)).toBe(2);
    expect(clock.timers).toBe(0);
  });

  it('passes on what the work throws, sync or async', async () => {
    const deadline = { clock: new ManualClock(), ms: 100, what: 'The work' };
    const error = new Error('no');

    await expect(
      withDeadline(deadline, () => {
        throw error;
      }),
    ).rejects.toBe(error);
    await expect(withDeadline(deadline, () => Promise.reject(error))).rejects.toBe(error);
  });

  it('gives up after the deadline with an error that names the work', async () => {
    const clock = new ManualClock();
    const waiting = withDeadline({ clock, ms: 100, what: 'The cache (read)' }, never).catch(
      (error: unknown) => error,
    );
    await clock.advance(100);

    const error = await waiting;
    expect(isFlagsError(error) && error.code).toBe('deadline-exceeded');
    expect(String(error)).toContain('The cache (read) did not answer within 100 ms');
  });

  it('gives up at once when the signal aborts', async () => {
    const closing = new AbortController();
    const { signal } = closing;
    const clock = new ManualClock();
    const waiting = withDeadline({ clock, ms: 100, what: 'It', signal }, never);
    closing.abort();

    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    expect(clock.timers).toBe(0);
  });

  it('does not even begin when the signal has aborted', async () => {
    let began = false;
    const deadline = { clock: new ManualClock(), ms: 100, what: 'It', signal: AbortSignal.abort() };

    await expect(withDeadline(deadline, () => (began = true))).rejects.toMatchObject({
      code: 'closed',
    });
    expect(began).toBe(false);
  });
});

describe('heldOpen', () => {
  it('keeps the process up for as long as the work takes, and no longer', async () => {
    const clock = new ManualClock();
    const port: Clock = clock;
    const setTimer = jest.spyOn(port, 'setTimer');
    let end: (answer: number) => void = () => undefined;
    const held = heldOpen(clock, () => new Promise<number>((resolve) => (end = resolve)));
    await clock.advance(600_000);
    expect(clock.timers).toBe(1);
    expect(setTimer.mock.calls.every(([, , options]) => options?.keepsAlive === true)).toBe(true);
    end(7);
    expect(await held).toBe(7);
    expect(clock.timers).toBe(0);
  });

  it('lets go of the process when the work fails, sync or async', async () => {
    const clock = new ManualClock();
    const error = new Error('no');
    const fail = (): never => {
      throw error;
    };

    await expect(heldOpen(clock, fail)).rejects.toBe(error);
    await expect(heldOpen(clock, () => Promise.reject(error))).rejects.toBe(error);
    expect(clock.timers).toBe(0);
  });
});

describe('pause', () => {
  it('lasts as long as it says', async () => {
    const clock = new ManualClock();
    let over = false;
    void pause(clock, 100, new AbortController().signal).then(() => (over = true));
    await clock.advance(99);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(over).toBe(true);
  });

  it('ends when the signal aborts, or has aborted', async () => {
    const clock = new ManualClock();
    const closing = new AbortController();
    const pausing = pause(clock, 100, closing.signal);
    closing.abort();
    await pausing;
    await pause(clock, 100, closing.signal);

    expect(clock.timers).toBe(0);
  });
});
