import { describe, expect, it } from '@jest/globals';
import {
  holdoutBucket,
  rolloutBucket,
  variantBucket,
} from '../../../lib/core/evaluation/bucketing.js';

describe('a bucket', () => {
  it.each([
    ['simple-flag', 'distinct_id_0', 0.7836963764220432],
    ['simple-flag', 'distinct_id_1', 0.3397069926995401],
    ['multivariate-flag', 'distinct_id_0', 0.502037796130735],
    ['some-flag', 'some_distinct_id', 0.8937694017077238],
    ['some-flag', '', 0.9135327965951493],
    ['flagé', 'üser', 0.16152652919455118],
    ['beta', '😀', 0.4505840911638682],
    ['beta', 'x'.repeat(200), 0.9290358484923744],
    ['beta', 'x'.repeat(201), 0.5288137374696911],
    ['beta-feature', 'some-distinct-id', 0.3435078163984861],
  ])('of the flag %s and the id %s is that of the SDKs', (key, id, position) => {
    expect(rolloutBucket(key, id)).toBe(position);
  });

  it.each([
    ['multivariate-flag', 'distinct_id_0', 0.6186454537930379],
    ['beta-feature', 'some-distinct-id', 0.9150298250696574],
  ])('that chooses a variant is another one: %s, %s', (key, id, position) => {
    expect(variantBucket(key, id)).toBe(position);
  });

  it('of a holdout does not depend on the flag', () => {
    expect(holdoutBucket('distinct_id_0')).toBe(0.6560969302723004);
  });

  it('of an id with half a surrogate pair is that of the replacement character', () => {
    expect(rolloutBucket('beta', '\ud83d')).toBe(rolloutBucket('beta', '\ufffd'));
  });
});
