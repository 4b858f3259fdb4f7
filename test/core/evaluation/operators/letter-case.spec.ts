import { describe, expect, it } from '@jest/globals';
import { isLowerAscii, lowerAscii } from '../../../../lib/core/evaluation/operators/letter-case.js';

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

describe('A to Z become small, and all else stays', () => {
  // Among them letters whose lower byte is that of a capital of ASCII, and halves of pairs.
  const texts = ['@AMZ[', '`az{', '019 _-', 'ŁŚÉß', '\u4100\ud841\udc5a'];
  const lower = ['@amz[', '`az{', '019 _-', 'ŁŚÉß', '\u4100\ud841\udc5a'];

  it.each([1, 500])('in a text that is repeated %i times', (times) => {
    expect(lowerAscii(texts.join('').repeat(times))).toBe(lower.join('').repeat(times));
  });
});
