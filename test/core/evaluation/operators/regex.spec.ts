import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import {
  isStrictClass,
  nativeRegex,
} from '../../../../lib/core/evaluation/operators/native-regex.js';
import { portableClasses } from '../../../../lib/core/evaluation/operators/portable-regex.js';
import { readRegex } from '../../../../lib/core/evaluation/operators/regex-reader.js';
import { answerOf, askFilter } from '../ask.js';

function ask(pattern: unknown, given: unknown): boolean | string {
  return answerOf(askFilter({ operator: 'regex', value: pattern }, [given]));
}

function askNot(pattern: unknown, given: unknown): boolean | string {
  return answerOf(askFilter({ operator: 'not_regex', value: pattern }, [given]));
}

const serverOnly = 'unsupported_definition';

describe('regex', () => {
  it.each([
    ['^a+b$', 'aab', true],
    ['^a+b$', 'aabb', false],
    ['b', 'abc', true],
    ['B', 'abc', false],
    ['', 'anything', true],
    ['^$', '', true],
    ['a$', 'a\n', false],
    ['null', null, true],
    ['^5$', 5, true],
    ['^1,2$', [1, 2], true],
    [5, '15', true],
    ['a.c', 'a\nc', false],
    ['\\x41\\.\\-', 'A.-', true],
    ['a{2,3}?b', 'aab', true],
    ['a{2}', 'a', false],
    ['(?:a|b)c', 'bc', true],
    ['(a|)b', 'b', true],
    ['[^a-c]', 'abc', false],
    ['[a-c-]', '-', true],
    ['[\\b]', '\b', true],
    ['a}', 'a}', true],
    ['[.^$|*+?(){}]', '?', true],
  ])('%j in %j', (pattern, given, found) => {
    expect(ask(pattern, given)).toBe(found);
    expect(askNot(pattern, given)).toBe(!found);
  });

  it.each(['(', ')', '[a', 'a\\', '[a\\', '*a', 'a**', '[z-a]', 'a{2,1}', '(?:'])(
    'matches nothing, negated or not, with the invalid pattern %j',
    (pattern) => {
      expect(ask(pattern, 'a')).toBe(false);
      expect(askNot(pattern, 'a')).toBe(false);
    },
  );

  it.each([
    ['beyond ASCII', 'é'],
    ['beyond ASCII in a class', '[é]'],
    ['beyond ASCII, escaped', '\\é'],
    ['look-ahead', '(?=a)a'],
    ['look-behind', '(?<=a)b'],
    ['a named group', '(?<n>a)'],
    ['an inline flag', '(?i)abc'],
    ['a word border', '\\bfoo\\b'],
    ['no word border', 'a\\B'],
    ['no word border in a class', '[\\B]'],
    ['a back-reference', '(a)\\1'],
    ['a property', '\\p{L}'],
    ['a code unit', '\\u0041'],
    ['a short hexadecimal', '\\x4'],
    ['a letter that needs no escape', '\\y'],
    ['an angle escaped', '\\<'],
    ['an empty class', 'a[]'],
    ['any character as a class', '[^]'],
    ['a class in a class', '[a[b]]'],
    ['an intersection', '[a&&b]'],
    ['a difference', '[a--b]'],
    ['a symmetric difference', '[a~~b]'],
    ['a loose class', '[\\w-a]'],
    ['a possessive quantifier', 'a++'],
    ['a quantifier on a quantifier', 'a*{2}'],
    ['a brace and a plus', 'a}+'],
    ['an open repetition', 'a{2'],
    ['a repetition without a start', 'a{,2}'],
    ['a repetition of nothing', '{2}'],
    ['a repetition at the start of a group', '({2})'],
    ['a repetition after a bar', 'a|{2}'],
    ['an endless repetition', 'a{4294967296}'],
    ['a repeated anchor', '^*'],
    ['a counted anchor', '${2}'],
    ['a repeated empty group', '()*'],
    ['a repeated empty group in a group', '(())+'],
  ])('leaves to the server what the dialects read differently: %s', (_name, pattern) => {
    expect(ask(pattern, 'abc')).toBe(serverOnly);
    expect(askNot(pattern, 'abc')).toBe(serverOnly);
  });

  it.each(['é', 'a\r', '\ud83d'])('leaves to the server the text %j', (text) => {
    expect(ask('a', text)).toBe(serverOnly);
    expect(ask('', text)).toBe(true);
  });

  it('leaves to the server groups nested very deep', () => {
    const pattern = `${'('.repeat(200)}a${')'.repeat(200)}|b`;
    expect(ask(pattern, 'a')).toBe(serverOnly);
    expect(ask(`a|(${pattern})*`, 'a')).toBe(serverOnly);
  });
});

describe('a regex that could backtrack without bound', () => {
  it.each([
    ['^(a+)+$', `${'a'.repeat(40)}!`, 'a'.repeat(40)],
    ['(x+x+)+y', 'x'.repeat(40), `${'x'.repeat(40)}y`],
    ['^(\\w+\\s?)*$', `${'word '.repeat(12)}!`, 'word '.repeat(12)],
    ['a*a*a*a*a*a*b', 'a'.repeat(5_000), `${'a'.repeat(5_000)}b`],
    [`${'(a|a)'.repeat(30)}b`, 'a'.repeat(99), `${'a'.repeat(99)}b`],
  ])('is searched in linear time: %s', (pattern, unlike, like) => {
    expect(ask(pattern, unlike)).toBe(false);
    expect(askNot(pattern, unlike)).toBe(true);
    expect(ask(pattern, like)).toBe(true);
  });

  it('stays with the server when the linear engine refuses it', () => {
    expect(ask('(a|b){1001}', 'a'.repeat(2_000))).toBe(serverOnly);
    expect(ask('(a|b){1001}', 'a')).toBe(serverOnly);
    expect(ask('(?:a*|b)a{1001}', 'a'.repeat(100))).toBe(serverOnly);
    expect(ask('(?:a*|b)a{1001}', 'a'.repeat(20))).toBe(false);
  });

  it.each([
    ['too large for the linear engine', '(?:a|b)*a(?:a|b){900}!$', 'ab'.repeat(50)],
    ['on a text too long for its size', '[a-q][^u-z]{500}!', 'abc'.repeat(1_000)],
    ['on a text too long for any', '(a+)+$', 'a'.repeat(500_000)],
    ['that unfolds without bound', '(?:(?:(?:a|b){1000}){1000}){1000}', ''],
    ['longer than any that people write', 'a'.repeat(10_001), 'a'],
  ])('stays with the server when it is %s', (_name, pattern, text) => {
    expect(ask(pattern, text)).toBe(serverOnly);
    expect(askNot(pattern, text)).toBe(serverOnly);
  });

  it.each([
    ['@acme\\.com$', `${'x'.repeat(90_000)}@acme.com`],
    ['^(staff|admin)-', `staff-${'x'.repeat(20_000)}`],
    ['\\.pdf$', `${'x'.repeat(150_000)}.pdf`],
  ])('is decided on long texts all the same when it is harmless: %s', (pattern, text) => {
    expect(ask(pattern, text)).toBe(true);
    expect(ask(pattern, ` ${text} `)).toBe(false);
  });

  it('is as large for the linear engine as its repetitions written out', () => {
    expect(readRegex('abc')?.linearSize).toBe(4);
    expect(readRegex('(ab){10}')?.linearSize).toBeGreaterThanOrEqual(20);
    expect(readRegex('(?:a{0,30}b{5,}){10}')?.linearSize).toBeGreaterThanOrEqual(350);
    expect(readRegex('a*|b')?.linearSize).toBeLessThan(10);
  });

  it('may run on short texts where the worst case is cheap', () => {
    const twice = readRegex('^a*a*$');
    expect(twice?.longestTextWithin(10_000)).toBeGreaterThan(30);
    expect(twice?.longestTextWithin(10_000)).toBeLessThan(200);
    expect(readRegex('^abc$')?.longestTextWithin(10_000)).toBe(Infinity);
    expect(readRegex('^a{20000}$')?.longestTextWithin(10_000)).toBe(-1);
    expect(readRegex('(a*)*')?.longestTextWithin(10_000)).toBe(-1);
    expect(readRegex('^(ab)?$')?.longestTextWithin(10_000)).toBe(Infinity);
    expect(readRegex('(a|b)?c')?.longestTextWithin(10_000)).toBeGreaterThan(100);
    expect(readRegex('^a{0,3}$')?.longestTextWithin(10_000)).toBe(Infinity);
    expect(readRegex('^a{0,300}$')?.longestTextWithin(10_000)).toBeLessThan(10_000);
  });
});

describe('the translation for the linear engine', () => {
  const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
    (character) => character !== '\r',
  );

  it.each([
    '.',
    '\\s',
    '\\S',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '[\\s]',
    '[^\\s]',
    '[\\S]',
    '[^\\S]',
    '[\\d\\-x]',
    '[^\\D]',
    '\\v',
    '[\\v]',
    '[\\b]',
    '\\f',
    '\\t',
    '\\n',
    '\\x0b',
    '[\\x00-\\x1f]',
    '[a-f-]',
    '[-a]',
    '[+-\\.]',
    '[!-/]',
    '[^^]',
    '\\ ',
    '\\_',
    '\\/',
    '\\-',
    ']',
    '}',
    '-',
    '/',
    '"',
    "'",
    '#',
    '&',
    '~',
  ])('matches the same characters: %s', (pattern) => {
    const native = new RegExp(pattern);
    const linear = RE2JS.compile(readRegex(pattern)?.translation ?? '');
    for (const character of characters) {
      expect([character, linear.test(character)]).toEqual([character, native.test(character)]);
    }
  });

  it.each([
    'a$',
    '^a',
    '(^)*a',
    'a|^b|c$',
    '(?:ab)+c',
    '(a*)*b',
    'a*?b',
    'a+?',
    'a??b',
    '(|a)b',
    'a||b',
    'a{2}b',
    'a{1,2}b',
    'a{2,}b',
    'a{1,2}?b',
    '(?:a|bc)?d',
    '$',
    '^',
    'a(b(c|d))*',
  ])('matches the same texts: %s', (pattern) => {
    const native = new RegExp(pattern);
    const linear = RE2JS.compile(readRegex(pattern)?.translation ?? '');
    const texts = [
      '',
      'a',
      'b',
      'ab',
      'aab',
      'aaab',
      'abc',
      'ababc',
      'd',
      'bcd',
      'c',
      'a\n',
      '\na',
      'abcbd',
      'ca',
    ];
    for (const text of texts) {
      expect([text, linear.test(text)]).toEqual([text, native.test(text)]);
    }
  });
});

describe('patterns and texts at random', () => {
  const pieces = [
    'a b 0 - _ . ^ $ | ( ) (?: * + ? } , / & ~ {2} {1,3} {2,} *?',
    '[ ] [^ a-c -z [a-c] [\\s] [^\\S] [\\b] [\\d.] (a|b) (|a)',
    '\\d \\D \\s \\S \\w \\W \\v \\n \\x41 \\. \\- \\] \\_',
  ].flatMap((line) => line.split(' '));
  const characters = [
    'a',
    'b',
    'c',
    'A',
    '0',
    ' ',
    '-',
    '_',
    '.',
    '\n',
    '\t',
    '\v',
    '\b',
    ']',
    '/',
    '}',
    ',',
  ];
  const pattern = fc
    .array(fc.constantFrom(' ', ...pieces), { minLength: 1, maxLength: 7 })
    .map(joined);
  const texts = fc.array(fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map(joined));

  it('match the same in both engines', () => {
    let compared = 0;
    const isPortable = (candidate: string) =>
      (portableClasses(candidate)?.every(isStrictClass) ?? false) &&
      nativeRegex(candidate) !== undefined;
    fc.assert(
      fc.property(pattern.filter(isPortable), texts, (candidate, some) => {
        const native = new RegExp(candidate);
        const linear = RE2JS.compile(readRegex(candidate)?.translation ?? '');
        compared += some.length;
        expect(some.map((text) => linear.test(text))).toEqual(
          some.map((text) => native.test(text)),
        );
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(2_000);
  });
});

function joined(parts: readonly string[]): string {
  return parts.join('');
}
