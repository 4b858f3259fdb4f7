import { describe, expect, it } from '@jest/globals';
import { isTruthLike } from '../../../../lib/core/evaluation/operators/truth.js';

describe('a value that spells true or false', () => {
  it('is looked for five hundred arrays deep', () => {
    let value: unknown = 'true';
    for (let depth = 0; depth <= 500; depth++) value = [value];
    expect(isTruthLike(value)).toBe(true);
    expect(isTruthLike([value])).toBe(false);
  });
});
