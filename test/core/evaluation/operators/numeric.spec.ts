import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter } from '../ask.js';

type Row = readonly [operator: string, wanted: unknown, given: unknown, answer: boolean];

describe('the comparisons', () => {
  const rows: Row[] = [
    ['gt', 5, 6, true],
    ['gt', 5, 5, false],
    ['gte', 5, 5, true],
    ['gte', 5, 4.9, false],
    ['lt', 5, 4.9, true],
    ['lt', 5, 5, false],
    ['lte', 5, 5, true],
    ['lte', 5, 5.1, false],
    ['gt', '5', '10', true],
    ['gt', 5, '10', true],
    ['gt', 9, '10', true],
    ['gt', 5, '10abc', true],
    ['gt', 5, true, true],
    ['gt', '1e3', '1001', true],
    ['lte', '5', '5.0', true],
    ['gt', 5, [6], true],
    ['gt', 1e21, 1e21 + 2 ** 18, true],
    ['gte', 0, -0, true],
    ['gt', 'b', 'c', true],
    ['gt', 'b', 'a', false],
    ['lt', 'abc', 5, true],
    ['gt', 5, Number.NaN, true],
    ['gt', 5, Infinity, true],
    ['lt', 5, -Infinity, true],
    ['gt', 5, 'abc', true],
    ['gte', 5, {}, true],
    ['gt', 5, null, false],
    ['lte', null, 'a', true],
    ['gt', 1, 5n, true],
  ];
  it.each(rows)('%s %j with %p is %s', (operator, value, given, answer) => {
    expect(answerOf(askFilter({ operator, value }, [given]))).toBe(answer);
  });
});
