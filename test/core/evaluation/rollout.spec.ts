import { describe, expect, it } from '@jest/globals';
import { compileRollout } from '../../../lib/core/evaluation/rollout.js';

describe('a rollout', () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    [-1, 'none'],
    [0, 'none'],
    [0.1, 'some'],
    ['45', 'some'],
    [99.9, 'some'],
    [100, 'all'],
    [101, 'all'],
    ['abc', 'all'],
  ])('of %p needs a hash only where it is "some": %s', (percentage, reach) => {
    expect(compileRollout(percentage)?.reach).toBe(reach);
  });
});
