/** The portable subset, read to its end: what stands behind a portable part counts as well. */
import { describe, expect, it } from '@jest/globals';
import { portableClasses } from '../../../../lib/core/evaluation/operators/portable-regex.js';

describe('a portable pattern', () => {
  it('is told with its character classes, and nothing else of it', () => {
    expect(portableClasses('x[a-c]y[^\\d]?z')).toEqual(['[a-c]', '[^\\d]']);
    expect(portableClasses('[\\x41-\\x5a]')).toEqual(['[\\x41-\\x5a]']);
  });

  it.each(['', '\x7f', 'a}*', 'a{12}', 'a{1,12}', 'a{4294967295}', 'a{1,4294967295}', '(?:ab)+?'])(
    'may be without classes: %j',
    (pattern) => {
      expect(portableClasses(pattern)).toEqual([]);
    },
  );

  it.each(['(', ')', '[a', '[a\\', 'a\\'])('may be one that breaks off: %j', (pattern) => {
    expect(portableClasses(pattern)).toEqual([]);
  });
});

describe('a pattern is not portable', () => {
  it.each(['\\d', '[a]', '(?:a)', '(a)', 'a*', 'a{2}', '}', '^', 'a|'])(
    'for what stands behind %j',
    (portable) => {
      expect(portableClasses(portable)).toBeDefined();
      expect(portableClasses(`${portable}(?=b)`)).toBeUndefined();
    },
  );

  it.each(['^*', '^+', '^?', '${2}', '()?', '(?:)*', '(?:(?:))+'])(
    'where nothing is repeated: %j',
    (pattern) => {
      expect(portableClasses(pattern)).toBeUndefined();
    },
  );

  it.each(['{2}', '({2}a)', '(?:{2}a)', 'a|{2}', 'a{4294967296}', 'a{1,4294967296}'])(
    'where it counts from nothing, or to no end: %j',
    (pattern) => {
      expect(portableClasses(pattern)).toBeUndefined();
    },
  );

  it.each(['[\\x4]', '[\\x4z]', '[\\xzz]', '[a[', '[a[b]]', '[]', '[^]', '\\x4', '\\xzz'])(
    'with a class or a code that is cut short: %j',
    (pattern) => {
      expect(portableClasses(pattern)).toBeUndefined();
    },
  );
});
