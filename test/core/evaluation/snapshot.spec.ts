import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import { alice, documentOf, flag, flagWith } from './ask.js';

const definitions = documentOf([
  flagWith('on', {}),
  flag('off'),
  flag('variant', {
    groups: [{}],
    multivariate: { variants: [{ key: 'a', rollout_percentage: 100 }] },
  }),
  flagWith('lost', { properties: [{ key: 'absent', value: 'x' }] }),
]);

describe('a snapshot', () => {
  const snapshot = compileFlagDefinitions(definitions);

  it('lists the flags in the order of the definitions', () => {
    expect(snapshot.keys).toEqual(['on', 'off', 'variant', 'lost']);
    expect(snapshot.has('on')).toBe(true);
    expect(snapshot.has('missing')).toBe(false);
    expect(snapshot.definition('on')).toBe(definitions.flags[0]);
    expect(snapshot.definition('missing')).toBeUndefined();
    expect(snapshot.definitions).toBe(definitions);
    expect(snapshot.revision).toBe(0);
  });

  it('is frozen, and so are its answers', () => {
    expect(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.keys)).toBe(true);
    for (const key of ['on', 'off', 'variant', 'lost', 'missing']) {
      expect(Object.isFrozen(snapshot.evaluate(key, alice))).toBe(true);
    }
  });

  it('gives the same answer as the same object', () => {
    for (const key of snapshot.keys) {
      expect(snapshot.evaluate(key, { distinctId: 'bob' })).toBe(snapshot.evaluate(key, alice));
    }
  });

  it('leaves an unknown flag unresolved', () => {
    expect(snapshot.evaluate('missing', alice)).toEqual({
      key: 'missing',
      value: undefined,
      enabled: false,
      variant: undefined,
      payload: undefined,
      reason: 'unknown_flag',
      conditionIndex: undefined,
      origin: 'local',
      revision: 0,
    });
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', ''])(
    'takes no inherited name for a flag: %j',
    (key) => {
      expect(snapshot.evaluate(key, alice).reason).toBe('unknown_flag');
      const own = compileFlagDefinitions(documentOf([flagWith(key, {})]));
      expect(own.evaluate(key, alice).value).toBe(true);
    },
  );

  it('lets the later of two flags with one key count', () => {
    const twice = documentOf([flag('f'), flagWith('g', {}), flagWith('f', {})]);
    expect(compileFlagDefinitions(twice).keys).toEqual(['f', 'g']);
    expect(compileFlagDefinitions(twice).evaluate('f', alice).value).toBe(true);
    const view = compileFlagDefinitions(twice).evaluateAll(alice);
    expect(Array.from(view, ([key, { value }]) => [key, value])).toEqual([
      ['f', true],
      ['g', true],
    ]);
  });
});

describe('a person', () => {
  const asking = (key: string, value: unknown) =>
    compileFlagDefinitions(documentOf([flagWith('f', { properties: [{ key, value }] })]));

  it('has its distinct id as a property, unless the context gives another', () => {
    expect(asking('distinct_id', 'alice').evaluate('f', alice).value).toBe(true);
    const personProperties = { distinct_id: 'other' };
    const given = { distinctId: 'alice', personProperties };
    expect(asking('distinct_id', 'other').evaluate('f', given).value).toBe(true);
    expect(asking('distinct_id', 'alice').evaluate('f', given).value).toBe(false);
  });

  it.each(['constructor', '__proto__', 'toString'])('has no inherited property: %s', (key) => {
    expect(asking(key, 'x').evaluate('f', alice).reason).toBe('missing_context');
    const inherited = Object.create({ [key]: 'x' }) as Record<string, unknown>;
    const context = { distinctId: 'a', personProperties: inherited };
    expect(asking(key, 'x').evaluate('f', context).reason).toBe('missing_context');
    const own = Object.defineProperty({}, key, { value: 'x', enumerable: true });
    const owning = { distinctId: 'a', personProperties: own };
    expect(asking(key, 'x').evaluate('f', owning).value).toBe(true);
  });
});

describe('evaluation contexts', () => {
  const document = documentOf([
    flagWith('everywhere', {}),
    { ...flagWith('none', {}), evaluation_contexts: [] },
    { ...flagWith('web', {}), evaluation_contexts: ['web', 'docs'] },
    { ...flagWith('mobile', {}), evaluation_contexts: ['mobile'] },
    { ...flagWith('tagged', {}), evaluation_tags: ['web'] },
    { ...flagWith('both', {}), evaluation_contexts: ['mobile'], evaluation_tags: ['web'] },
    { ...flagWith('twice', {}), evaluation_contexts: ['mobile'] },
    { ...flagWith('twice', {}), evaluation_contexts: ['web'] },
  ]);

  it.each([
    [undefined, ['everywhere', 'none', 'web', 'mobile', 'tagged', 'both', 'twice']],
    [[], ['everywhere', 'none', 'web', 'mobile', 'tagged', 'both', 'twice']],
    [['web'], ['everywhere', 'none', 'web', 'tagged', 'twice']],
    [['mobile'], ['everywhere', 'none', 'mobile', 'both', 'twice']],
    [['Web'], ['everywhere', 'none']],
  ])('%j keep the flags %j', (evaluationContexts, keys) => {
    const options = evaluationContexts === undefined ? {} : { evaluationContexts };
    const snapshot = compileFlagDefinitions(document, options);
    expect(snapshot.keys).toEqual(keys);
    expect(snapshot.definitions).toBe(document);
  });
});

describe('matching version', () => {
  it.each([
    [{ property_matching_version: 2 }, false],
    [{ propertyMatchingVersion: 2 }, false],
    [{ property_matching_version: 1, propertyMatchingVersion: 2 }, true],
    [{ property_matching_version: '2' }, true],
    [{ property_matching_version: null }, true],
    [{}, true],
  ])('%j', (rest, answer) => {
    const properties = [{ key: 'fruit', value: 'false' }];
    const document = documentOf([flagWith('f', { properties })], rest);
    const context = { distinctId: 'a', personProperties: { fruit: 'banana' } };
    expect(compileFlagDefinitions(document).evaluate('f', context).value).toBe(answer);
  });
});

describe('a view of all flags', () => {
  const snapshot = compileFlagDefinitions(definitions);

  it('holds the evaluation of each', () => {
    const view = snapshot.evaluateAll(alice);
    expect(view.size).toBe(4);
    expect([...view].map(([key]) => key)).toEqual(snapshot.keys);
    for (const [key, evaluation] of view) expect(evaluation).toBe(snapshot.evaluate(key, alice));
    expect(view.get('variant')).toMatchObject({ value: 'a' });
    expect(view.has('lost')).toBe(true);
    expect(view.has('missing')).toBe(false);
    expect(view.get('missing')).toBeUndefined();
  });

  it('writes the decided ones as JSON', () => {
    const view = snapshot.evaluateAll(alice);
    expect(JSON.parse(JSON.stringify(view))).toEqual({ on: true, off: false, variant: 'a' });
    expect(Object.keys(view.toJSON())).toEqual(['on', 'off', 'variant']);
  });

  it('holds only the flags that were asked for, known or not, once each', () => {
    const view = snapshot.evaluateAll(alice, ['off', 'missing', 'off']);
    expect([...view].map(([key, { reason }]) => [key, reason])).toEqual([
      ['off', 'no_condition_match'],
      ['missing', 'unknown_flag'],
    ]);
    expect(view.get('on')).toBeUndefined();
    expect(snapshot.evaluateAll(alice, []).size).toBe(0);
  });

  it('keeps a flag of any name', () => {
    const odd = documentOf([flagWith('__proto__', {}), flagWith('constructor', {})]);
    const text = JSON.stringify(compileFlagDefinitions(odd).evaluateAll(alice));
    expect(text).toBe('{"__proto__":true,"constructor":true}');
  });

  it('computes nothing before it is asked, and nothing twice', () => {
    let asked = 0;
    const personProperties = {
      get plan() {
        asked += 1;
        return 'pro';
      },
    };
    const document = documentOf([
      flagWith('a', { properties: [{ key: 'plan', value: 'pro' }] }),
      flagWith('b', { properties: [{ key: 'plan', value: 'pro' }] }),
    ]);
    const view = compileFlagDefinitions(document).evaluateAll({
      distinctId: 'a',
      personProperties,
    });
    expect(asked).toBe(0);
    view.get('a');
    view.get('a');
    expect(asked).toBe(1);
    JSON.stringify(view);
    JSON.stringify(view);
    expect(asked).toBe(2);
  });

  it('sees one moment, however long it is in use', () => {
    let nowMs = Date.parse('2022-05-01T00:00:00Z');
    const after = (days: number) =>
      flagWith(`after ${days}`, {
        properties: [{ key: 'at', operator: 'is_date_after', value: `${days}d` }],
      });
    const snapshot = compileFlagDefinitions(documentOf([after(1), after(2)]), {
      now: () => nowMs,
    });
    const context = { distinctId: 'a', personProperties: { at: '2022-04-30T12:00:00Z' } };
    const view = snapshot.evaluateAll(context);
    expect(view.get('after 1')?.value).toBe(true);
    nowMs += 10 * 24 * 3_600_000;
    expect(view.get('after 2')?.value).toBe(true);
    expect(snapshot.evaluateAll(context).get('after 2')?.value).toBe(false);
  });
});
