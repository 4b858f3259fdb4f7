/** One run serves one evaluation after another: nothing of one may be seen by the next. */
import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import { alice, answerOf, documentOf, flag, flagWith } from './ask.js';

const groupTypes = { group_type_mapping: { '0': 'company', '1': 'team' } };
const pro = { properties: [{ key: 'plan', value: 'pro' }] };
const dependsOn = (key: string) => ({
  properties: [{ key, type: 'flag', value: true, dependency_chain: [key] }],
});
const snapshot = compileFlagDefinitions(
  documentOf(
    [
      flagWith('person', pro),
      flag('company', { aggregation_group_type_index: 0, groups: [pro] }),
      flag('team', { aggregation_group_type_index: 1, groups: [pro] }),
      flag('device', { groups: [pro] }, { bucketing_identifier: 'device_id' }),
      flagWith('child', dependsOn('person')),
      flagWith('grandchild', dependsOn('child')),
    ],
    groupTypes,
  ),
);
const plan = (value: string) => ({ plan: value });
const rich = {
  distinctId: 'rich',
  personProperties: { plan: 'pro', $device_id: 'd' },
  groups: { company: 'acme', team: 'core' },
  groupProperties: { company: plan('pro'), team: plan('pro') },
};

describe('given an evaluation before it', () => {
  it.each([
    ['person', 'missing_context'],
    ['company', false],
    ['team', false],
    ['device', 'missing_context'],
    ['child', 'unresolved_dependency'],
  ])('%s knows nothing of that context', (key, answer) => {
    expect(answerOf(snapshot.evaluate(key, rich))).toBe(true);
    expect(answerOf(snapshot.evaluate(key, alice))).toBe(answer);
    expect(answerOf(snapshot.evaluate(key, rich))).toBe(true);
  });

  it('each group is read as the context names it now', () => {
    const only = (type: string) => ({
      ...rich,
      groups: { [type]: 'acme' },
      groupProperties: { [type]: plan('pro') },
    });
    expect(snapshot.evaluate('company', only('company')).value).toBe(true);
    expect(snapshot.evaluate('team', only('company')).value).toBe(false);
    expect(snapshot.evaluate('team', only('team')).value).toBe(true);
    expect(snapshot.evaluate('company', only('team')).value).toBe(false);
  });

  it('a context that could not be read is forgotten, too', () => {
    const broken = {
      distinctId: 'a',
      get personProperties(): never {
        throw new Error('not today');
      },
    };
    expect(snapshot.evaluate('person', broken).reason).toBe('evaluation_error');
    expect(snapshot.evaluate('person', rich).value).toBe(true);
    expect(snapshot.evaluate('person', { distinctId: '' }).reason).toBe('missing_distinct_id');
    expect(snapshot.evaluate('grandchild', rich).value).toBe(true);
  });
});

describe('given an evaluation within it', () => {
  it('has the answer for its own context, as has the one within', () => {
    const inner: unknown[] = [];
    const curious = {
      distinctId: 'curious',
      personProperties: {
        get plan() {
          inner.push(
            snapshot.evaluate('grandchild', { ...rich, personProperties: plan('free') }).value,
          );
          inner.push(snapshot.evaluate('company', rich).value);
          return 'pro';
        },
      },
    };
    expect(snapshot.evaluate('grandchild', curious).value).toBe(true);
    expect(inner).toEqual([false, true]);
    expect(snapshot.evaluate('company', curious).value).toBe(false);
  });

  it('a view keeps its context', () => {
    const view = snapshot.evaluateAll(rich);
    expect(snapshot.evaluate('person', alice).value).toBeUndefined();
    const values: unknown[] = [];
    view.forEach(({ value }, key) => values.push([key, value]));
    expect(values).toEqual(snapshot.keys.map((key) => [key, true]));
    expect(Array.from(view, ([key, { value }]) => [key, value])).toEqual(values);
  });
});

describe('a cohort within a cohort', () => {
  const inCohort = (value: number) => ({ key: 'id', type: 'cohort', operator: 'in', value });
  const all = (...values: object[]) => ({ type: 'AND', values });
  const nested = compileFlagDefinitions({
    ...documentOf(
      [
        flagWith('person', { properties: [inCohort(1)] }),
        flag('company', {
          aggregation_group_type_index: 0,
          groups: [{ properties: [inCohort(1)] }],
        }),
      ],
      groupTypes,
    ),
    cohorts: { 1: all(inCohort(2)), 2: all(inCohort(3)), 3: all(pro.properties[0] ?? {}) },
  });
  const on = (context: object, key = 'person') =>
    nested.evaluate(key, { distinctId: 'anyone', ...context }).value;
  const free = { personProperties: plan('free') };

  it('answers each person for himself', () => {
    const paying = { personProperties: plan('pro') };
    expect([on(free), on(paying), on(free), on(paying)]).toEqual([false, true, false, true]);
  });

  it('answers the person and the group of one context each for itself', () => {
    const both = {
      ...free,
      groups: { company: 'acme' },
      groupProperties: { company: plan('pro') },
    };
    const view = nested.evaluateAll({ distinctId: 'anyone', ...both });
    expect(view.toJSON()).toEqual({ person: false, company: true });
    expect([on(both), on(both, 'company'), on(both)]).toEqual([false, true, false]);
  });

  it('answers two views in turn', () => {
    const views = ['pro', 'free'].map((value) =>
      nested.evaluateAll({ distinctId: 'anyone', personProperties: plan(value) }),
    );
    expect(views.map((view) => view.get('person')?.value)).toEqual([true, false]);
  });
});
