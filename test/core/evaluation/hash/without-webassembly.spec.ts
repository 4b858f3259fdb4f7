/** In a file of its own: the machine starts with the first hash, and stays as it was then. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { flagBuckets, holdoutBuckets } from '../../../../lib/core/evaluation/bucketing.js';

const global = globalThis as { WebAssembly?: object };
const platform = global.WebAssembly;

describe('given no WebAssembly', () => {
  beforeAll(() => {
    delete global.WebAssembly;
  });
  afterAll(() => {
    Object.assign(globalThis, { WebAssembly: platform });
  });

  it('ids fall where they always fall', () => {
    expect(flagBuckets('simple-flag').rollout('distinct_id_0')).toBe(0.7836963764220432);
    expect(flagBuckets('multivariate-flag').variant('distinct_id_0')).toBe(0.6186454537930379);
    expect(holdoutBuckets.rollout('distinct_id_0')).toBe(0.6560969302723004);
  });
});
