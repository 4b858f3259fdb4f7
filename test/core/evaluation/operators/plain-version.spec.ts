import { describe, expect, it } from '@jest/globals';
import { readPlainVersion } from '../../../../lib/core/evaluation/operators/plain-version.js';

describe('a plain version', () => {
  it.each([
    ['0.0.0', [0, 0, 0]],
    ['1.22.333', [1, 22, 333]],
    ['10.0.7', [10, 0, 7]],
    ['999999999999999.0.1', [999_999_999_999_999, 0, 1]],
  ])('%s is read', (text, version) => {
    expect(readPlainVersion(text)).toEqual(version);
  });

  it.each(['', '1', '1.2', '1.2.', '1.2.3.4', '1.2.3-rc', 'v1.2.3', ' 1.2.3', '1.2.3 '])(
    '%p has another form',
    (text) => {
      expect(readPlainVersion(text)).toBeUndefined();
    },
  );

  it.each(['01.2.3', '1.00.3', '1.2.03', '1..3', '.1.2', '1.-2.3', '1.2.3e4', '1,2,3'])(
    '%p is left to the parser of all forms',
    (text) => {
      expect(readPlainVersion(text)).toBeUndefined();
    },
  );

  it('with a part of more than 15 digits is left to it, too', () => {
    expect(readPlainVersion('1.1234567890123456.3')).toBeUndefined();
  });
});
