/**
 * How long a text may be that a backtracking engine searches in ten thousand steps. A pattern
 * costs its size for each way to match, once for each place to begin at, and once more for each
 * quantifier without a small bound.
 */
import { describe, expect, it } from '@jest/globals';
import { readRegex } from '../../../../lib/core/evaluation/operators/regex-reader.js';

const steps = 10_000;

describe('the longest text for backtracking', () => {
  it.each([
    ['abc', 2_499, 'four characters with the end, at each place'],
    ['^abc', Infinity, 'at one place only'],
    ['^a|b', 999, 'of two branches only one has an anchor'],
    ['a|b', 1_249, 'two ways of twice the size'],
    ['a*|b', 34, 'the dearer of two branches'],
    ['b|a*', 34, 'in either order'],
    ['(a|b)c', 832, 'two ways, then a character'],
    ['(?:a|b)c', 832, 'the same for a group that is not kept'],
    ['(a|b)(a|b)', 276, 'two ways twice are four'],
    ['a{3}b', 1_999, 'three characters'],
    ['a?b', 1_665, 'there or not: two ways'],
    ['a??b', 1_665, 'lazy is no other'],
    ['a{2,5}b', 624, 'four ways of two characters'],
    ['a{0,15}', 311, 'sixteen ways are few'],
    ['a{0,16}', 69, 'seventeen are counted as a length'],
    ['a*b', 56, 'any number'],
    ['a+b', 56, 'one and more'],
    ['a{2,}b', 49, 'two and more'],
    ['a*a*', 13, 'any number twice'],
    ['(a|b)?c', 554, 'a choice that may be missing is one more'],
    ['(?:a*b)?c', 30, 'also where it has a length'],
    ['(a|b){2}c', -1, 'a choice repeated may multiply'],
    ['(a|b)*c', -1, 'without bound'],
    ['(a*)*', -1, 'as may a length'],
  ])('of %s is %d: %s', (pattern, longest) => {
    expect(readRegex(pattern)?.longestTextWithin(steps)).toBe(longest);
  });

  it('is any for a pattern that costs what is allowed, and none for one that costs more', () => {
    const anchored = readRegex('^abc$');
    expect(anchored?.longestTextWithin(6)).toBe(Infinity);
    expect(anchored?.longestTextWithin(5)).toBe(-1);
  });

  it('has no answer where groups are nested more than a hundred deep', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(readRegex(nested(100))).toBeDefined();
    expect(readRegex(nested(101))).toBeUndefined();
    expect(readRegex(`b|${nested(101)}`)).toBeUndefined();
    expect(readRegex(`b${nested(101)}*c`)).toBeUndefined();
  });
});
