/**
 * Regular expressions that are enormous, or that a backtracking engine never comes back from, each
 * with the texts that hurt it most.
 */
import type { HostileCase } from './hostile-case.js';
import { flatText } from './hostile-case.js';

/** By pattern, what the text is made of; the text ends in what does not match. */
const catastrophic: readonly (readonly [pattern: string, unit: string])[] = [
  ['(a+)+$', 'a'],
  ['^(a+)+$', 'a'],
  ['(a|aa)+$', 'a'],
  ['^(a|a)*$', 'a'],
  ['(.*)*x', 'a'],
  ['(.*a){20}$', 'a'],
  ['((a*)*)*b', 'a'],
  ['(x+x+)+y', 'x'],
  ['^(\\w+\\s?)*$', 'word '],
  ['^([a-z0-9]+)*@acme\\.com$', 'x'],
  ['a*a*a*a*a*a*a*a*a*a*b', 'a'],
  ['(a{0,1000}){0,1000}b', 'a'],
  ['(a{1,30}){1,30}{1,30}b', 'a'],
  ['[a-z]{1000}[a-z]{1000}[a-z]{1000}0', 'a'],
  ['(a+)+\\1$', 'a'],
  ['((a+)\\2)+b', 'a'],
  ['(?=(a+))\\1+b', 'a'],
  ['^(?=(a+)+$)a', 'a'],
  ['(?<=(a+)+)b', 'a'],
  ['(?:(?!b)a+)+$', 'a'],
  ['.*.*.*.*.*=.*', 'a'],
  ['@acme\\.com$', 'a'],
  ['(?:a|b)*a(?:a|b){12}$', 'abbabaaabbbabaabb'],
  ['(?:a|b)*a(?:a|b){900}!$', 'abbabaaabbbabaabb'],
  ['[a-q][^u-z]{500}!', 'abcdefqrs'],
  [`(?:${'a?'.repeat(900)})a{900}!$`, 'a'],
  [
    `(?:${Array.from({ length: 1_000 }, (_, n) => `(?:.*${n % 10}.{${n % 50}})`).join('|')})!!$`,
    '0123456789',
  ],
  ['^a', 'b'],
];

const lengths = [30, 300, 3_000, 30_000, 500_000, 10_000_000];

const enormous: Readonly<Record<string, () => string>> = {
  'one letter': () => flatText('a', 1_000_000),
  'open groups': () => flatText('(', 1_000_000),
  'groups in groups': () => `${flatText('(', 500_000)}${flatText(')', 500_000)}`,
  'groups in groups, 50 deep': () => `${flatText('(', 50)}a${flatText(')', 50)}`.repeat(10_000),
  classes: () => flatText('[a-z]', 1_000_000),
  'optional letters': () => flatText('a?', 1_000_000),
  alternatives: () => flatText('a|', 1_000_000),
  'repeated groups': () => flatText('(a+)+', 1_000_000),
  'large repetitions': () => flatText('a{1000}', 1_000_000),
  stars: () => flatText('.*', 1_000_000),
  escapes: () => flatText('\\x41', 1_000_000),
  'one class': () => `[${flatText('a', 1_000_000)}]`,
  'one letter, as long as one may be': () => flatText('a', 10_000),
  'optional letters, as many as may be': () => flatText('a?', 10_000),
  'alternatives, as many as may be': () => flatText('ab|', 9_999),
  'classes, as many as may be': () => flatText('[a-z]', 10_000),
  'letters repeated, as many as may be': () => flatText('a{9}', 10_000),
  'groups, as many as may be': () => flatText('(a)', 9_999),
  backslashes: () => flatText('\\', 1_000_001),
};

function shortened(pattern: string): string {
  return pattern.length <= 40 ? pattern : `${pattern.slice(0, 40)}…`;
}

function patternCase(pattern: () => string, text: () => string): HostileCase {
  return {
    make: () => ({
      definitions: {
        flags: ['regex', 'not_regex'].map((operator) => ({
          key: operator,
          active: true,
          filters: { groups: [{ properties: [{ key: 'path', operator, value: pattern() }] }] },
        })),
      },
      context: { distinctId: 'somebody', personProperties: { path: text() } },
      keys: ['regex', 'not_regex'],
    }),
  };
}

export const hostilePatterns: Readonly<Record<string, HostileCase>> = Object.fromEntries([
  ...catastrophic.flatMap(([pattern, unit]) =>
    lengths.map((length): readonly [string, HostileCase] => [
      `the pattern ${shortened(pattern)} on ${length} characters`,
      patternCase(
        () => pattern,
        () => `${flatText(unit, length)}!`,
      ),
    ]),
  ),
  ...Object.entries(enormous).flatMap(([name, pattern]) =>
    [10, 10_000, 500_000].map((length): readonly [string, HostileCase] => [
      `a pattern of 1 MB of ${name} on ${length} characters`,
      patternCase(pattern, () => flatText('a', length)),
    ]),
  ),
  [
    'a pattern that the reader has to unfold, a{1000}{…}',
    patternCase(
      () => '(?:(?:a{1000}){1000}){1000}b',
      () => flatText('a', 10_000),
    ),
  ],
]);
