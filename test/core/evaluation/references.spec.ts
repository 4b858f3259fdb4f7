import { describe, expect, it } from '@jest/globals';
import {
  deepestCohort,
  keysOfChain,
  referencesOfCohort,
  referencesOfFlag,
} from '../../../lib/core/evaluation/references.js';
import { flagWith } from './ask.js';

const plain = { key: 'plan', value: 'pro', type: 'person' };
const member = (value: unknown) => ({ type: 'cohort', value });
const dependent = { type: 'flag', key: 'b', value: true, dependency_chain: ['a', 'b'] };
const and = (...values: unknown[]) => ({ type: 'AND', values });
const withoutText = { toString: 'x' };

describe('a flag', () => {
  it('refers to the cohorts and the whole chains of all its conditions', () => {
    const flag = flagWith('f', { properties: [plain, dependent] }, { properties: [member(7)] });
    expect(referencesOfFlag(flag)).toEqual(['flag:a', 'flag:b', 'cohort:7']);
  });

  it.each([
    ['that is off', { active: false }],
    ['that only the server can decide', { ensure_experience_continuity: true }],
    ['whose filters all look at properties', { filters: { groups: [{ properties: [plain] }] } }],
    ['without filters', { filters: null }],
  ])('%s refers to nothing', (_which, rest) => {
    const flag = { ...flagWith('f', { properties: [member(7), dependent] }), ...rest };
    expect(referencesOfFlag(flag as Parameters<typeof referencesOfFlag>[0])).toEqual([]);
  });
});

describe('a cohort', () => {
  it('refers to what its groups refer to, at whatever depth', () => {
    const cohort = and(
      and(and(member(2)), plain),
      { type: 'OR', values: [dependent] },
      member('3'),
    );
    expect(new Set(referencesOfCohort(cohort))).toEqual(
      new Set(['cohort:2', 'flag:a', 'flag:b', 'cohort:3']),
    );
  });

  it.each([[undefined], [null], ['all'], [{}], [and()], [and(plain)], [{ values: member(2) }]])(
    'that holds none refers to nothing: %j',
    (cohort) => {
      expect(referencesOfCohort(cohort)).toEqual([]);
    },
  );

  it('is looked into as deep as it is compiled, and no deeper', () => {
    const nested = (depth: number) => {
      let group = and(member(2));
      for (let level = 0; level < depth; level++) group = and(group);
      return group;
    };
    expect(referencesOfCohort(nested(deepestCohort))).toEqual(['cohort:2']);
    expect(referencesOfCohort(nested(deepestCohort + 1))).toEqual([]);
  });
});

describe('what has no text', () => {
  it('names a flag or a cohort that cannot be there', () => {
    expect(keysOfChain(['a', 5, withoutText])).toEqual(['a', '5', '']);
    expect(referencesOfCohort(and(member(withoutText)))).toEqual(['cohort:']);
  });
});
