import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type {
  FlagDefinition,
  FlagDefinitionCacheData,
} from '../../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import { answerOf, documentOf, flag, flagWith } from './ask.js';

const groupTypes = { group_type_mapping: { 0: 'company' } };
const definitions = documentOf(
  [
    flagWith('all', {}),
    flagWith('some', { rollout_percentage: 50 }),
    flagWith('asks', { properties: [{ key: 'plan', value: 'pro' }] }),
    flag('grouped', { groups: [{}], aggregation_group_type_index: 0 }),
    flag('off', {}, { active: false }),
  ],
  groupTypes,
);
const snapshot = compileFlagDefinitions(definitions);

function throwing(): never {
  throw new Error('do not touch');
}

const untouchable = new Proxy(
  {},
  { get: throwing, has: throwing, getOwnPropertyDescriptor: throwing, ownKeys: throwing },
);

describe('a context', () => {
  it.each([
    [undefined],
    [null],
    ['alice'],
    [5],
    [{}],
    [{ distinctId: '' }],
    [{ distinctId: 5 }],
    [{ distinctId: null }],
    [{ distinctId: {} }],
    [[]],
  ])('without a distinct id leaves every flag unresolved: %p', (given) => {
    const context = given as unknown as EvaluationContext;
    for (const key of snapshot.keys) {
      expect(snapshot.evaluate(key, context).reason).toBe('missing_distinct_id');
      expect(snapshot.evaluateAll(context).get(key)?.reason).toBe('missing_distinct_id');
      expect(snapshot.explain(key, context).evaluation.reason).toBe('missing_distinct_id');
    }
    expect(snapshot.evaluate('missing', context).reason).toBe('unknown_flag');
  });

  it('that throws when it is read leaves every flag unresolved', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const getter = {
      get distinctId(): string {
        return throwing();
      },
    };
    for (const given of [untouchable, revoked.proxy, getter]) {
      const context = given as EvaluationContext;
      for (const key of snapshot.keys) {
        expect(snapshot.evaluate(key, context).reason).toBe('evaluation_error');
        expect(snapshot.evaluateAll(context).get(key)?.reason).toBe('evaluation_error');
        expect(snapshot.explain(key, context).evaluation.reason).toBe('evaluation_error');
      }
    }
  });

  it('whose properties throw leaves those flags unresolved that look at them', () => {
    const context = {
      distinctId: 'alice',
      personProperties: untouchable,
      groups: untouchable as Record<string, string>,
      groupProperties: untouchable as Record<string, Record<string, unknown>>,
    };
    expect(answerOf(snapshot.evaluate('all', context))).toBe(true);
    expect(answerOf(snapshot.evaluate('asks', context))).toBe('evaluation_error');
    expect(answerOf(snapshot.evaluate('grouped', context))).toBe('evaluation_error');
    expect(answerOf(snapshot.evaluate('off', context))).toBe(false);
    expect(snapshot.explain('asks', context, { showValues: true }).evaluation.reason).toBe(
      'evaluation_error',
    );
    expect(snapshot.explain('grouped', context).conditions).toEqual([]);
  });

  it.each([[5], ['text'], [null], [true], [[]], [() => 1]])(
    'whose parts are no objects has no properties and no groups: %p',
    (part) => {
      const context = {
        distinctId: 'alice',
        personProperties: part,
        groups: part,
        groupProperties: part,
      } as unknown as EvaluationContext;
      expect(snapshot.evaluate('asks', context).reason).toBe('missing_context');
      expect(snapshot.evaluate('grouped', context).reason).toBe('no_group_type');
    },
  );

  it('whose properties are a text does not have those of a text', () => {
    const properties = [{ key: 'length', operator: 'is_set' }];
    const asks = compileFlagDefinitions(documentOf([flagWith('f', { properties })]));
    const context = { distinctId: 'alice', personProperties: 'text' };
    expect(asks.evaluate('f', context as unknown as EvaluationContext).reason).toBe(
      'missing_context',
    );
  });

  it('whose group properties are no object has none', () => {
    const asks = flag('f', {
      groups: [{ properties: [{ key: 'plan', value: 'pro' }] }],
      aggregation_group_type_index: 0,
    });
    const context = {
      distinctId: 'alice',
      groups: { company: 'acme' },
      groupProperties: { company: 5 },
    } as unknown as EvaluationContext;
    const grouped = compileFlagDefinitions(documentOf([asks], groupTypes));
    expect(grouped.evaluate('f', context).reason).toBe('missing_context');
  });

  it('is never written to', () => {
    const context = Object.freeze({
      distinctId: 'alice',
      personProperties: Object.freeze({ plan: 'pro' }),
      groups: Object.freeze({ company: 'acme' }),
      groupProperties: Object.freeze({ company: Object.freeze({}) }),
    });
    expect(answerOf(snapshot.evaluate('asks', context))).toBe(true);
    expect(answerOf(snapshot.evaluate('grouped', context))).toBe(true);
  });

  it('may call back into the snapshot while it is read', () => {
    const context: EvaluationContext = {
      distinctId: 'alice',
      personProperties: {
        get plan() {
          const inner = { distinctId: 'bob', personProperties: { plan: 'free' } };
          return snapshot.evaluate('asks', inner).value === false ? 'pro' : 'free';
        },
      },
    };
    expect(answerOf(snapshot.evaluate('asks', context))).toBe(true);
  });

  it('with an id beyond all that is honest leaves unresolved what has to hash it', () => {
    const id = 'x'.repeat(10_001);
    const byDevice = compileFlagDefinitions(
      documentOf([flag('f', { groups: [{}] }, { bucketing_identifier: 'device_id' })]),
    );
    const withDevice = (device: unknown): EvaluationContext => ({
      distinctId: 'alice',
      personProperties: { $device_id: device },
    });
    const groups = { company: id };
    expect(answerOf(snapshot.evaluate('all', { distinctId: id }))).toBe('evaluation_error');
    expect(answerOf(snapshot.evaluate('all', { distinctId: id.slice(1) }))).toBe(true);
    expect(answerOf(snapshot.evaluate('all', { distinctId: 'alice', groups }))).toBe(true);
    expect(answerOf(snapshot.evaluate('grouped', { distinctId: 'alice', groups }))).toBe(
      'evaluation_error',
    );
    expect(answerOf(byDevice.evaluate('f', withDevice(id)))).toBe('evaluation_error');
    expect(answerOf(byDevice.evaluate('f', withDevice(10n ** 5_000n)))).toBe('evaluation_error');
    expect(answerOf(byDevice.evaluate('f', withDevice(5)))).toBe(true);
    expect(answerOf(byDevice.evaluate('f', withDevice(id.slice(1))))).toBe(true);
  });

  it('of a group whose key throws leaves the flag unresolved', () => {
    const groups = { company: { toString: throwing } } as unknown as Record<string, string>;
    expect(answerOf(snapshot.evaluate('grouped', { distinctId: 'a', groups }))).toBe(
      'evaluation_error',
    );
  });
});

describe('definitions that are none', () => {
  it.each([[null], [undefined], [5], ['text'], [{}], [[]], [{ flags: null }], [{ flags: {} }]])(
    'have no flags: %p',
    (data) => {
      const empty = compileFlagDefinitions(data as unknown as FlagDefinitionCacheData);
      expect(empty.keys).toEqual([]);
      expect(empty.evaluate('f', { distinctId: 'a' }).reason).toBe('unknown_flag');
      expect(empty.evaluateAll({ distinctId: 'a' }).size).toBe(0);
    },
  );

  it.each([[null], [undefined], [5], ['text']])('are shown as no flags at all: %p', (data) => {
    const empty = compileFlagDefinitions(data as unknown as FlagDefinitionCacheData);
    expect(empty.definitions).toEqual({ flags: [] });
  });

  it('leave out what is no flag', () => {
    const flags = [null, 5, 'f', [], {}, { key: 5 }, { key: null }, flagWith('f', {})];
    const data = { flags } as unknown as FlagDefinitionCacheData;
    expect(compileFlagDefinitions(data).keys).toEqual(['f']);
  });

  it.each([
    ['filters that are no object', { filters: 5 }, false],
    ['conditions that are no array', { filters: { groups: 5 } }, undefined],
    ['conditions by name', { filters: { groups: { 0: {} } } }, undefined],
    ['a condition that is null', { filters: { groups: [null] } }, undefined],
    [
      'filters of a condition that are no array',
      { filters: { groups: [{ properties: {} }] } },
      undefined,
    ],
    ['a filter that is null', { filters: { groups: [{ properties: [null] }] } }, undefined],
    ['a filter that is a number', { filters: { groups: [{ properties: [5] }] } }, undefined],
    ['variants that are no array', { filters: { multivariate: { variants: {} } } }, undefined],
    ['a variant that is null', { filters: { multivariate: { variants: [null] } } }, undefined],
    [
      'a rollout without a number',
      { filters: { groups: [{ rollout_percentage: { valueOf: 1, toString: 1 } }] } },
      undefined,
    ],
    ['contexts that are no array', { evaluation_contexts: 'web', filters: { groups: [{}] } }, true],
  ])('leave a flag of an unknown shape unresolved: %s', (_name, parts, value) => {
    const broken = { key: 'f', active: true, ...parts } as unknown as FlagDefinition;
    const data = documentOf([broken, flagWith('g', {})], groupTypes);
    const compiled = compileFlagDefinitions(data, { evaluationContexts: ['web'] });
    expect(compiled.evaluate('f', { distinctId: 'a' }).value).toBe(value);
    expect(compiled.evaluate('g', { distinctId: 'a' }).value).toBe(true);
    expect(compiled.explain('f', { distinctId: 'a' }).evaluation.value).toBe(value);
  });

  it.each([[5], ['text'], [null], [[]]])('may have odd cohorts and group types: %p', (odd) => {
    const flags = [
      flagWith('f', { properties: [{ type: 'cohort', value: 1 }] }),
      flag('g', { groups: [{}], aggregation_group_type_index: 0 }),
    ];
    const data = documentOf(flags, { cohorts: odd, group_type_mapping: odd });
    const context = { distinctId: 'a', groups: { company: 'acme' } };
    expect(compileFlagDefinitions(data).evaluate('f', context).reason).toBe(
      'unsupported_definition',
    );
    expect(compileFlagDefinitions(data).evaluate('g', context).reason).toBe(
      'unsupported_definition',
    );
  });
});
