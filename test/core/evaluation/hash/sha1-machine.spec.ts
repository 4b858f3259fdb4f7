import { afterEach, describe, expect, it } from '@jest/globals';
import { bucketOf } from '../../../../lib/core/evaluation/bucketing.js';
import {
  encodePrefix,
  startSha1Machine,
} from '../../../../lib/core/evaluation/hash/sha1-machine.js';

const global = globalThis as { WebAssembly?: object };
const platform = global.WebAssembly;

describe('the machine', () => {
  afterEach(() => {
    Object.assign(globalThis, { WebAssembly: platform });
  });

  it('hashes by itself, without the platform', () => {
    const { words, length } = encodePrefix('beta.')!;
    expect(startSha1Machine()?.position(words, length, 'anna', false)).toBe(bucketOf('beta.anna'));
  });

  it.each(['i', 'é', '€', '\ud83d', '😀'])(
    'takes as many of %p as fit, and not one more',
    (letter) => {
      const machine = startSha1Machine();
      const { words, length } = encodePrefix('beta.')!;
      const longest = letter.repeat(300 / letter.length);
      expect(machine?.position(words, length, longest, true)).toBe(
        bucketOf(`beta.${longest}variant`),
      );
      expect(machine?.position(words, length, `${longest}i`, true)).toBeNaN();
    },
  );

  it('is not there where there is no WebAssembly', () => {
    delete global.WebAssembly;
    expect(startSha1Machine()).toBeUndefined();
  });

  it('is not there where WebAssembly is forbidden', () => {
    const refuse = () => {
      throw new Error('forbidden');
    };
    Object.assign(globalThis, { WebAssembly: { Module: refuse, Instance: refuse } });
    expect(startSha1Machine()).toBeUndefined();
  });
});
