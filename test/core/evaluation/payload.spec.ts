import { describe, expect, it } from '@jest/globals';
import { documentOf, evaluate, flag, type Loose } from './ask.js';

function payloadOf(stored: unknown, filters: Loose<object> = {}): unknown {
  const definition = flag('f', { groups: [{}], payloads: { true: stored }, ...filters });
  return evaluate(documentOf([definition]), 'f').payload;
}

describe('a payload', () => {
  it.each([
    ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
    ['"text"', 'text'],
    ['0', 0],
    ['false', false],
    ['null', undefined],
    ['', undefined],
    ['not json', 'not json'],
    ['{"half', '{"half'],
    [{ already: 'parsed' }, { already: 'parsed' }],
    [5, 5],
    [0, undefined],
    [null, undefined],
    [undefined, undefined],
  ])('stored as %j is %j', (stored, payload) => {
    expect(payloadOf(stored)).toEqual(payload);
  });

  it('that cannot be copied is handed on as it is', () => {
    const stored = () => 1;
    expect(payloadOf(stored)).toBe(stored);
  });

  it('is frozen, to every depth, and the definition is not', () => {
    const stored = { list: [{ a: 1 }] };
    const payload = payloadOf(stored) as typeof stored;
    expect(Object.isFrozen(payload) && Object.isFrozen(payload.list)).toBe(true);
    expect(Object.isFrozen(payload.list[0])).toBe(true);
    expect(Object.isFrozen(stored)).toBe(false);
  });

  it('may be nested deeper than the stack', () => {
    const text = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(Array.isArray(payloadOf(text))).toBe(true);
  });

  it('is that of the variant, when the value is one', () => {
    const multivariate = { variants: [{ key: 'a', rollout_percentage: 100 }] };
    const payloads = { a: '"of a"', true: '"of true"' };
    expect(payloadOf('', { multivariate, payloads })).toBe('of a');
    expect(payloadOf('', { multivariate, payloads: { true: '1' } })).toBeUndefined();
  });

  it('is that of the holdout, when the value is one', () => {
    const holdout = { id: 7, exclusion_percentage: 100 };
    expect(payloadOf('', { holdout, payloads: { 'holdout-7': '1', true: '2' } })).toBe(1);
  });

  it.each([['constructor'], ['__proto__'], ['toString']])(
    'of the variant "%s" is none when it is only inherited',
    (key) => {
      const multivariate = { variants: [{ key, rollout_percentage: 100 }] };
      expect(payloadOf('', { multivariate, payloads: {} })).toBeUndefined();
    },
  );

  it.each([[null], [undefined], [5], ['text']])('is none where there are none: %p', (payloads) => {
    const document = documentOf([flag('f', { groups: [{}], payloads })]);
    expect(evaluate(document, 'f')).toMatchObject({ value: true, payload: undefined });
  });

  it('is none for what is off or unresolved', () => {
    expect(payloadOf('1', { groups: [] })).toBeUndefined();
    expect(payloadOf('1', { groups: [], payloads: { false: '1' } })).toBeUndefined();
    const properties = [{ key: 'absent', value: 'x' }];
    expect(payloadOf('1', { groups: [{ properties }] })).toBeUndefined();
  });
});
