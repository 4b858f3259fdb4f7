/** Where a value still has a text: elements and depths up to a bound, whatever the elements hold. */
import { describe, expect, it } from '@jest/globals';
import { longestText, textOf } from '../../../../lib/core/evaluation/operators/value-text.js';

const mostElements = 20_000;
const deepestNesting = 1_000;

describe('the text of a value', () => {
  it.each([
    ['a', 'a'],
    [5, '5'],
    [null, 'null'],
    [['a', null, [5]], 'a,,5'],
  ])('%j is %j', (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  it('ends at twenty thousand elements, the array itself counted', () => {
    const ones = (count: number) => Array.from({ length: count }, () => 1);
    expect(textOf(ones(mostElements - 1))).toBeDefined();
    expect(textOf(ones(mostElements))).toBeUndefined();
    expect(textOf([[], ...ones(mostElements - 2)])).toBeUndefined();
  });

  it('counts elements, not their letters', () => {
    const long = 'x'.repeat(mostElements);
    expect(textOf([long, long])).toBe(`${long},${long}`);
  });

  it('reaches a thousand arrays deep', () => {
    let value: unknown = 'x';
    for (let depth = 0; depth <= deepestNesting; depth++) value = [value];
    expect(textOf(value)).toBe('x');
    expect(textOf([value])).toBeUndefined();
  });

  it.each([
    ['half a million letters', ['x'.repeat(longestText)]],
    ['an object that writes as many', { toString: () => 'x'.repeat(longestText) }],
    ['125,000 bytes, each at its longest', new Uint8Array(longestText / 4)],
    ['a thousand integers of 64 bits', Array<bigint>(1_000).fill(2n ** 63n - 1n)],
    ['a hundred integers beyond', Array<bigint>(100).fill(2n ** 63n)],
    ['an integer of 10,000 bits', 1n << 10_000n],
    ['the negative of it', -(1n << 10_000n)],
  ])('reaches as far as %s', (_what, value) => {
    expect(textOf(value)).toBe(String(value));
  });

  it.each([
    ['one letter more', ['x'.repeat(longestText), 'x']],
    ['an object that writes one more', { toString: () => 'x'.repeat(longestText + 1) }],
    ['one byte more', new Uint8Array(longestText / 4 + 1)],
    ['one integer more beyond 64 bits', Array<bigint>(101).fill(2n ** 63n)],
    ['one more than 10,000 bits hold', (1n << 10_000n) + 1n],
    ['one less than the negative of it', -(1n << 10_000n) - 1n],
  ])('does not reach %s', (_what, value) => {
    expect(textOf(value)).toBeUndefined();
  });

  it.each([
    ['texts', 'x'.repeat(longestText / 2 + 1)],
    ['bytes', new Uint8Array(longestText / 8 + 1)],
    ['integers', 2n ** 10_000n + 1n],
  ])('is refused before any of it is written: %s', (_what, half) => {
    let written = 0;
    const first = {
      toString() {
        written += 1;
        return '';
      },
    };
    expect(textOf([first, half, half])).toBeUndefined();
    expect(written).toBe(0);
  });
});
