import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from '../../lib/posthog/retry-after.js';

const now = Date.parse('Sat, 21 Nov 2026 10:00:00 GMT');

describe('Retry-After', () => {
  it.each<[string | undefined, number | undefined]>([
    ['0', 0],
    ['30', 30_000],
    [' 30 ', 30_000],
    ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
    ['Saturday, 21-Nov-26 10:01:00 GMT', 60_000],
    ['Sat Nov 21 10:01:00 2026 GMT', 60_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Soon enough', undefined],
    ['99999999999999999999', undefined],
  ])('of %j is %p ms', (value, expected) => {
    const headers = new Headers(value === undefined ? {} : { 'retry-after': value });
    expect(retryAfterMs(headers, now)).toBe(expected);
  });

  it('as a date is measured by the clock of the one who wrote it', () => {
    const headers = new Headers({
      'retry-after': 'Sat, 21 Nov 2026 12:00:10 GMT',
      date: 'Sat, 21 Nov 2026 12:00:00 GMT',
    });
    expect(retryAfterMs(headers, now)).toBe(10_000);
  });
});
