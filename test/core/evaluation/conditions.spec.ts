import { describe, expect, it } from '@jest/globals';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import { answerOf, compat, documentOf, evaluate, flag, flagWith, type Loose } from './ask.js';

const yes = { key: 'plan', value: 'pro' };
const no = { key: 'plan', value: 'free' };
const missing = { key: 'absent', value: 'x' };
const unsupported = { key: 'plan', operator: 'between', value: 1 };
const server = { type: 'cohort', value: 'static' };
const regex = { key: 'plan', operator: 'regex', value: '(?i)PRO' };
const failing = { key: 'bad', operator: 'icontains', value: 'x' };
const onServer = { type: 'flag', key: 'server', value: true, dependency_chain: ['server'] };
const dependent = { type: 'flag', key: 'lost', value: true, dependency_chain: ['lost'] };

const context: EvaluationContext = {
  distinctId: 'distinct_id_0',
  personProperties: { plan: 'pro', bad: Object.create(null) as unknown },
};

/** `lost` is unresolved for want of a property, `server` needs the server. */
const lost = flagWith('lost', { properties: [missing] });
const needsServer = flagWith('server', { properties: [server] });

function ask(groups: Loose<object>[], filters: Loose<object> = {}): boolean | string {
  const definitions = documentOf([flag('simple-flag', { groups, ...filters }), lost, needsServer]);
  return answerOf(evaluate(definitions, 'simple-flag', context, compat));
}

describe('the filters of a condition', () => {
  it.each([
    ['all match', [yes, yes], true],
    ['one does not', [yes, no], false],
    ['a mismatch after an unknown decides', [missing, no], false],
    ['a mismatch before an unknown decides', [no, missing], false],
    ['a mismatch after the need for the server decides', [server, no], false],
    ['unknown and match', [yes, missing], 'missing_context'],
    [
      'the definition is blamed before the context',
      [missing, unsupported],
      'unsupported_definition',
    ],
    ['whatever the order', [unsupported, missing], 'unsupported_definition'],
    ['and a dependency between them', [missing, dependent], 'unresolved_dependency'],
    ['a dependency behind the definition', [dependent, unsupported], 'unsupported_definition'],
    ['what throws', [failing], 'evaluation_error'],
    ['a mismatch before what throws decides', [no, failing], false],
    ['what throws comes before a mismatch', [failing, no], 'evaluation_error'],
    ['an unknown before what throws is reported', [missing, failing, no], 'missing_context'],
  ])('%s', (_name, properties, answer) => {
    expect(ask([{ properties }])).toBe(answer);
  });

  it.each([[[]], [null], [undefined]])('may be none: %j', (properties) => {
    expect(ask([{ properties }])).toBe(true);
  });
});

describe('the conditions of a flag', () => {
  it.each([
    ['the first match wins', [{ properties: [no] }, { properties: [yes] }], true],
    ['none matches', [{ properties: [no] }, { properties: [no] }], false],
    ['a match after an unknown wins', [{ properties: [missing] }, {}], true],
    ['unknown and no match', [{ properties: [missing] }, { properties: [no] }], 'missing_context'],
    [
      'of two unknowns the stronger reason is reported',
      [{ properties: [missing] }, { properties: [unsupported] }],
      'unsupported_definition',
    ],
    [
      'the need for the server ends the flag',
      [{ properties: [server] }, {}],
      'unsupported_definition',
    ],
    [
      'the need for the server after an unknown of the same condition does not',
      [{ properties: [missing, server] }, {}],
      true,
    ],
    [
      'the need for the server before an unknown does',
      [{ properties: [server, missing] }, {}],
      'unsupported_definition',
    ],
    [
      'and reports the stronger of the reasons met so far',
      [{ properties: [unsupported] }, { properties: [onServer] }],
      'unsupported_definition',
    ],
    [
      'also one that lies in a condition which it keeps from its turn',
      [{ properties: [onServer] }, { properties: [unsupported] }],
      'unsupported_definition',
    ],
    [
      'which may be its own',
      [{ properties: [missing] }, { properties: [onServer] }],
      'unresolved_dependency',
    ],
    ['what throws ends the flag', [{ properties: [failing] }, {}], 'evaluation_error'],
    ['a match before the need for the server wins', [{}, { properties: [server] }], true],
  ])('%s', (_name, groups, answer) => {
    expect(ask(groups)).toBe(answer);
  });
});

describe('a rollout', () => {
  // A hundredth of it is exactly the position of this id.
  const position = 78.36963764220431;
  it.each([
    [undefined, true],
    [null, true],
    [100, true],
    [101, true],
    ['100', true],
    ['abc', true],
    [{}, true],
    [position, true],
    [position - 1e-12, false],
    [0, false],
    [-1, false],
    ['45', false],
    [true, false],
    [[79], true],
  ])('of %p', (percentage, answer) => {
    expect(ask([{ rollout_percentage: percentage }])).toBe(answer);
  });

  it('that leaves the id out lets the next condition have its turn', () => {
    expect(ask([{ rollout_percentage: 10 }, { rollout_percentage: 90 }])).toBe(true);
  });

  it('is told from a mismatch, with the first condition that it concerned', () => {
    const groups = [{ properties: [no] }, { rollout_percentage: 10 }, { rollout_percentage: 20 }];
    expect(evaluate(documentOf([flag('simple-flag', { groups })]), 'simple-flag', context)).toEqual(
      expect.objectContaining({ value: false, reason: 'out_of_rollout_bound', conditionIndex: 1 }),
    );
  });
});

describe('early exit', () => {
  const out = { rollout_percentage: 10 };
  const unknown = { properties: [missing] };
  it.each([
    ['ends the flag where the rollout leaves the id out', [out, {}], false],
    ['goes on after a mismatch', [{ properties: [no] }, {}], true],
    ['leaves it open after an unknown', [unknown, out, {}], 'missing_context'],
    ['comes too late after a match', [{}, out], true],
  ])('%s', (_name, groups, answer) => {
    expect(ask(groups, { early_exit: true })).toBe(answer);
  });

  it.each([[false], [null], [undefined]])('is off when it is %p', (early) => {
    expect(ask([out, {}], { early_exit: early })).toBe(true);
  });
});

describe('a variant', () => {
  const variants = [
    { key: 'a', rollout_percentage: 50 },
    { key: 'b', rollout_percentage: 50 },
  ];
  const multivariate = { variants };
  // The position of this id among the variants of `simple-flag`.
  const hashed = ask([{}], { multivariate });

  it('is chosen by hash', () => {
    expect(['a', 'b']).toContain(hashed);
  });

  it('does not include its upper border', () => {
    // A hundredth of it is exactly the position of this id.
    const position = 65.95248869787484;
    const bordering = (percentage: number) => [
      { key: 'a', rollout_percentage: percentage },
      { key: 'b', rollout_percentage: 50 },
    ];
    expect(ask([{}], { multivariate: { variants: bordering(position) } })).toBe('b');
    expect(ask([{}], { multivariate: { variants: bordering(position + 1e-12) } })).toBe('a');
  });

  it.each([['a'], ['b']])('is prescribed by a condition: %s', (variant) => {
    expect(ask([{ variant }], { multivariate })).toBe(variant);
  });

  it.each([['c'], [''], [null], [5], [{}]])(
    'prescribed but not known is ignored: %p',
    (variant) => {
      expect(ask([{ variant }], { multivariate })).toBe(hashed);
    },
  );

  it.each([[''], [5]])('prescribed by a name that is none is just on: %p', (key) => {
    const nameless = { variants: [{ key, rollout_percentage: 100 }] };
    expect(ask([{ variant: key }], { multivariate: nameless })).toBe(true);
  });

  it('prescribed by a flag that has none is ignored', () => {
    expect(ask([{ variant: 'a' }])).toBe(true);
  });

  it('of the first condition that matches counts', () => {
    expect(ask([{ properties: [no], variant: 'a' }, {}, { variant: 'a' }], { multivariate })).toBe(
      hashed,
    );
  });

  it('is none beyond the sum of all: the flag is just on', () => {
    const small = [{ key: 'a', rollout_percentage: 0 }];
    expect(ask([{}], { multivariate: { variants: small } })).toBe(true);
    expect(ask([{}], { multivariate: { variants: [] } })).toBe(true);
    expect(ask([{}], { multivariate: { variants: null } })).toBe(true);
    expect(ask([{}], { multivariate: null })).toBe(true);
  });

  it.each([[''], [5], [{}], [undefined]])('without a name is just on: %p', (key) => {
    const multivariate = { variants: [{ key, rollout_percentage: 100 }] };
    expect(ask([{}], { multivariate })).toBe(true);
  });

  it('has its border in the running sum of doubles', () => {
    const tenths = Array.from({ length: 10 }, (_, index) => ({
      key: `v${index}`,
      rollout_percentage: 10,
    }));
    expect(ask([{}], { multivariate: { variants: tenths } })).toMatch(/^v\d$/);
  });
});

describe('a regex that only the server can run', () => {
  const variants = [
    { key: 'a', rollout_percentage: 100 },
    { key: 'b', rollout_percentage: 0 },
  ];
  const doubtful = { properties: [regex] };

  it('leaves a later match alone when both would give the same value', () => {
    expect(ask([doubtful, {}])).toBe(true);
    expect(ask([{ ...doubtful, variant: 'a' }, {}], { multivariate: { variants } })).toBe('a');
  });

  it('casts doubt on a later match with another value', () => {
    const groups = [{ ...doubtful, variant: 'b' }, {}];
    expect(ask(groups, { multivariate: { variants } })).toBe('unsupported_definition');
  });

  it('casts its doubt when one of several would give another value', () => {
    const groups = [{ ...doubtful, variant: 'b' }, doubtful, {}];
    expect(ask(groups, { multivariate: { variants } })).toBe('unsupported_definition');
  });

  it('casts its doubt also when another filter of its condition is unknown', () => {
    for (const properties of [
      [regex, missing],
      [missing, regex],
    ]) {
      const groups = [{ properties, variant: 'b' }, {}];
      expect(ask(groups, { multivariate: { variants } })).toBe('unsupported_definition');
    }
  });

  it('would have ended the flag by early exit where its rollout leaves the id out', () => {
    const groups = [{ ...doubtful, rollout_percentage: 10 }, {}];
    expect(ask(groups)).toBe(true);
    expect(ask(groups, { early_exit: true })).toBe('unsupported_definition');
    const within = [{ ...doubtful, rollout_percentage: 90 }, {}];
    expect(ask(within, { early_exit: true })).toBe(true);
  });

  it('casts its doubt through cohorts and through other flags', () => {
    const cohorts = { 1: { type: 'AND', values: [{ type: 'OR', values: [regex] }] } };
    const member = { type: 'cohort', value: 1 };
    const dependency = { type: 'flag', key: 'g', value: true, dependency_chain: ['g'] };
    const definitions = documentOf(
      [
        flag('f', {
          groups: [{ properties: [dependency], variant: 'b' }, {}],
          multivariate: { variants },
        }),
        flagWith('g', { properties: [member] }),
      ],
      { cohorts },
    );
    expect(answerOf(evaluate(definitions, 'f', context))).toBe('unresolved_dependency');
  });

  it('is not suspected behind a flag that is unresolved for another reason', () => {
    const groups = [{ properties: [dependent], variant: 'b' }, {}];
    expect(ask(groups, { multivariate: { variants } })).toBe('a');
  });

  it('casts no doubt when the condition did not match anyway', () => {
    const groups = [{ properties: [regex, no], variant: 'b' }, {}];
    expect(ask(groups, { multivariate: { variants } })).toBe('a');
  });
});

describe('a condition with an aggregation of its own', () => {
  const groupTypes = { group_type_mapping: { 0: 'company', 1: 'team' } };
  const acme = {
    ...context,
    groups: { company: 'acme' },
    groupProperties: { company: { plan: 'enterprise' } },
  };
  const enterprise = { key: 'plan', value: 'enterprise' };
  const askMixed = (groups: object[], given: EvaluationContext, aggregation?: unknown) =>
    answerOf(
      evaluate(
        documentOf([flag('f', { groups, aggregation_group_type_index: aggregation })], groupTypes),
        'f',
        given,
      ),
    );

  it('looks at the group that it names', () => {
    const groups = [{ properties: [enterprise], aggregation_group_type_index: 0 }];
    expect(askMixed(groups, acme)).toBe(true);
    expect(askMixed(groups, acme, null)).toBe(true);
    expect(askMixed(groups, { ...acme, groupProperties: {} })).toBe('missing_context');
  });

  it('is skipped when the context does not name its group', () => {
    const groups = [{ aggregation_group_type_index: 1 }, { properties: [no] }];
    expect(askMixed(groups, acme)).toBe(false);
    expect(askMixed([{ aggregation_group_type_index: 9 }], acme)).toBe(false);
    expect(askMixed([{ aggregation_group_type_index: 9 }, {}], acme)).toBe(true);
    const nameless = { ...acme, groups: { undefined: 'acme' } };
    expect(askMixed([{ aggregation_group_type_index: 9 }], nameless)).toBe(false);
  });

  it('inherits that of the flag when it has none or the same', () => {
    expect(askMixed([{ properties: [yes] }], acme)).toBe(true);
    expect(askMixed([{ properties: [enterprise] }], acme, 0)).toBe(true);
    expect(askMixed([{ properties: [enterprise], aggregation_group_type_index: 0 }], acme, 0)).toBe(
      true,
    );
  });

  it('that asks for people in a flag for groups keeps the group, as posthog-node does', () => {
    const groups = [{ properties: [enterprise], aggregation_group_type_index: null }];
    expect(askMixed(groups, acme, 0)).toBe(true);
    expect(askMixed([{ properties: [yes], aggregation_group_type_index: null }], acme)).toBe(true);
  });
});
