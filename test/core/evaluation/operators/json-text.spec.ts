/** What the text of a value may cost: honest values come to their text, hostile ones to none. */
import { describe, expect, it } from '@jest/globals';
import { isJsonValue, jsonText } from '../../../../lib/core/evaluation/operators/json-text.js';

const mostValues = 20_000;
const deepestNesting = 500;

describe('the text of a value', () => {
  it('is that of its strings, numbers, truths and nothings, with sorted names', () => {
    const value = { b: ['x', 1.5, true, null], a: {} };
    expect(jsonText(value, false)).toBe('{"a":{},"b":["x",1.5,true,null]}');
  });

  it('ends at twenty thousand values, the array itself counted', () => {
    const most = Array.from({ length: mostValues - 1 }, () => true);
    expect(isJsonValue(most)).toBe(true);
    expect(isJsonValue([...most, true])).toBe(false);
  });

  it('ends there when the values lie in objects, too', () => {
    const objects = (count: number) => Array.from({ length: count }, () => ({ a: true }));
    expect(isJsonValue(objects(1_000))).toBe(true);
    expect(isJsonValue(objects(mostValues))).toBe(false);
  });

  it('ends there when they are the holes of an array', () => {
    const holes = (count: number) => Array<unknown>(count);
    expect(isJsonValue(holes(mostValues - 1))).toBe(true);
    expect(isJsonValue(holes(mostValues))).toBe(false);
  });

  it.each([
    ['arrays', (value: unknown) => [value]],
    ['objects', (value: unknown) => ({ a: value })],
  ])('reaches five hundred %s deep', (_name, within) => {
    let value: unknown = true;
    for (let depth = 0; depth < deepestNesting; depth++) value = within(value);
    expect(isJsonValue(value)).toBe(true);
    expect(isJsonValue(within(value))).toBe(false);
  });
});
