import { describe, expect, it } from '@jest/globals';
import { bucketOf, flagBuckets, holdoutBuckets } from '../../../lib/core/evaluation/bucketing.js';
import { Random } from '../../fidelity/random.js';

const anyId = 'some-distinct-id';

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
    expect(flagBuckets(key).rollout(id)).toBe(position);
  });

  it.each([
    ['multivariate-flag', 'distinct_id_0', 0.6186454537930379],
    ['beta-feature', 'some-distinct-id', 0.9150298250696574],
  ])('that chooses a variant is another one: %s, %s', (key, id, position) => {
    expect(flagBuckets(key).variant(id)).toBe(position);
  });

  it('of a holdout does not depend on the flag', () => {
    expect(holdoutBuckets.rollout('distinct_id_0')).toBe(0.6560969302723004);
  });

  it('of an id with half a surrogate pair is that of the replacement character', () => {
    const buckets = flagBuckets('beta');
    expect(buckets.rollout('\ud83d')).toBe(buckets.rollout('\ufffd'));
  });
});

describe('given the hash of the platform, it', () => {
  it('is the same for every length of prefix and id around the ends of blocks', () => {
    const different = [];
    for (let prefixLength = 0; prefixLength <= 130; prefixLength++) {
      const prefix = 'p'.repeat(prefixLength);
      const buckets = flagBuckets(prefix);
      for (let length = 0; length <= 130; length++) {
        const id = 'i'.repeat(length);
        if (buckets.rollout(id) !== bucketOf(`${prefix}.${id}`)) different.push([prefix, id]);
        if (buckets.variant(id) !== bucketOf(`${prefix}.${id}variant`))
          different.push([prefix, id]);
      }
    }
    expect(different).toEqual([]);
  });

  it.each([300, 301, 899, 900, 901, 5_000])(
    'is the same for a flag and an id of %i bytes',
    (length) => {
      const [key, id] = ['k'.repeat(length), 'i'.repeat(length)];
      expect(flagBuckets(key).rollout(anyId)).toBe(bucketOf(`${key}.${anyId}`));
      expect(flagBuckets('beta').variant(id)).toBe(bucketOf(`beta.${id}variant`));
      expect(flagBuckets('beta').rollout(anyId)).toBe(bucketOf(`beta.${anyId}`));
    },
  );

  it('is the same for random ids of all kinds, also where the next flag asks for the same id', () => {
    const random = new Random(20_261_121);
    const flags = [
      'a',
      'beta-feature',
      'flagé',
      '\ud83d',
      'a-flag-with-a-rather-long-key-'.repeat(3),
    ];
    const known = flags.map((key) => ({ key, buckets: flagBuckets(key) }));
    const different = [];
    for (let round = 0; round < 10_000; round++) {
      const id = randomId(random);
      for (const { key, buckets } of known) {
        if (buckets.rollout(id) !== bucketOf(`${key}.${id}`)) different.push([key, id]);
        if (buckets.variant(id) !== bucketOf(`${key}.${id}variant`)) different.push([key, id]);
      }
    }
    expect(different).toEqual([]);
  });
});

/** ASCII, Latin-1, anything of UTF-16 with halves of pairs, or whole characters beyond it. */
function randomId(random: Random): string {
  const [low, high] = random.pick(pools);
  const longest = random.between(0, 150);
  return random.many(0, longest, () => String.fromCodePoint(random.between(low, high))).join('');
}

const pools: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0, 0xff],
  [0, 0xffff],
  [0xd7f0, 0xe010],
  [0x1_0000, 0x10_ffff],
];
