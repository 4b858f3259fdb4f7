import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { FlagDefinition } from '../../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import type {
  ExplainOptions,
  FlagExplanation,
} from '../../../lib/core/evaluation/flag-explanation.js';
import { summarize } from '../../../lib/core/evaluation/explanation-summary.js';
import type { EvaluationReason } from '../../../lib/core/evaluation/flag-evaluation.js';
import { alice, compat, documentOf, flag, flagWith } from './ask.js';

const context: EvaluationContext = {
  distinctId: 'distinct_id_0',
  personProperties: { plan: 'pro' },
};
const pro = { key: 'plan', value: 'pro', type: 'person' };
const free = { key: 'plan', value: 'free', type: 'person' };
const missing = { key: 'absent', operator: 'icontains', value: 'x', type: 'person' };

function explain(
  definition: FlagDefinition,
  options: ExplainOptions = {},
  given: EvaluationContext = context,
  rest: object = {},
): FlagExplanation {
  const definitions = documentOf([definition, flagWith('other', {})], rest);
  return compileFlagDefinitions(definitions, compat).explain(definition.key, given, options);
}

describe('an explanation', () => {
  it('tells condition by condition what each filter said', () => {
    const groups = [
      { properties: [free, missing], description: 'free plans' },
      { properties: [pro], rollout_percentage: 10 },
      { properties: [pro], rollout_percentage: 90 },
      {},
    ];
    expect(explain(flag('simple-flag', { groups }))).toEqual({
      key: 'simple-flag',
      evaluation: expect.objectContaining({ value: true, conditionIndex: 2 }) as unknown,
      bucketing: { by: 'distinct_id' },
      summary:
        '"simple-flag" is on: condition 3 matched, and this id is within its rollout of 90 % (bucket 78.37).',
      conditions: [
        {
          index: 0,
          outcome: 'no_match',
          description: 'free plans',
          filters: [
            {
              kind: 'property',
              key: 'plan',
              operator: 'exact',
              expected: 'free',
              actual: '[redacted]',
              outcome: 'no',
            },
            {
              kind: 'property',
              key: 'absent',
              operator: 'icontains',
              expected: 'x',
              outcome: 'unknown',
              reason: 'missing_context',
            },
          ],
        },
        {
          index: 1,
          outcome: 'out_of_rollout',
          rollout: { percentage: 10, bucket: 78.36963764220431, included: false },
          filters: [expect.objectContaining({ key: 'plan', outcome: 'yes' }) as unknown],
        },
        {
          index: 2,
          outcome: 'match',
          rollout: { percentage: 90, bucket: 78.36963764220431, included: true },
          filters: [expect.objectContaining({ key: 'plan', outcome: 'yes' }) as unknown],
        },
        { index: 3, outcome: 'not_reached', filters: [] },
      ],
    });
  });

  it('shows the values of properties only when it is asked to', () => {
    const definition = flagWith('f', { properties: [pro, missing] });
    const secret = { distinctId: 'a', personProperties: { plan: 'a secret plan' } };
    expect(JSON.stringify(explain(definition, {}, secret))).not.toContain('secret');
    const shown = explain(definition, { showValues: true }, secret);
    expect(shown.conditions[0]?.filters[0]?.actual).toBe('a secret plan');
    expect(shown.conditions[0]?.filters[1]).not.toHaveProperty('actual');
    expect(shown.summary).not.toContain('secret');
    const id = flagWith('f', { properties: [{ key: 'distinct_id', value: 'b' }] });
    const [filter] = explain(id, { showValues: true }, secret).conditions[0]?.filters ?? [];
    expect(filter?.actual).toBe('a');
  });

  it('leaves out a value that throws when it is read', () => {
    const personProperties = {
      get plan(): string {
        throw new Error('no');
      },
    };
    const given = { distinctId: 'a', personProperties };
    const shown = explain(flagWith('f', { properties: [pro] }), { showValues: true }, given);
    expect(shown.conditions[0]?.filters[0]).toMatchObject({
      outcome: 'unknown',
      reason: 'evaluation_error',
    });
    expect(shown.conditions[0]?.filters[0]).not.toHaveProperty('actual');
  });

  it('shows a filter that cannot even be read as one that failed', () => {
    const unreadable = { type: 'cohort', key: 'id', value: { toString: 'x' } };
    const { conditions } = explain(flagWith('f', { properties: [unreadable] }));
    expect(conditions[0]?.filters).toEqual([
      expect.objectContaining({
        kind: 'property',
        key: 'id',
        outcome: 'unknown',
        reason: 'evaluation_error',
      }),
    ]);
  });

  it.each(['icontains', 'regex', 'gt', 'semver_eq', 'is_date_after'])(
    'shows a filter whose value has no text as one that failed: %s',
    (operator) => {
      const filter = { ...pro, operator, value: { toString: 'x' } };
      const { conditions } = explain(flagWith('f', { properties: [filter] }));
      expect(conditions[0]?.filters).toMatchObject([
        { key: 'plan', outcome: 'unknown', reason: 'evaluation_error' },
      ]);
    },
  );

  it('opens a cohort of which a property throws when it is read', () => {
    const cohorts = { 1: { type: 'AND', values: [free, pro] } };
    const personProperties = {
      get plan(): string {
        throw new Error('no');
      },
    };
    const member = { type: 'cohort', key: 'id', value: 1 };
    const given = { distinctId: 'a', personProperties };
    const { conditions } = explain(flagWith('f', { properties: [member] }), {}, given, { cohorts });
    const failed = { outcome: 'unknown', reason: 'evaluation_error' };
    expect(conditions).toMatchObject([
      {
        outcome: 'unresolved',
        filters: [
          {
            kind: 'cohort',
            ...failed,
            parts: [{ kind: 'group', ...failed, parts: [failed, failed] }],
          },
        ],
      },
    ]);
  });

  it('says that the device is hashed, not the person', () => {
    const definition = flag('f', { groups: [{}] }, { bucketing_identifier: 'device_id' });
    const given = { distinctId: 'a', personProperties: { $device_id: 'd' } };
    expect(explain(definition, {}, given).bucketing).toEqual({ by: 'device_id' });
  });

  it('shows the ranges of the variants and where the id fell', () => {
    const variants = [
      { key: 'a', rollout_percentage: 50 },
      { key: 'b', rollout_percentage: 50 },
    ];
    const definition = flag('multivariate-flag', { groups: [{}], multivariate: { variants } });
    const { variants: shown, summary } = explain(definition);
    expect(shown).toEqual({
      bucket: 61.86454537930379,
      ranges: [
        { key: 'a', from: 0, to: 50 },
        { key: 'b', from: 50, to: 100 },
      ],
    });
    expect(summary).toBe(
      '"multivariate-flag" is "b": condition 1 matched; its variant bucket 61.86 lies between 50 and 100.',
    );
  });

  it('says when the variants do not reach the id, or no condition matched', () => {
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 5 }] };
    const beyond = explain(flag('multivariate-flag', { groups: [{}], multivariate }));
    expect(beyond.summary).toBe(
      '"multivariate-flag" is on: condition 1 matched; its variant bucket 61.86 lies beyond all variants.',
    );
    const none = explain(flag('f', { groups: [{ properties: [free] }], multivariate }));
    expect(none.variants?.bucket).toBeUndefined();
    const out = explain(flag('f', { groups: [{ rollout_percentage: 0 }], multivariate }));
    expect(out.variants?.bucket).toBeUndefined();
  });

  it('shows where whom the matching condition looked at fell among the variants', () => {
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 100 }] };
    const groups = [{ aggregation_group_type_index: 0, properties: [free] }, {}];
    const definition = flag('multivariate-flag', { groups, multivariate });
    const given = {
      ...context,
      groups: { company: 'acme' },
      groupProperties: { company: { plan: 'pro' } },
    };
    const types = { group_type_mapping: { 0: 'company' } };
    expect(explain(definition, {}, given, types).variants?.bucket).toBe(61.86454537930379);
  });

  it('goes on after a condition that is unresolved, and ends where the server is needed', () => {
    const outcomesOf = (...groups: object[]) =>
      explain(flag('f', { groups })).conditions.map(({ outcome }) => outcome);
    expect(outcomesOf({ properties: [missing] }, {})).toEqual(['unresolved', 'match']);
    const server = { type: 'cohort', key: 'id', value: 9 };
    expect(outcomesOf({ properties: [server] }, {})).toEqual(['unresolved', 'not_reached']);
  });

  it('reaches no condition without somebody to look at', () => {
    const definition = flag('f', { groups: [{}], aggregation_group_type_index: 0 });
    const types = { group_type_mapping: { 0: 'company' } };
    expect(explain(definition, {}, context, types).conditions).toEqual([
      { index: 0, outcome: 'not_reached', filters: [] },
    ]);
  });

  it('does not name what a condition does not have', () => {
    const [condition] = explain(flag('f', { groups: [{ description: 5 }] })).conditions;
    expect(Object.keys(condition ?? {})).toEqual(['index', 'filters', 'outcome']);
  });

  it('says which variant a condition prescribes', () => {
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 5 }] };
    const { conditions, summary } = explain(
      flag('f', { groups: [{ variant: 'a' }], multivariate }),
    );
    expect(conditions[0]?.variantOverride).toBe('a');
    expect(summary).toBe('"f" is "a": condition 1 matched; it prescribes the variant.');
  });

  it('opens cohorts down to their leaves', () => {
    const cohorts = {
      1: { type: 'AND', values: [{ type: 'OR', values: [free, { ...pro, negation: true }] }] },
      2: {
        type: 'AND',
        values: [
          { type: 'cohort', key: 'id', value: 1 },
          { ...missing, negation: true },
        ],
      },
    };
    const member = { type: 'cohort', key: 'id', value: 2, operator: 'not_in' };
    const { conditions } = explain(flagWith('f', { properties: [member] }), {}, context, {
      cohorts,
    });
    expect(conditions[0]?.filters).toEqual([
      {
        kind: 'cohort',
        key: '2',
        operator: 'not_in',
        outcome: 'yes',
        parts: [
          expect.objectContaining({
            kind: 'group',
            key: 'AND',
            operator: 'all',
            outcome: 'no',
            parts: [
              {
                kind: 'cohort',
                key: '1',
                operator: 'in',
                outcome: 'no',
                parts: [
                  {
                    kind: 'group',
                    key: 'AND',
                    operator: 'all',
                    outcome: 'no',
                    parts: [
                      {
                        kind: 'group',
                        key: 'OR',
                        operator: 'any',
                        outcome: 'no',
                        parts: [
                          expect.objectContaining({ expected: 'free', outcome: 'no' }),
                          expect.objectContaining({
                            expected: 'pro',
                            negated: true,
                            outcome: 'no',
                          }),
                        ],
                      },
                    ],
                  },
                ],
              },
              expect.objectContaining({ key: 'absent', negated: true, outcome: 'unknown' }),
            ],
          }),
        ],
      },
    ]);
  });

  it('shows cohorts of nobody and of everybody', () => {
    const cohorts = { 1: { type: 'OR', values: [] }, 2: {}, 3: { type: 'OR', values: [pro] } };
    const properties = [1, 2, 3].map((value) => ({ type: 'cohort', key: 'id', value }));
    const { conditions } = explain(flagWith('f', { properties }), {}, context, { cohorts });
    expect(conditions[0]?.filters.map(({ parts }) => parts?.[0])).toMatchObject([
      { key: 'OR', operator: 'any', outcome: 'no', parts: [] },
      { key: 'AND', operator: 'all', outcome: 'yes', parts: [] },
      { key: 'OR', operator: 'any', outcome: 'yes', parts: [{ key: 'plan' }] },
    ]);
  });

  it('says that a static cohort is with the server, and has no parts to show', () => {
    const member = { type: 'cohort', key: 'id', value: 9 };
    const { conditions, summary } = explain(flagWith('f', { properties: [member] }, {}));
    expect(conditions).toEqual([
      {
        index: 0,
        outcome: 'unresolved',
        reason: 'unsupported_definition',
        filters: [
          {
            kind: 'cohort',
            key: '9',
            operator: 'in',
            outcome: 'unknown',
            reason: 'unsupported_definition',
          },
        ],
      },
      { index: 1, outcome: 'not_reached', filters: [] },
    ]);
    expect(summary).toBe(
      '"f" is unresolved: condition 1 uses something that only the server can evaluate.',
    );
  });

  it('shows what another flag is', () => {
    const depends = (key: string) => ({
      type: 'flag',
      key,
      value: true,
      dependency_chain: [key],
    });
    const properties = [depends('other'), depends('missing')];
    const { conditions } = explain(flagWith('f', { properties }));
    expect(conditions[0]?.filters).toEqual([
      {
        kind: 'flag',
        key: 'other',
        operator: 'flag_evaluates_to',
        expected: true,
        actual: true,
        outcome: 'yes',
      },
      {
        kind: 'flag',
        key: 'missing',
        operator: 'flag_evaluates_to',
        expected: true,
        outcome: 'unknown',
        reason: 'unsupported_definition',
      },
    ]);
  });

  it('does not unfold cohorts without bound', () => {
    const cohorts: Record<number, object> = { 1: { type: 'AND', values: [pro] } };
    for (let id = 2; id < 60; id++) {
      const inner = { type: 'cohort', key: 'id', value: id - 1 };
      cohorts[id] = { type: 'AND', values: [inner, inner] };
    }
    const member = { type: 'cohort', key: 'id', value: 59 };
    const explanation = explain(flagWith('f', { properties: [member] }), {}, context, { cohorts });
    expect(explanation.evaluation.value).toBe(true);
    expect(JSON.stringify(explanation).length).toBeLessThan(500_000);
  });

  it('explains early exit and skipped conditions', () => {
    const groups = [{ aggregation_group_type_index: 3 }, { rollout_percentage: 10 }, {}];
    const { conditions, summary } = explain(flag('simple-flag', { groups, early_exit: true }));
    expect(conditions.map(({ outcome }) => outcome)).toEqual([
      'skipped',
      'out_of_rollout',
      'not_reached',
    ]);
    expect(conditions[0]?.filters).toEqual([]);
    expect(summary).toBe(
      '"simple-flag" is off: condition 2 matched, but its rollout of 10 % (bucket 78.37) leaves this id out.',
    );
  });
});

describe('the summary', () => {
  const groupTypes = { group_type_mapping: { 0: 'company' } };
  const heldOut = { id: 7, exclusion_percentage: 70 };
  it.each([
    [flagWith('f', {}), '"f" is on: condition 1 matched.'],
    [flag('f'), '"f" is off: it has no conditions that could let anybody in.'],
    [
      flagWith('f', { properties: [free] }, { properties: [free] }),
      '"f" is off: none of its conditions (2) matched.',
    ],
    [flag('f', {}, { active: false }), '"f" is off: the flag is not active.'],
    [
      flag('f', { groups: [{}], holdout: heldOut }),
      '"f" is "holdout-7": this id belongs to its holdout of 70 % (bucket 65.61).',
    ],
    [
      flag('f', { groups: [{}], aggregation_group_type_index: 0 }),
      '"f" is off: it looks at groups of the type "company", and the context names none.',
    ],
    [
      flagWith('f', { properties: [missing] }),
      '"f" is unresolved: condition 1 needs a property that the context does not have, or that has no comparable value.',
    ],
    [
      flag('f', { groups: [{}] }, { bucketing_identifier: 'device_id' }),
      '"f" is unresolved: the flag needs a property that the context does not have, or that has no comparable value.',
    ],
    [
      flagWith('f', {
        properties: [{ type: 'flag', key: 'lost', value: true, dependency_chain: ['lost'] }],
      }),
      '"f" is unresolved: condition 1 depends on a flag that is itself unresolved.',
    ],
    [
      flag('f', { groups: [{}] }, { ensure_experience_continuity: true }),
      '"f" is unresolved: the flag keeps its value across log-in, which only the server can know.',
    ],
    [
      flagWith('f', {
        properties: [{ key: 'plan', operator: 'icontains', value: { toString: 1 } }],
      }),
      '"f" is unresolved: reading the context failed, e.g. because a getter threw.',
    ],
  ])('of %j', (definition, sentence) => {
    const lost = { ...flagWith('lost', {}), ensure_experience_continuity: true };
    const snapshot = compileFlagDefinitions(documentOf([definition, lost], groupTypes));
    expect(snapshot.explain('f', context).summary).toBe(sentence);
  });

  it('makes do with the evaluation when the context cannot be read a second time', () => {
    const readOnce = (filters: object) => {
      let reads = 0;
      const personProperties = {
        get $device_id() {
          reads += 1;
          if (reads > 1) throw new Error('only once');
          return 'acme';
        },
      };
      const definition = { ...flag('f', filters), bucketing_identifier: 'device_id' };
      const snapshot = compileFlagDefinitions(documentOf([definition]));
      return snapshot.explain('f', { distinctId: 'a', personProperties });
    };
    const holdout = { id: 7, exclusion_percentage: 100 };
    expect(readOnce({ groups: [{}] }).summary).toBe('"f" is on: one of its conditions matched.');
    expect(readOnce({ groups: [{ rollout_percentage: 0 }] }).summary).toBe(
      '"f" is off: a condition matched, but its rollout leaves this id out.',
    );
    expect(readOnce({ holdout }).summary).toBe(
      '"f" is "holdout-7": this id belongs to its holdout.',
    );
  });

  it('serves for answers that come from elsewhere, too', () => {
    const sentence = (reason: EvaluationReason, value?: boolean) =>
      summarize({
        key: 'f',
        conditions: [],
        evaluation: {
          ...compileFlagDefinitions(documentOf([])).evaluate('f', alice),
          reason,
          value,
        },
      });
    expect(sentence('override', true)).toBe('"f" is on: it was overridden.');
    expect(sentence('evaluated_remotely', true)).toBe('"f" is on: the server has decided it.');
    expect(sentence('not_ready')).toBe('"f" is unresolved: no definitions are loaded yet.');
    expect(sentence('no_group_type', false)).toBe(
      '"f" is off: it looks at groups, and the context names none.',
    );
  });

  it('of what cannot begin', () => {
    const snapshot = compileFlagDefinitions(documentOf([flagWith('f', {})]));
    expect(snapshot.explain('g', alice).summary).toBe(
      '"g" is unresolved: the definitions have no flag of this key.',
    );
    expect(snapshot.explain('f', { distinctId: '' }).summary).toBe(
      '"f" is unresolved: the context has no distinct id.',
    );
    expect(snapshot.explain('f', { distinctId: '' }).conditions).toEqual([]);
  });
});

describe('a holdout without a share', () => {
  it.each([[null], [undefined], ['abc']])('is none: %p', (exclusion) => {
    const holdout = { id: 7, exclusion_percentage: exclusion };
    expect(explain(flag('f', { groups: [{}], holdout }))).not.toHaveProperty('holdout');
  });
});

describe('a holdout that does not hold the id', () => {
  it('is shown, and the conditions have their turn', () => {
    const holdout = { id: 7, exclusion_percentage: 10 };
    const explanation = explain(flag('f', { groups: [{}], holdout }));
    expect(explanation.holdout).toEqual({
      id: '7',
      percentage: 10,
      bucket: 65.60969302723004,
      included: false,
    });
    expect(explanation.conditions[0]?.outcome).toBe('match');
    const held = explain(
      flag('f', { groups: [{}], holdout: { ...holdout, exclusion_percentage: 66 } }),
    );
    expect(held.conditions[0]?.outcome).toBe('not_reached');
  });
});
