import { describe, expect, it } from '@jest/globals';
import type { FlagDefinition } from '../../../lib/core/definitions/flag-definitions.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import { answerOf, compat, documentOf, evaluate, flag, flagWith, type Loose } from './ask.js';

const variant = flag('variant', {
  groups: [{}],
  multivariate: { variants: [{ key: 'control', rollout_percentage: 100 }] },
});
const flags = [
  flagWith('on', {}),
  flag('off'),
  { ...flagWith('inactive', {}), active: false, ensure_experience_continuity: true },
  variant,
  { ...flagWith('continuity', {}), ensure_experience_continuity: true },
  flagWith('lost', { properties: [{ key: 'absent', value: 'x' }] }),
  flagWith('server', { properties: [{ type: 'cohort', value: 1 }] }),
  flagWith('throws', { properties: [{ key: 'bad', operator: 'icontains' }] }),
];

function dependsOn(key: unknown, value: unknown, chain: unknown = [key]): Loose<object> {
  return { type: 'flag', key, value, operator: 'flag_evaluates_to', dependency_chain: chain };
}

function ask(...properties: Loose<object>[]): boolean | string {
  return askAmong([flagWith('f', { properties }), ...flags]);
}

function askAmong(definitions: readonly FlagDefinition[], key = 'f'): boolean | string {
  const personProperties = { bad: Object.create(null) as unknown };
  const context = { distinctId: 'alice', personProperties };
  return answerOf(evaluate(documentOf(definitions), key, context, compat));
}

describe('a dependency', () => {
  it.each([
    ['on', true, true],
    ['on', false, false],
    ['on', 'true', false],
    ['off', true, false],
    ['off', false, true],
    ['inactive', false, true],
    ['inactive', true, false],
    ['variant', true, true],
    ['variant', false, false],
    ['variant', 'control', true],
    ['variant', 'Control', false],
    ['variant', 'test', false],
    ['on', 1, false],
    ['on', ['true'], false],
    ['on', null, false],
    ['on', undefined, false],
  ])('on "%s" being %p', (key, value, answer) => {
    expect(ask(dependsOn(key, value))).toBe(answer);
  });

  it.each([
    ['continuity', 'unresolved_dependency'],
    ['lost', 'unresolved_dependency'],
    ['throws', 'unresolved_dependency'],
    ['missing', 'unsupported_definition'],
    ['constructor', 'unsupported_definition'],
    ['__proto__', 'unsupported_definition'],
  ])('on a flag that is unresolved is so, too: %s', (key, reason) => {
    expect(ask(dependsOn(key, true))).toBe(reason);
    const groups = [{ properties: [dependsOn(key, true)] }, {}];
    expect(askAmong([flag('f', { groups }), ...flags])).toBe(true);
  });

  it('on a flag that needs the server ends the flag', () => {
    const groups = [{ properties: [dependsOn('server', true)] }, {}];
    expect(askAmong([flag('f', { groups }), ...flags])).toBe('unresolved_dependency');
  });

  it.each([[[]], [null], ['on'], [5], [{ 0: 'on', length: 1 }]])(
    'without a chain is not supported: %j',
    (chain) => {
      expect(ask(dependsOn('on', true, chain))).toBe('unsupported_definition');
    },
  );

  it('without the field of the chain is not supported', () => {
    const filter = { type: 'flag', key: 'on', value: true };
    expect(ask(filter)).toBe('unsupported_definition');
    expect(ask({ ...filter, dependency_chain: undefined })).toBe('unsupported_definition');
  });

  it('asks for every flag of its chain, whether it matters or not', () => {
    expect(ask(dependsOn('on', true, ['off', 'on']))).toBe(true);
    expect(ask(dependsOn('on', true, ['missing', 'on']))).toBe('unsupported_definition');
    expect(ask(dependsOn('on', true, ['lost', 'on']))).toBe('unresolved_dependency');
    expect(ask(dependsOn('on', true, ['server', 'lost', 'on']))).toBe('unresolved_dependency');
  });

  it('whose chain leaves its target out never matches', () => {
    expect(ask(dependsOn('on', true, ['off']))).toBe(false);
    expect(ask(dependsOn('on', false, ['off']))).toBe(false);
  });

  it('compares keys by their text', () => {
    const among = [flagWith('f', { properties: [dependsOn(5, true, [5])] }), flagWith('5', {})];
    expect(askAmong(among)).toBe(true);
    const unreadable = dependsOn({ toString: 'x' }, true, [{ toString: 'x' }]);
    expect(ask(unreadable)).toBe('evaluation_error');
    expect(ask(dependsOn('off', true), unreadable)).toBe(false);
  });

  it.each([
    ['without rules finds it off', { filters: null }, true],
    ['of an unknown shape is unresolved', { filters: { groups: [null] } }, 'unresolved_dependency'],
  ])('on a flag %s', (_name, rest, answer) => {
    const odd = flag('odd', {}, rest);
    expect(askAmong([flagWith('f', { properties: [dependsOn('odd', false)] }), odd])).toBe(answer);
  });

  it('is none of a filter of another type, whatever chain that has', () => {
    const filter = { key: 'distinct_id', value: 'alice', dependency_chain: ['f'] };
    const among = [
      flagWith('f', { properties: [dependsOn('g', true)] }),
      flagWith('g', { properties: [filter] }),
    ];
    expect(askAmong(among)).toBe(true);
  });

  it('follows a chain of chains', () => {
    const among = [
      flagWith('f', { properties: [dependsOn('b', true, ['a', 'b'])] }),
      flagWith('b', { properties: [dependsOn('a', 'control')] }),
      { ...variant, key: 'a' },
    ];
    expect(askAmong(among)).toBe(true);
  });

  it('on a flag of other evaluation contexts finds it off', () => {
    const elsewhere = { ...flagWith('elsewhere', {}), evaluation_contexts: ['mobile'] };
    const definitions = documentOf([
      flagWith('f', { properties: [dependsOn('elsewhere', false)] }),
      flagWith('g', { properties: [dependsOn('elsewhere', true)] }),
      elsewhere,
    ]);
    const options = { evaluationContexts: ['web'] };
    expect(answerOf(evaluate(definitions, 'f', undefined, options))).toBe(true);
    expect(answerOf(evaluate(definitions, 'g', undefined, options))).toBe(false);
    expect(answerOf(evaluate(definitions, 'elsewhere', undefined, options))).toBe('unknown_flag');
  });

  it('is computed once for a whole view', () => {
    let asked = 0;
    const context = {
      distinctId: 'alice',
      personProperties: {
        get plan() {
          asked += 1;
          return 'pro';
        },
      },
    };
    const shared = flagWith('shared', { properties: [{ key: 'plan', value: 'pro' }] });
    const many = Array.from({ length: 20 }, (_, index) =>
      flagWith(`f${index}`, { properties: [dependsOn('shared', true)] }),
    );
    const snapshot = compileFlagDefinitions(documentOf([shared, ...many]));
    const view = snapshot.evaluateAll(context);
    expect([...view].every(([, { value }]) => value === true)).toBe(true);
    expect(asked).toBe(1);
  });
});

describe('flags that depend on each other', () => {
  it('are unresolved where the circle is met, and decided where it is not', () => {
    const among = [
      flag('a', { groups: [{ properties: [dependsOn('b', true)] }] }),
      flag('b', { groups: [{ properties: [dependsOn('a', true)] }, {}] }),
      flag('c', { groups: [{}, { properties: [dependsOn('a', true)] }] }),
      flag('d', { groups: [{ properties: [dependsOn('a', true)] }] }),
    ];
    for (const definitions of [among, among.toReversed()]) {
      expect(askAmong(definitions, 'a')).toBe('unsupported_definition');
      expect(askAmong(definitions, 'b')).toBe(true);
      expect(askAmong(definitions, 'c')).toBe(true);
      expect(askAmong(definitions, 'd')).toBe('unresolved_dependency');
    }
  });

  it('through a cohort, or on themselves, are no different', () => {
    const through = documentOf([flagWith('f', { properties: [{ type: 'cohort', value: 1 }] })], {
      cohorts: { 1: { type: 'AND', values: [dependsOn('f', true)] } },
    });
    expect(answerOf(evaluate(through, 'f'))).toBe('unsupported_definition');
    expect(askAmong([flagWith('f', { properties: [dependsOn('f', true)] })])).toBe(
      'unsupported_definition',
    );
  });

  it('block a filter that only passes through them', () => {
    const among = [
      flagWith('f', { properties: [dependsOn('on', true, ['back', 'on'])] }),
      flagWith('back', { properties: [dependsOn('f', true)] }),
      ...flags,
    ];
    expect(askAmong(among)).toBe('unsupported_definition');
  });

  it('form no circle where one of them is decided without its conditions', () => {
    const back = flagWith('back', { properties: [dependsOn('f', true)] });
    const forth = flagWith('f', { properties: [dependsOn('back', false)] });
    expect(askAmong([forth, { ...back, active: false }])).toBe(true);
    expect(askAmong([forth, { ...back, ensure_experience_continuity: true }])).toBe(
      'unresolved_dependency',
    );
  });

  it('have the same answer from a view as alone', () => {
    const among = ['a', 'b', 'c', 'd', 'e'].map((key, index, keys) =>
      flag(key, {
        groups: [
          { properties: [dependsOn(keys[(index + 1) % 5], true)] },
          ...(index === 3 ? [{}] : []),
        ],
      }),
    );
    const snapshot = compileFlagDefinitions(documentOf(among));
    for (const start of among) {
      const view = snapshot.evaluateAll({ distinctId: 'alice' });
      view.get(start.key);
      for (const { key } of among) {
        expect(view.get(key)).toBe(snapshot.evaluate(key, { distinctId: 'alice' }));
      }
    }
  });

  it('in a row longer than any real one are unresolved, not an overflow', () => {
    const row = (length: number, chainOf: (index: number) => unknown) =>
      Array.from({ length }, (_, index) =>
        index === 0
          ? flagWith('f0', {})
          : flagWith(`f${index}`, {
              properties: [dependsOn(`f${index - 1}`, true, chainOf(index))],
            }),
      );
    const short = row(90, (index) => [`f${index - 1}`]);
    expect(askAmong(short, 'f89')).toBe(true);
    const long = row(5_000, (index) => [`f${index - 1}`]);
    expect(askAmong(long, 'f4999')).toMatch(/unresolved_dependency|unsupported_definition/);
    expect(askAmong(long, 'f90')).toBe(true);
  });
});
