/**
 * The words that definitions and contexts are made of. Pools are small and shared on purpose:
 * two random strings never match, two draws from a pool of twenty often do. Every value that a
 * rule treats in its own way is in here at least once.
 */

/** What a property usually holds; an operator is aimed at the kind that it can decide. */
export type PropertyKind = 'text' | 'number' | 'truth' | 'date' | 'version' | 'pattern';

export const propertyNames: Readonly<Record<PropertyKind, readonly string[]>> = {
  text: ['plan', 'email', 'distinct_id', '$group_key', 'constructor'],
  number: ['age', 'seats'],
  truth: ['beta', 'staff'],
  date: ['joined', 'renewed'],
  version: ['app_version', 'os_version'],
  pattern: ['path', 'agent'],
};

// prettier-ignore
export const texts: readonly string[] = [
  '', 'a', 'A', 'pro', 'Pro', 'PRO', 'free', 'acme', 'globex', ' a ', 'a,b', 'alice@acme.com',
  'true', 'TRUE', 'True', 'false', 'False', 'null', 'undefined', 'NaN', 'Infinity',
  '0', '5', '05', '5.0', '9', '10', '10abc', '1e3', '1.5', '-3', '1,2', '[1,2]', '["a"]',
  '{"a":1.5}', '{"a":1}', '[object Object]', 'straße', 'STRASSE', 'É', 'é', 'İ', 'ı', 'K', 'ﬁ',
  '😀', '\ud800', 'x\udc00', 'a\nb', 'a\r', 'distinct_id_1', 'user-7', 'constructor', '__proto__',
];

// prettier-ignore
export const numbers: readonly number[] = [
  0, -0, 1, 2, 5, 9, 10, 18, 100, 1000, -3, 1.5, 5.5, 9.99, 0.1 + 0.2, 1e-7, -0.5,
  1e21, 2 ** 53, 1_577_836_800_000,
];

// prettier-ignore
export const truths: readonly unknown[] = [
  true, false, 'true', 'false', 'TRUE', 'False', [], [true], [false], [true, false], ['true'],
  ['True', true], ['yes'], [[]], [[true]], null, 0, 1, 'yes', '',
];

/** Texts that some rule takes for each other and another does not. */
export const textFamilies: readonly (readonly string[])[] = [
  ['pro', 'Pro', 'PRO', 'o'],
  ['café', 'CAFÉ', 'é', 'É', 'caf'],
  ['straße', 'STRASSE', 'ß', 'ss'],
  ['İ', 'i', 'ı', 'I', 'i̇'],
  ['K', 'K', 'k'],
  ['5', '05', '5.0', '5 ', '55'],
  ['true', 'TRUE', 'True', 'tru'],
  ['null', 'NULL', 'nul'],
  ['["a"]', '[ "a" ]', 'a', '[null]'],
  ['{"a":1.5}', '{"A":1.5}', '{"a":1}', '{"b":"x","a":"y"}', '{"a":"y","b":"x"}'],
  ['alice@acme.com', '@acme.com', 'alice', 'ACME'],
];

/** Arrays and objects that JSON can carry. */
// prettier-ignore
export const structures: readonly unknown[] = [
  [], ['a'], ['a', 'b'], ['pro', 'free'], ['A'], [5], [1.5], ['a', 5], [5, 'a'], [null], ['5', 1.5],
  [1, 2], [1.5, 2.5], [['a']], [{ a: 1.5 }], {}, { a: 1.5 }, { a: 1 }, { b: 'x', a: 'y' },
  { a: { c: null, b: [true] } }, { '\uffff': 1.5, '😀': 2.5 }, { toString: 'x' }, ['\ud800', 'a'],
];

/** Texts of dates and of what is nearly one; relative ones count back from now. */
// prettier-ignore
export const dateTexts: readonly string[] = [
  '2024-01-01', '2022-05-01T00:00:00Z', '2024-02-29', '2020-03-31T12:00:00+02:00', '2020-01-29',
  '2024-01-01T00:00:00', '2023-12-31T23:59:59.999Z', 'Jan 5, 2021', '2021', '1999-12-31 UTC',
  '0h', '0m', '0y', '1h', '6h', '25h', '0d', '1d', '-1d', '01d', '13d', '30d', '2w', '1m', '-2m', '3m', '6m',
  '12m', '13m', '48m', '1y', '4y', '7y', '9999y', '9999d', '10000d', '300y',
  '+1d', ' 1d', '1.5d', '1D', '--1d', '1s', 'd', '1', '', 'not a date', '2024-13-01', '1d\n',
];

// prettier-ignore
export const versionTexts: readonly string[] = [
  '0', '1', '2', '10', '1.2', '0.2', '0.0', '1.2.3', '1.2.9', '1.3.0', '0.2.3', '0.3.0', '0.0.3',
  '0.0.4', '0.1.0', '2.0.0', '1.0.0', '10.0.0', 'v1.2.3', 'V2.0', 'vv1.0', ' 1.2.3 ', '1.2.3-beta.1',
  '1.2.3+build', '1-rc+5', '1.2.3.4', '1.2.3.x', '1.*', '1.2.*', '1.2.3.*', '*', 'v*', '1.x', '1.*.*',
  '1*', '1.2*', '01.2.3', '1.02.3', '1.2.03', '1.00', '', '.1', '1.', '1..3', '1.2.a', 'a', '-1', '+1',
  '99999999999999999999.1', '1.2.３', 'v',
];

/** Versions on both sides of the borders that `~`, `^` and `.*` draw. */
export const versionFamilies: readonly (readonly string[])[] = [
  ['0', '0.0.0', '0.0.1', '0.1', '1'],
  ['0.0.3', '0.0.4', '0.0.5', '0.0.*'],
  ['0.2', '0.2.3', '0.2.9', '0.3.0', '0.4', '0.2.*'],
  ['1', '1.2', '1.2.3', '1.2.9', '1.3.0', '2.0.0', '3'],
];

/** Patterns: portable, invalid and server-only. None can backtrack without bound. */
// prettier-ignore
export const patterns: readonly string[] = [
  '', 'a', '^a', 'a$', '^a.*b$', '[a-z]+@acme\\.com', '\\d+', '^\\d+$', '\\w+', '\\s', '[^a]', '(?:ab)+',
  'a{2}', 'a{2,}', 'a{0,2}b', 'a|b', '.', '^.$', '^$', '\\x61', '\\x6', '\\.', '[\\b]', '[\\w-]', '[a-]',
  '^(a|b)*$', '(a)(b)', '\\D', '\\S', '\\W', '\\v', '\\f', '\\n', '\\t', '\\r', '\\-', '\\ ', '[.]', '\\/',
  '^[^\\s]+$', 'a{1001}', 'a{0,1500}', ']', '}', 'a}', '{', 'x{1', 'a{,2}', '[\\d-x]', '[z-a]', '[', '(',
  '*a', 'a**', 'a{2}{3}', 'a{3,2}', '\\', '[]', '[^]', '()', '(|a)', '(a|)', '^^a', 'a$$', '^|b', '[$^]',
  'é', '(?=a)a', '(?!a)b', '(?<=a)b', '(?i)abc', '\\bfoo\\b', '\\Ba', '[\\B]', '(a)\\1', '\\p{L}', '\\u0061',
  '(?<n>a)', '[[a]]', '[a&&b]', '[a--b]', '[~~]', 'a++', 'a*+', 'a?+', '^*', '$+', '()*', '()?', '\\1', '\\0',
  '\\cA', '\\a', '\\z', '(?:)', '(?:)*', '(?:a|)+', 'null', 'true', '[object', '1,2', 'a{4294967296}',
  'a{1,4294967296}', '\x7f', '[\x7f]',
];

// prettier-ignore
export const patternSubjects: readonly string[] = [
  '', 'a', 'A', 'b', 'ab', 'aab', 'aaa', 'abab', 'ba', 'foo', 'foo bar', 'a foo', '12', 'a1', 'a-b', 'x{1',
  'alice@acme.com', '2024-01-01', 'a\nb', 'a\n', '\n', 'a\r', '\t', '\v', '\b', '\f', ' ', 'é', 'aé', ']', '}',
  'a.b', '/', '.', '_', '$', '^', '\\', 'null', 'B', '1,2', '\u00a0', '\u2028', '-', '+', 'a+',
];

// prettier-ignore
export const operatorsByKind: Readonly<Record<PropertyKind, readonly string[]>> = {
  text: [
    'exact', 'is_not', 'is_set', 'is_not_set', 'icontains', 'not_icontains',
    'starts_with', 'not_starts_with', 'ends_with', 'not_ends_with',
  ],
  number: ['gt', 'gte', 'lt', 'lte', 'exact', 'is_not'],
  truth: ['exact', 'is_not'],
  date: ['is_date_before', 'is_date_after'],
  version: [
    'semver_eq', 'semver_neq', 'semver_gt', 'semver_gte', 'semver_lt', 'semver_lte',
    'semver_tilde', 'semver_caret', 'semver_wildcard',
  ],
  pattern: ['regex', 'not_regex'],
};

/** Operators that no SDK knows, or knows in another place. */
// prettier-ignore
export const strangeOperators: readonly unknown[] = [
  'icontains_multi', 'not_icontains_multi', 'between', 'not_between', 'is_date_exact', 'frobnicate',
  'constructor', '__proto__', 'in', 'not_in', 'flag_evaluates_to', 'Exact', 5, true, null, '',
];

/** Names that every object inherits. */
export const inheritedNames: readonly string[] = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__proto__',
];

export const groupTypes: readonly string[] = ['company', 'project'];
export const groupKeys: readonly string[] = ['acme', 'globex', 'initech', 'üser', ''];
export const distinctIds: readonly string[] = [
  ...Array.from({ length: 24 }, (_, index) => `distinct_id_${index}`),
  'üser',
  '😀',
  'x'.repeat(201),
  '5',
  'true',
  ' ',
  'alice@acme.com',
  '\ud800',
];
export const deviceIds: readonly unknown[] = ['device-1', 'device-2', '', null, undefined, 5, 'dé'];

/**
 * What ordinary projects write, by kind: both sides draw from these when a case is to be
 * decided by how its parts are put together and not by a strange value.
 */
export const plainValues: Readonly<Record<PropertyKind, readonly unknown[]>> = {
  text: ['pro', 'free', 'acme', 'alice@acme.com', 'user-7'],
  number: ['10', '18.5', 18.5, 9.5, '100'],
  truth: [true, false, 'true'],
  date: ['2020-01-01', '2022-05-01T00:00:00Z', '2024-03-01', '2021-12-31T23:59:59+02:00'],
  version: ['1.2.3', '1.2', '2.0.0', 'v1.3.0', '0.9.1'],
  pattern: ['aab', 'foo bar', '2024', 'user-7', '/a/b'],
};

export const plainPatterns: readonly string[] = [
  '^a',
  '\\d+',
  'b$',
  '^(foo|user)',
  '[a-z]-[0-9]',
  '\\bfoo',
  '(?i)user',
];
export const plainRelativeDates: readonly string[] = ['30d', '1m', '-2w', '1y', '48m', '6h'];

/** The moments at which cases are evaluated: month ends, a leap day, the turn of a year. */
// prettier-ignore
export const moments: readonly number[] = [
  '2020-03-31T00:00:00Z', '2024-02-29T12:00:00Z', '2020-02-29T00:00:00Z', '2021-02-28T00:00:00Z',
  '2022-05-01T00:00:00Z', '2025-01-31T23:59:59.999Z',
  '2023-12-31T23:59:59.999Z', '2024-03-31T01:30:00Z', '2024-07-15T08:00:00Z', '2023-03-29T10:10:10.010Z',
].map((text) => Date.parse(text));
