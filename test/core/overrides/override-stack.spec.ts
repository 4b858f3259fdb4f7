/** Overrides in layers, above a real snapshot. */
import { describe, expect, it } from '@jest/globals';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import { readOverrides, type FlagOverrides } from '../../../lib/core/overrides/flag-overrides.js';
import { OverriddenSnapshot } from '../../../lib/core/overrides/overridden-snapshot.js';
import { OverrideStack } from '../../../lib/core/overrides/override-stack.js';
import { unloadedSnapshot } from '../../../lib/core/snapshot/unloaded-snapshot.js';
import { definitionsOf, off, on, variant } from '../../support/flag-definitions.js';

const base = compileFlagDefinitions(
  definitionsOf(on('on'), off('off'), variant('theme', 'light', { color: 'white' }), {
    ...variant('prices', 'low'),
    filters: {
      groups: [{ properties: [], rollout_percentage: 100 }],
      multivariate: { variants: [{ key: 'low', rollout_percentage: 100 }] },
      payloads: { low: '1', high: '{"factor":2}', true: '[3]' },
    },
  }),
  { revision: 7 },
);
const ada = { distinctId: 'ada' };

function stack(...layers: readonly FlagOverrides[]) {
  const told: (readonly string[])[] = [];
  const overrides = new OverrideStack({
    overridden: (keys) => void told.push(keys),
    nothingOverridden: () => void told.push([]),
  });
  const undo = layers.map((layer) => overrides.add(layer, 'test'));
  return { overrides, undo, told, see: () => overrides.over(base) };
}

describe('an override', () => {
  it('is the value of the flag for everybody, also for nobody', () => {
    const { see } = stack({ off: true, theme: 'dark' });
    const expected = { key: 'off', value: true, enabled: true, variant: undefined, payload: undefined, reason: 'override', conditionIndex: undefined, origin: 'override', revision: undefined }; // prettier-ignore
    expect(see().evaluate('off', ada)).toEqual(expected);
    expect(see().evaluate('off', { distinctId: '' })).toEqual(expected);
    expect(see().evaluate('off', undefined as never)).toEqual(expected);
    expect(see().evaluate('theme', ada)).toMatchObject({ value: 'dark', enabled: true, variant: 'dark' }); // prettier-ignore
    expect(see().evaluate('on', ada)).toBe(base.evaluate('on', ada));
  });

  it('can be off, and of a flag that does not exist, and before any definitions', () => {
    const { overrides, see } = stack({ on: false, 'not-there': true });
    expect(see().evaluate('on', ada)).toMatchObject({ value: false, enabled: false });
    expect(see().evaluate('not-there', ada)).toMatchObject({ value: true, origin: 'override' });
    expect(see().has('not-there')).toBe(true);
    expect(overrides.over(unloadedSnapshot).evaluate('not-there', ada).enabled).toBe(true);
  });

  it('without a payload has the one that the definition has for the value', () => {
    const payloadOf = (override: FlagOverrides[string]) =>
      stack({ prices: override }).see().evaluate('prices', ada).payload;
    expect(payloadOf('high')).toEqual({ factor: 2 });
    expect(payloadOf(true)).toEqual([3]);
    expect(payloadOf('unheard-of')).toBeUndefined();
    expect(payloadOf(false)).toBeUndefined();
    expect(payloadOf({ value: 'high' })).toEqual({ factor: 2 });
    expect(payloadOf({ value: 'high', payload: null })).toBeUndefined();
    expect(payloadOf({ value: 'high', payload: 'plain' })).toBe('plain');
    expect(payloadOf({ value: false, payload: [1] })).toEqual([1]);
  });

  it('without a payload has none where only the server could read it', () => {
    const { flags } = definitionsOf(variant('theme', 'light', 'cipher'));
    const encrypted = flags.map((flag) => ({ ...flag, has_encrypted_payloads: true }));
    const snapshot = compileFlagDefinitions({ ...definitionsOf(), flags: encrypted });
    const { overrides } = stack({ theme: 'light' });
    expect(overrides.over(snapshot).evaluate('theme', ada).payload).toBeUndefined();
  });

  it('has a copy of its payload, frozen', () => {
    const payload = { list: [1] };
    const { see } = stack({ on: { value: true, payload } });
    payload.list.push(2);
    const seen = see().evaluate('on', ada).payload as { list: number[] };
    expect(seen).toEqual({ list: [1] });
    expect(() => seen.list.push(3)).toThrow(TypeError);
  });

  it('by undefined is as if there were no such flag', () => {
    const { see } = stack({ on: undefined });
    expect(see().evaluate('on', ada)).toMatchObject({
      value: undefined,
      enabled: false,
      reason: 'unknown_flag',
      origin: 'override',
    });
    expect(see().has('on')).toBe(false);
    expect([...see().evaluateAll(ada)].map(([key]) => key)).toEqual(['off', 'theme', 'prices']);
    expect(see().evaluateAll(ada, ['on']).get('on')?.reason).toBe('unknown_flag');
  });

  it('is among all flags, and among those that are named', () => {
    const { see } = stack({ off: true, extra: 'x' });
    expect(see().evaluateAll(ada).toJSON()).toEqual({ on: true, theme: 'light', prices: 'low', off: true, extra: 'x' }); // prettier-ignore
    const named = see().evaluateAll(ada, ['off', 'on', 'nothing']);
    expect([...named].map(([key, { origin }]) => [key, origin])).toEqual([['off', 'override'], ['on', 'local'], ['nothing', 'local']]); // prettier-ignore
  });

  it('leaves the revision, the definitions and the flags that depend on it as they are', () => {
    const dependent = {
      ...on('dependent'),
      filters: {
        groups: [{ properties: [{ key: 'off', type: 'flag', value: true, operator: 'flag_evaluates_to', dependency_chain: ['off'] }], rollout_percentage: 100 }], // prettier-ignore
      },
    };
    const snapshot = compileFlagDefinitions(definitionsOf(off('off'), dependent as never));
    const seen = stack({ off: true }).overrides.over(snapshot);
    expect(seen.evaluate('dependent', ada)).toBe(snapshot.evaluate('dependent', ada));
    expect(snapshot.evaluate('dependent', ada).value).toBe(false);
    expect(seen.revision).toBe(snapshot.revision);
    expect(seen.definitions).toBe(snapshot.definitions);
    expect(seen.definition('off')).toBe(snapshot.definition('off'));
  });

  it('is explained, and what would be without it', () => {
    const { see } = stack({ off: true, on: undefined });
    const explained = see().explain('off', ada);
    expect(explained).toMatchObject({ key: 'off', evaluation: { origin: 'override' }, conditions: [] }); // prettier-ignore
    expect(explained.summary).toBe(
      '"off" is on: it was overridden in code. Without that: "off" is off: the flag is not active.',
    );
    expect(see().explain('on', ada).summary).toMatch(
      /^"on" is unresolved: it was overridden in code, as if there were no such flag\. Without that: "on" is on/,
    );
    expect(see().explain('theme', ada)).toEqual(base.explain('theme', ada));
  });

  it.each(['__proto__', 'constructor', 'toString'])('can be of a flag called %s', (key) => {
    const values = Object.fromEntries([[key, 'dark']]);
    const { see, overrides } = stack(values);
    expect(see().evaluate(key, ada).value).toBe('dark');
    expect(overrides.size).toBe(1);
    expect(see().evaluate('hasOwnProperty', ada).reason).toBe('unknown_flag');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('several overrides', () => {
  it('of one flag: the latest counts, and any of them can be taken back', () => {
    const { see, undo } = stack({ theme: 'a', on: false }, { theme: 'b' }, { theme: 'c' });
    const theme = () => see().evaluate('theme', ada).value;
    expect(theme()).toBe('c');
    undo[1]?.();
    expect(theme()).toBe('c');
    undo[2]?.();
    expect(theme()).toBe('a');
    expect(see().evaluate('on', ada).value).toBe(false);
    undo[0]?.();
    expect(theme()).toBe('light');
  });

  it('are taken back once: what another has set stays', () => {
    const { overrides, undo, see } = stack({ theme: 'a' });
    undo[0]?.();
    overrides.add({ theme: 'b' }, 'test');
    undo[0]?.();
    expect(see().evaluate('theme', ada).value).toBe('b');
  });

  it('are counted by flags, and told when they begin and when none is left', () => {
    const { overrides, undo, told } = stack({ a: true, b: true }, { b: false, c: true }, {});
    expect(overrides.size).toBe(3);
    undo.forEach((takeBack) => takeBack());
    expect(overrides.size).toBe(0);
    expect(told).toEqual([['a', 'b'], ['b', 'c'], []]);
  });

  it('end with the block that has set them, for who writes `using`', () => {
    const { see, undo } = stack({ theme: 'a' });
    undo[0]?.[Symbol.dispose]();
    expect(see()).toBe(base);
  });
});

describe('overrides for one person', () => {
  const bob = { distinctId: 'bob' };
  const forAda = () => {
    let others = 0;
    const { overrides } = readOverrides({ off: true, extra: 'x' });
    const onOtherPerson = () => void (others += 1);
    const seen = new OverriddenSnapshot(base, { overrides, origin: 'by the test', distinctId: 'ada', onOtherPerson }); // prettier-ignore
    return { seen, others: () => others };
  };

  it('hold for evaluations of that person alone', () => {
    const { seen } = forAda();
    expect(seen.evaluate('off', ada).value).toBe(true);
    expect(seen.evaluate('off', bob)).toBe(base.evaluate('off', bob));
    expect(seen.evaluateAll(ada).toJSON()).toMatchObject({ off: true, extra: 'x' });
    expect(seen.evaluateAll(bob).toJSON()).toEqual(base.evaluateAll(bob).toJSON());
    expect(seen.explain('off', ada).summary).toContain('overridden by the test');
    expect(seen.explain('off', bob)).toEqual(base.explain('off', bob));
  });

  it('tell when somebody else is asked for a flag that they name, and only then', () => {
    const { seen, others } = forAda();
    seen.evaluate('off', ada);
    seen.evaluate('on', bob);
    seen.evaluateAll(bob, ['on']);
    expect(others()).toBe(0);
    seen.evaluate('off', bob);
    seen.evaluateAll(bob);
    expect(others()).toBe(2);
  });

  it('do not hold for a context that has no id, or throws', () => {
    const { seen } = forAda();
    const throwing = { get distinctId(): string { throw new Error('no id'); } }; // prettier-ignore
    for (const context of [undefined, null, {}, 'ada', throwing]) {
      expect(seen.evaluate('off', context as never).origin).toBe('local');
    }
  });
});

describe('where nothing is overridden', () => {
  it('the snapshot itself is seen, and with an override the same answer is the same object', () => {
    const { overrides, see } = stack();
    expect(see()).toBe(base);
    overrides.add({ off: true }, 'test');
    expect(see().evaluate('off', ada)).toBe(see().evaluate('off', ada));
  });
});

describe('overrides that are wrong', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const wrong = {
    '': true,
    a: 7,
    b: null,
    c: '',
    d: { payload: 1 },
    e: { value: 'x', payload: circle },
    f: { value: 'x', payload: () => 1 },
    g: { value: 'x', payloads: {} },
    h: [true],
    right: true,
  };

  it('are all told in one error, without their values, and nothing is overridden', () => {
    const { overrides, see } = stack();
    let caught: unknown;
    try {
      overrides.add(wrong, 'FlagsService.override');
    } catch (error) {
      caught = error;
    }
    expect(isFlagsError(caught) && caught.code).toBe('invalid-argument');
    const { message } = caught as Error;
    expect(message).toContain('FlagsService.override: 9 things are wrong.');
    expect(message.split('\n')).toHaveLength(10);
    expect(message).toContain('9. h: got an array');
    expect(message).not.toMatch(/\b7\b(?!\.)/);
    expect(see()).toBe(base);
  });

  it.each([[undefined], [null], ['on'], [['on']], [true]])('%j is not a set of them', (values) => {
    expect(() => stack().overrides.add(values, 'test')).toThrow(
      /one thing is wrong.*\n.*an object/,
    );
  });
});
