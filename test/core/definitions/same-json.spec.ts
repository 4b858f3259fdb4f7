import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../lib/core/definitions/canonical-json.js';
import { isSameJson } from '../../../lib/core/definitions/same-json.js';

describe('two values', () => {
  it.each<[unknown, unknown]>([
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: undefined }, {}],
    [{}, { a: undefined }],
    [{ a: [{ b: null }] }, { a: [{ b: null }] }],
    [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    [0, -0],
  ])('%j and %j are the same', (a, b) => {
    expect(isSameJson(a, b)).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1, b: 1 }, { a: 1 }],
    [{ a: null }, {}],
    [{ a: 1 }, null],
    [null, { a: 1 }],
    [[], {}],
    [{}, []],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    ['1', 1],
    [{}, JSON.parse('{"__proto__":{}}')],
    [JSON.parse('{"__proto__":{}}'), {}],
    [{ constructor: Object }, {}],
  ])('%j and %j are not the same', (a, b) => {
    expect(isSameJson(a, b)).toBe(false);
  });

  it('are the same exactly when their canonical texts are', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const pair = fc.oneof(
      fc.tuple(value, value),
      value.map((one) => [one, JSON.parse(JSON.stringify(one)) as unknown] as const),
      fc.tuple(fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(1)), fc.constant({ a: 1, b: 0 })),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(isSameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
      { numRuns: 500 },
    );
  });
});
