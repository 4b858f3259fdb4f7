import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FetchFailure } from '../../../lib/core/definitions/definition-source.js';
import { backoffMs } from '../../../lib/core/refresh/backoff.js';

const failure = (code: FetchFailure['code'], retryAfterMs?: number): FetchFailure => ({
  code,
  message: '',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const longest = () => 1 - Number.EPSILON;
const shortest = () => 0;

describe('the wait after a failed fetch', () => {
  it.each([
    [1, 10_000],
    [2, 20_000],
    [3, 40_000],
    [4, 60_000],
    [50, 60_000],
  ])('after %i failures is at most %i ms', (failuresInARow, expected) => {
    const ms = backoffMs({ failure: failure('timeout'), failuresInARow, intervalMs: 30_000, random: longest }); // prettier-ignore
    expect(Math.round(ms)).toBe(expected);
  });

  it('is spread over the whole range below (full jitter), but never under a second', () => {
    const ms = backoffMs({ failure: failure('timeout'), failuresInARow: 4, intervalMs: 30_000, random: shortest }); // prettier-ignore
    expect(ms).toBe(1_000);
  });

  it('of a whole fleet that tries, since no cache lets one try for all, grows to five minutes', () => {
    const wait = (failuresInARow: number, intervalMs = 30_000) =>
      Math.round(backoffMs({ failure: failure('timeout'), failuresInARow, intervalMs, random: longest, alone: true })); // prettier-ignore
    expect([1, 4, 5, 6, 50].map((count) => wait(count))).toEqual([
      10_000, 80_000, 160_000, 300_000, 300_000,
    ]);
    expect(wait(50, 600_000)).toBe(1_200_000);
  });

  it.each(['unauthorized', 'forbidden', 'quota-exceeded'] as const)(
    '%s, which only a person can end, is asked about at most every five minutes',
    (code) => {
      const ms = backoffMs({ failure: failure(code), failuresInARow: 50, intervalMs: 30_000, random: longest }); // prettier-ignore
      expect(Math.round(ms)).toBe(300_000);
    },
  );

  it('honours Retry-After up to 15 minutes, spread over a tenth so that a fleet does not return at once', () => {
    const ask = (retryAfterMs: number, random: () => number) =>
      backoffMs({ failure: failure('rate-limited', retryAfterMs), failuresInARow: 1, intervalMs: 30_000, random }); // prettier-ignore
    expect(ask(100_000, shortest)).toBe(100_000);
    expect(Math.round(ask(100_000, longest))).toBe(110_000);
    expect(Math.round(ask(9e9, shortest))).toBe(900_000);
  });

  it('is a positive, finite number whatever the facts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 100, max: 86_400_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
        (failuresInARow, intervalMs, chance, retryAfterMs) => {
          const facts = { failuresInARow, intervalMs, random: () => chance };
          const ms = backoffMs({ failure: failure('rate-limited', retryAfterMs), ...facts });
          expect(ms).toBeGreaterThanOrEqual(100);
          expect(ms).toBeLessThanOrEqual(Math.max(2 * intervalMs, 990_000));
        },
      ),
    );
  });
});
