import { describe, expect, it } from '@jest/globals';
import { isLowerAscii } from '../../../../lib/core/evaluation/operators/letter-case.js';

describe('a text is as it would be in lower case', () => {
  it.each(['', 'pro', 'a1 _-', '@', '[', '\x7f', 'a@[z'])(
    'when it is ASCII without A to Z: %j',
    (text) => {
      expect(isLowerAscii(text)).toBe(true);
    },
  );

  it.each(['A', 'M', 'Z', 'proA', 'Zpro', 'prO'])('but not with a capital letter: %j', (text) => {
    expect(isLowerAscii(text)).toBe(false);
  });

  it.each(['\x80', 'é', 'É', 'ß', '😀', 'proé'])(
    'nor where letters have another case: %j',
    (text) => {
      expect(isLowerAscii(text)).toBe(false);
    },
  );
});
