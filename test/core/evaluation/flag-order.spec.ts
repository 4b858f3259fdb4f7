import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import { answerOf, compat, documentOf, evaluate, flag, type Loose } from './ask.js';

const everybody = { groups: [{}] };
const heldOut = { ...everybody, holdout: { id: 7, exclusion_percentage: 100 } };
const groupTypes = { group_type_mapping: { 0: 'company', 1: '' } };
const acme: EvaluationContext = { distinctId: 'alice', groups: { company: 'acme' } };

describe('a flag', () => {
  it('is on for everybody when a condition asks for nothing', () => {
    expect(evaluate(documentOf([flag('f', everybody)]), 'f')).toEqual({
      key: 'f',
      value: true,
      enabled: true,
      variant: undefined,
      payload: undefined,
      reason: 'condition_match',
      conditionIndex: 0,
      origin: 'local',
      revision: 0,
    });
  });

  it.each([[{}], [{ groups: [] }], [{ groups: null }], [null], [undefined]])(
    'without conditions is off: %j',
    (filters) => {
      const definition = flag('f', {}, { filters });
      expect(answerOf(evaluate(documentOf([definition]), 'f'))).toBe(false);
      expect(evaluate(documentOf([definition]), 'f')).toMatchObject({
        enabled: false,
        variant: undefined,
        reason: 'no_condition_match',
      });
    },
  );

  it.each([[false], [undefined], [null], [0]])('that is not active is off: %p', (active) => {
    const definition = flag('f', heldOut, { active, ensure_experience_continuity: true });
    expect(evaluate(documentOf([definition]), 'f')).toMatchObject({
      value: false,
      reason: 'disabled',
      conditionIndex: undefined,
    });
  });

  it('that keeps its value across log-in is unresolved before anything else is looked at', () => {
    const definition = flag('f', heldOut, { ensure_experience_continuity: true });
    expect(answerOf(evaluate(documentOf([definition]), 'f'))).toBe('experience_continuity');
  });

  it('puts the holdout before the conditions', () => {
    expect(evaluate(documentOf([flag('f', { ...heldOut, groups: [] })]), 'f')).toMatchObject({
      value: 'holdout-7',
      variant: 'holdout-7',
      enabled: true,
      reason: 'holdout_condition_value',
    });
  });

  it('carries the revision of its definitions', () => {
    const snapshot = compileFlagDefinitions(documentOf([flag('f', everybody)]), { revision: 42 });
    expect(snapshot.revision).toBe(42);
    expect(snapshot.evaluate('f', acme).revision).toBe(42);
    expect(snapshot.evaluate('missing', acme).revision).toBe(42);
  });
});

describe('a holdout', () => {
  const row = (exclusion: unknown, id: unknown = 7) =>
    answerOf(
      evaluate(documentOf([flag('f', { holdout: { id, exclusion_percentage: exclusion } })]), 'f', {
        distinctId: 'distinct_id_0',
      }),
    );

  it('includes an id up to its own position', () => {
    expect(row(65.6)).toBe(false);
    expect(row(65.7)).toBe('holdout-7');
    expect(row('65.7')).toBe('holdout-7');
  });

  it.each([
    [1000, 'holdout-7'],
    [100, 'holdout-7'],
    [0, false],
    [-5, false],
    ['abc', false],
    [null, false],
    [undefined, false],
    [{}, false],
    [Infinity, false],
  ])('of %p per cent', (exclusion, answer) => {
    expect(row(exclusion)).toBe(answer);
  });

  it('includes an id exactly on its border', () => {
    // A hundredth of it is exactly the position of this id.
    const holdout = { id: 7, exclusion_percentage: 53.715222748992915 };
    const context = { distinctId: 'distinct_id_1' };
    expect(answerOf(evaluate(documentOf([flag('f', { holdout })]), 'f', context))).toBe(
      'holdout-7',
    );
  });

  it('needs an id', () => {
    expect(row(100, null)).toBe(false);
    expect(row(100, { toString: 'x' })).toBe('holdout-');
    const anonymous = flag('f', { holdout: { exclusion_percentage: 100 } });
    expect(answerOf(evaluate(documentOf([anonymous]), 'f'))).toBe(false);
    expect(answerOf(evaluate(documentOf([flag('f', { holdout: 5 })]), 'f'))).toBe(false);
  });

  it('is hashed by the group for a flag of groups', () => {
    const definition = flag('f', { ...heldOut, aggregation_group_type_index: 0 });
    const definitions = documentOf([definition], groupTypes);
    expect(answerOf(evaluate(definitions, 'f', acme))).toBe('holdout-7');
    expect(answerOf(evaluate(definitions, 'f'))).toBe(false);
  });
});

describe('a flag for groups', () => {
  const rollout = { groups: [{ rollout_percentage: 50 }], aggregation_group_type_index: 0 };
  const ask = (context: EvaluationContext, filters: Loose<object> = rollout, more = groupTypes) =>
    evaluate(documentOf([flag('beta', filters)], more), 'beta', context);

  it('hashes the key of the group, not the person', () => {
    const values = Array.from({ length: 40 }, (_, index) =>
      ask({ distinctId: `person ${index}`, groups: { company: 'acme' } }),
    );
    expect(new Set(values.map(answerOf)).size).toBe(1);
    const groups = Array.from({ length: 40 }, (_, index) =>
      ask({ distinctId: 'alice', groups: { company: `company ${index}` } }),
    );
    expect(new Set(groups.map(answerOf))).toEqual(new Set([true, false]));
  });

  it('is off, and needs no server, when the context names no group of its type', () => {
    expect(ask({ distinctId: 'alice' })).toMatchObject({ value: false, reason: 'no_group_type' });
    expect(ask({ distinctId: 'alice', groups: { team: 'a' } }).reason).toBe('no_group_type');
  });

  it('is told from one that no condition matches, whichever was met first', () => {
    const nobody = { aggregation_group_type_index: 0, groups: [] };
    const snapshot = compileFlagDefinitions(documentOf([flag('f', nobody)], groupTypes));
    const contexts = [acme, { distinctId: 'alice' }, acme];
    expect(contexts.map((context) => snapshot.evaluate('f', context).reason)).toEqual([
      'no_condition_match',
      'no_group_type',
      'no_condition_match',
    ]);
  });

  it('of a type whose name is no text is unresolved', () => {
    const context = { distinctId: 'alice', groups: { 5: 'acme' } };
    const odd = { group_type_mapping: { 0: 5 } };
    expect(answerOf(ask(context, rollout, odd as never))).toBe('unsupported_definition');
  });

  it.each([[2], [1], ['constructor']])('of an unknown type is unresolved: %p', (index) => {
    const filters = { ...rollout, aggregation_group_type_index: index };
    expect(answerOf(ask(acme, filters))).toBe('unsupported_definition');
  });

  it('reads the properties of the group, and its key', () => {
    const asking = (key: string, value: string) => ({
      aggregation_group_type_index: 0,
      groups: [{ properties: [{ key, value, type: 'group' }] }],
    });
    const context = {
      ...acme,
      personProperties: { plan: 'free' },
      groupProperties: { company: { plan: 'pro' } },
    };
    expect(answerOf(ask(context, asking('plan', 'pro')))).toBe(true);
    expect(answerOf(ask(context, asking('$group_key', 'acme')))).toBe(true);
    expect(answerOf(ask(context, asking('distinct_id', 'alice')))).toBe('missing_context');
    expect(answerOf(ask(acme, asking('$group_key', 'acme')))).toBe(true);
    expect(answerOf(ask(acme, asking('plan', 'pro')))).toBe('missing_context');
    const own = { ...acme, groupProperties: { company: { $group_key: 'other' } } };
    expect(answerOf(ask(own, asking('$group_key', 'other')))).toBe(true);
  });

  it('takes a key that is no text by its text', () => {
    const groups = { company: 5 } as unknown as Record<string, string>;
    expect(answerOf(ask({ distinctId: 'a', groups }))).toBe(
      answerOf(ask({ distinctId: 'a', groups: { company: '5' } })),
    );
  });

  it('reads either spelling of the group types, snake_case first', () => {
    const camel = { groupTypeMapping: { 0: 'company' } };
    expect(answerOf(ask(acme, rollout, camel as never))).toBe(answerOf(ask(acme)));
    const both = { group_type_mapping: { 0: 'team' }, groupTypeMapping: { 0: 'company' } };
    expect(ask(acme, rollout, both as never).reason).toBe('no_group_type');
  });

  it('takes no notice of a device', () => {
    const definition = flag('beta', rollout, { bucketing_identifier: 'device_id' });
    expect(answerOf(evaluate(documentOf([definition], groupTypes), 'beta', acme))).toBe(
      answerOf(ask(acme)),
    );
  });
});

describe('a flag bucketed by device', () => {
  const definition = (...properties: object[]) =>
    flag(
      'beta',
      { groups: [{ rollout_percentage: 50, properties }] },
      { bucketing_identifier: 'device_id' },
    );
  const ask = (personProperties: Record<string, unknown>, distinctId = 'alice') =>
    answerOf(
      evaluate(documentOf([definition()]), 'beta', { distinctId, personProperties }, compat),
    );

  it('gives one device one answer, whoever uses it', () => {
    for (let device = 0; device < 20; device++) {
      const answers = ['alice', 'bob', 'carol', 'dave'].map((id) =>
        ask({ $device_id: `d${device}` }, id),
      );
      expect(new Set(answers).size).toBe(1);
    }
    expect(ask({ $device_id: 5 })).toBe(ask({ $device_id: '5' }));
  });

  it('still reads the properties of the person', () => {
    const personProperties = { $device_id: 'd', plan: 'pro' };
    const asked = documentOf([
      flag(
        'f',
        { groups: [{ properties: [{ key: 'distinct_id', value: 'alice' }] }] },
        { bucketing_identifier: 'device_id' },
      ),
    ]);
    expect(answerOf(evaluate(asked, 'f', { distinctId: 'alice', personProperties }))).toBe(true);
  });

  it.each([[{}], [{ $device_id: null }], [{ $device_id: undefined }], [{ $device_id: '' }]])(
    'is unresolved without one: %j',
    (properties) => {
      expect(ask(properties)).toBe('missing_context');
    },
  );

  it.each([[null], [undefined]])('is no more than that when its rules are %p', (filters) => {
    const bare = flag('f', {}, { filters, bucketing_identifier: 'device_id' });
    expect(answerOf(evaluate(documentOf([bare]), 'f'))).toBe('missing_context');
  });

  it.each([
    [{ key: 'p', operator: 'between', value: 1 }, 'unsupported_definition'],
    [{ key: 'p', operator: 'exact', value: 'a' }, 'missing_context'],
    [{ key: 'p', operator: 'exact', value: 5 }, 'unsupported_definition'],
    [{ key: 'p', operator: 'semver_eq', value: { toString: 'x' } }, 'evaluation_error'],
    [{ type: 'cohort', value: 1 }, 'missing_context'],
    [{ type: 'cohort', value: 2 }, 'unsupported_definition'],
    [{ type: 'cohort', value: 3 }, 'unsupported_definition'],
    [{ type: 'cohort', value: { toString: 'x' } }, 'evaluation_error'],
    [{ type: 'cohort', value: 4 }, 'evaluation_error'],
    [{ type: 'cohort', value: 5 }, 'unsupported_definition'],
    [{ type: 'flag', key: 'beta', value: true }, 'unsupported_definition'],
    [{ type: 'flag', key: 'g', value: true, dependency_chain: ['g'] }, 'missing_context'],
    [{ type: 'flag', key: 'g', value: true, dependency_chain: ['x'] }, 'unsupported_definition'],
  ])('names what else stands in the way: %j', (filter, reason) => {
    const leaf = { key: 'p', value: 'a' };
    const cohorts = {
      1: {
        type: 'AND',
        values: [
          { type: 'OR', values: [leaf] },
          { type: 'OR', values: [] },
        ],
      },
      2: { type: 'AND', values: [leaf, { type: 'cohort', value: 1 }, { key: 'p', operator: '?' }] },
      4: { type: 'AND', values: [null] },
      5: { type: 'AND', values: [{ type: 'OR', values: [{ key: 'p', operator: '?' }] }] },
    };
    const flags = [definition({ type: 'cohort', value: 1 }, filter), flag('g')];
    expect(answerOf(evaluate(documentOf(flags, { cohorts }), 'beta', undefined, compat))).toBe(
      reason,
    );
  });
});

describe('of two parts that stand in the way', () => {
  const unsupported = { key: 'p', operator: 'between', value: 1 };
  const unreadable = { key: 'p', operator: 'semver_eq', value: { toString: 'x' } };
  const ask = (...properties: object[]) => {
    const rest = { bucketing_identifier: 'device_id' };
    const cohorts = { 1: { type: 'AND', values: properties } };
    const direct = documentOf([flag('f', { groups: [{ properties }] }, rest)]);
    const member = { groups: [{ properties: [{ type: 'cohort', value: 1 }] }] };
    const inCohort = documentOf([flag('f', member, rest)], { cohorts });
    return [direct, inCohort].map((definitions) => answerOf(evaluate(definitions, 'f')));
  };

  it('the first is named', () => {
    expect(ask(unsupported, unreadable)).toEqual(Array(2).fill('unsupported_definition'));
    expect(ask(unreadable, unsupported)).toEqual(Array(2).fill('evaluation_error'));
  });
});

describe('what only the server evaluates', () => {
  const condition = { groups: [{}] };
  it.each([
    ['super groups', { super_groups: [{}] }, {}],
    ['the old holdout groups', { holdout_groups: [{}] }, {}],
    ['early access', { feature_enrollment: true }, {}],
    ['rules of version 2', { version: 2 }, {}],
    ['rules of a version to come', { version: '3' }, {}],
    ['encrypted payloads', {}, { has_encrypted_payloads: true }],
  ])('is left to it, and guessed with compat only: %s', (_name, filters, rest) => {
    const definitions = documentOf([
      flag('f', { ...condition, ...filters }, rest),
      flag('g', {
        groups: [
          { properties: [{ type: 'flag', key: 'f', value: true, dependency_chain: ['f'] }] },
          {},
        ],
      }),
    ]);
    expect(answerOf(evaluate(definitions, 'f'))).toBe('unsupported_definition');
    expect(answerOf(evaluate(definitions, 'g'))).toBe('unresolved_dependency');
    expect(answerOf(evaluate(definitions, 'f', undefined, compat))).toBe(true);
    expect(answerOf(evaluate(definitions, 'g', undefined, compat))).toBe(true);
  });

  it.each([
    { super_groups: [] },
    { super_groups: null },
    { holdout_groups: [] },
    { feature_enrollment: false },
    { version: 1 },
    { version: null },
  ])('does not stand in the way when it is empty: %j', (filters) => {
    const definitions = documentOf([flag('f', { ...condition, ...filters })]);
    expect(answerOf(evaluate(definitions, 'f'))).toBe(true);
  });
});
