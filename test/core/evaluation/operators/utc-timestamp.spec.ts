import { describe, expect, it } from '@jest/globals';
import { readUtcTimestamp } from '../../../../lib/core/evaluation/operators/utc-timestamp.js';
import { Random } from '../../../fidelity/random.js';

describe('a timestamp in UTC', () => {
  it.each([
    '2026-11-21T09:30:00Z',
    '2026-11-21T09:30:00.123Z',
    '1970-01-01T00:00:00Z',
    '1969-12-28T23:59:59.999Z',
    '2000-02-28T12:00:00Z',
    '2000-03-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-28T23:59:59.999Z',
  ])('%s is the moment that Date.parse reads', (text) => {
    expect(readUtcTimestamp(text)).toBe(Date.parse(text));
  });

  it.each([
    '2026-11-21',
    '2026-11-21T09:30:00',
    '2026-11-21T09:30:00.12Z',
    '2026-11-21T09:30:00+0100',
    '2026-11-29T09:30:00Z',
    '2026-02-30T09:30:00Z',
    '2026-13-01T09:30:00Z',
    '2026-00-01T09:30:00Z',
    '2026-01-00T09:30:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T09:60:00Z',
    '2026-11-21T09:30:60Z',
    '0000-11-21T09:30:00Z',
    '202a-11-21T09:30:00Z',
    '2026-11-21Tx9:30:00Z',
    '2026-11-21T1/:30:00Z',
    '2026-11-21T09:x0:00Z',
    '2026-11-21T09:30:x0Z',
    '2026-11-21T09:30:00.1x3Z',
    '2026/11/21T09:30:00Z',
    '2026/11-21T09:30:00Z',
    '2026-11/21T09:30:00Z',
    '2026-11-21 09:30:00Z',
    '2026-11-21T09-30:00Z',
    '2026-11-21T09:30-00Z',
    '2026-11-21T09:30:00,123Z',
    '2026-11-21T09:30:00z',
    '',
  ])('%p is left to Date.parse', (text) => {
    expect(readUtcTimestamp(text)).toBeUndefined();
  });

  it('of any day is the moment that Date.parse reads, or left to it', () => {
    const random = new Random(1);
    const different = [];
    for (let round = 0; round < 20_000; round++) {
      const atMs = random.between(Date.parse('0001-01-01'), Date.parse('9999-12-31'));
      const text = new Date(atMs).toISOString();
      const read = readUtcTimestamp(text);
      if (read === undefined ? Number(text.slice(8, 10)) <= 28 : read !== atMs)
        different.push(text);
    }
    expect(different).toEqual([]);
  });
});
