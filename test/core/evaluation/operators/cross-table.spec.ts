import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter } from '../ask.js';

const undecided = undefined;
type Answer = boolean | typeof undecided;
type Row = readonly [
  operator: string,
  wanted: unknown,
  given: unknown,
  legacy: Answer,
  version2: Answer,
];

/** Where PostHog's SDKs disagree with each other, these are the answers of posthog-node 5.70. */
describe('where the SDKs disagree, posthog-node and we say:', () => {
  const rows: Row[] = [
    ['exact', '5', 5, undecided, undecided],
    ['exact', 5, 5, undecided, undecided],
    ['exact', 5, '5', undecided, undecided],
    ['exact', ['5'], 5, undecided, undecided],
    ['exact', false, 'banana', true, false],
    ['exact', 'false', 'banana', true, false],
    ['exact', [], true, true, true],
    ['exact', [], [], true, true],
    ['exact', null, null, true, true],
    ['exact', 'null', null, true, true],
    ['exact', '{"a":1.5}', { a: 1.5 }, true, true],
    ['exact', 'straße', 'STRASSE', false, false],
    ['is_not', false, 'banana', false, true],
    ['is_set', undefined, null, true, true],
    ['is_not_set', undefined, null, false, false],
    ['is_not_set', undefined, '', false, false],
    ['icontains', 'É', 'é', false, false],
    ['icontains', 'NULL', null, true, true],
    ['icontains', 'object', {}, true, true],
    ['not_icontains', 'x', null, true, true],
    ['regex', '(?i)abc', 'ABC', undecided, undecided],
    ['regex', '\\bfoo\\b', 'foo', undecided, undecided],
    ['regex', '(?=a)a', 'a', undecided, undecided],
    ['regex', '(a)\\1', 'aa', undecided, undecided],
    ['regex', 'é', 'é', undecided, undecided],
    ['regex', 'a', 'é', undecided, undecided],
    ['regex', 'a', 'a\r', undecided, undecided],
    ['regex', 'null', null, true, true],
    ['regex', 'a$', 'a\n', false, false],
    ['is_date_after', '2022-05-01', Date.parse('2022-06-01'), true, true],
    ['is_date_before', '9999y', '2020-01-01', false, false],
    ['semver_wildcard', '1.*.*', '1.2.9', undecided, undecided],
    ['semver_wildcard', '1.2.3', '1.2.9', true, true],
    ['gt', 5, [6], true, true],
  ];
  it.each(rows)('%s %j, %j: %s, with version 2 %s', (operator, value, given, legacy, version2) => {
    expect(decision(operator, value, given)).toBe(legacy);
    expect(decision(operator, value, given, 2)).toBe(version2);
  });
});

function decision(operator: string, value: unknown, given: unknown, version?: number): Answer {
  const answer = answerOf(
    askFilter({ operator, value }, [given], version === undefined ? {} : { version }),
  );
  return typeof answer === 'boolean' ? answer : undecided;
}
