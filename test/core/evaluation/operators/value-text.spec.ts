/** Where a value still has a text: elements and depths up to a bound, whatever the elements hold. */
import { describe, expect, it } from '@jest/globals';
import { textOf } from '../../../../lib/core/evaluation/operators/value-text.js';

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
});
