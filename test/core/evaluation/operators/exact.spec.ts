import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter, compat } from '../ask.js';

type Row = readonly [wanted: unknown, given: unknown, answer: boolean | string];

const circular: unknown[] = [];
circular.push(circular);
const sparse: number[] = [];
sparse[1] = 2.5;
const namesOf = (count: number, prefix: string): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x']));
let deep: unknown = 'x';
for (let level = 0; level < 600; level++) deep = [deep];

describe('exact, as posthog-node answers', () => {
  const rows: Row[] = [
    ['pro', 'pro', true],
    ['pro', 'PRO', true],
    ['pro', 'free', false],
    ['pro', '', false],
    ['', '', true],
    ['straße', 'STRASSE', false],
    ['ÉCOLE', 'école', true],
    [['a', 'b'], 'B', true],
    [['a', 'b'], 'c', false],
    [1.5, 1.5, true],
    ['1.5', 1.5, true],
    [1.5, '1.5', true],
    [null, null, true],
    ['null', null, true],
    ['undefined', undefined, 'unsupported_definition'],
    ['{"a":1.5}', { a: 1.5 }, true],
    [{ b: 'x', a: [true, null] }, { a: [true, null], b: 'x' }, true],
    ['["a",null,1.5]', ['a', null, 1.5], true],
    ['[null,2.5]', sparse, true],
    ['x', [undefined], 'missing_context'],
    ['{"￿":1.5,"😀":1.5}', { '😀': 1.5, '\uffff': 1.5 }, true],
  ];
  it.each(rows)('%j against %j', (wanted, given, answer) => {
    expect(answerOf(askFilter({ value: wanted }, [given]))).toBe(answer);
    expect(answerOf(askFilter({ value: wanted, operator: 'exact' }, [given]))).toBe(answer);
  });
});

describe('exact true and exact false, by the legacy rules', () => {
  const rows: Row[] = [
    [true, true, true],
    [true, 'TRUE', true],
    [true, [true, 'true'], true],
    [true, [], true],
    [true, 'yes', false],
    [true, 1, false],
    ['true', true, true],
    ['False', false, true],
    [false, 'banana', true],
    [false, 0, true],
    [false, 5, true],
    [false, null, true],
    [false, {}, true],
    [false, ['true', 'no'], true],
    [false, 'true', false],
    [['true', false], 'banana', true],
    [['true', 'banana'], 'banana', true],
    [['true', 'banana'], 'cherry', false],
    [[], true, true],
    [[], [], true],
    [[], false, false],
    [false, Number.NaN, 'missing_context'],
    [false, 5n, 'missing_context'],
    [false, new Date(0), 'missing_context'],
  ];
  it.each(rows)('%j against %p', (wanted, given, answer) => {
    expect(answerOf(askFilter({ value: wanted }, [given]))).toBe(answer);
  });
});

describe('exact true and exact false, by matching version 2', () => {
  const rows: Row[] = [
    [false, 'banana', false],
    ['false', 'banana', false],
    [false, 'FALSE', true],
    [true, true, true],
    [true, 'true', true],
    [false, 0, false],
    [false, 1.5, false],
    [false, Number.NaN, 'missing_context'],
    [[], true, true],
    [[], [], true],
    [null, null, true],
    ['5', 5, 'missing_context'],
  ];
  it.each(rows)('%j against %p', (wanted, given, answer) => {
    expect(answerOf(askFilter({ value: wanted }, [given], { version: 2 }))).toBe(answer);
  });
});

describe('exact with an integer', () => {
  const rows: (readonly [wanted: unknown, given: unknown, theirs: unknown, ours: unknown])[] = [
    ['5', 5, 'missing_context', true],
    ['5', 6, 'missing_context', false],
    [5, '5', 'unsupported_definition', true],
    [5, 5, 'unsupported_definition', true],
    [5, 5.5, 'unsupported_definition', false],
    [['5'], 5, 'missing_context', true],
    [['a', 5], 'a', true, true],
    [['a', 5], 'b', 'unsupported_definition', false],
    [[5, 'a'], 'a', 'unsupported_definition', true],
    [['a', 5], 7, 'unsupported_definition', false],
    ['{"a":1}', { a: 1 }, 'missing_context', true],
    ['0', -0, 'missing_context', true],
    ['1e+21', 1e21, 'missing_context', true],
  ];
  it.each(rows)('%j against %j: undecided in posthog-node, decided here', (...row) => {
    const [wanted, given, theirs, ours] = row;
    expect(answerOf(askFilter({ value: wanted }, [given]))).toBe(theirs);
    expect(answerOf(askFilter({ value: wanted }, [given], { options: {} }))).toBe(ours);
  });

  it('leaves a property that is absent unsupported in posthog-node, missing here', () => {
    expect(answerOf(askFilter({ value: 5 }, []))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value: 5 }, [], { options: {} }))).toBe('missing_context');
  });
});

describe('exact with what JSON cannot carry', () => {
  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Infinity],
    ['a big integer', 5n],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['half a surrogate pair', 'x\ud83d'],
    ['half a surrogate pair within', { a: 'x\ud83d' }],
    ['half a surrogate pair in a name', { 'x\ud83d': 'a' }],
    ['a circle', circular],
    ['something nested very deep', deep],
    ['an endless array', Array.from({ length: 200_001 }).fill('x')],
    ['an object that holds one', { a: [undefined] }],
    ['a text beyond all that is honest', 'x'.repeat(500_001)],
    ['a thousand times the same long text', Array.from({ length: 1_000 }).fill('x'.repeat(10_000))],
    ['names that are too long in sum', namesOf(200, 'x'.repeat(6_000))],
    ['members without end', namesOf(20_001, '')],
  ])('has no answer: %s', (_name, given) => {
    expect(answerOf(askFilter({ value: 'x' }, [given]))).toBe('missing_context');
    expect(answerOf(askFilter({ value: 'x', operator: 'is_not' }, [given]))).toBe(
      'missing_context',
    );
  });

  it('is no filter either', () => {
    expect(answerOf(askFilter({ value: undefined }, ['x']))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value: 'x\ud83d' }, ['x']))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value: 'x\ud83d' }, []))).toBe('unsupported_definition');
  });

  it('asks for no truth in an array nested very deep', () => {
    let nested: unknown = true;
    for (let level = 0; level < 600; level++) nested = [nested];
    expect(answerOf(askFilter({ value: nested }, ['true']))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value: true }, [nested]))).toBe('missing_context');
  });

  it.each([
    ['values', Array.from({ length: 50_001 }, (_, index) => `value-${index}`)],
    ['text', Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(60_000)}`)],
  ])('is no filter where its list holds more %s than any honest one', (_name, value) => {
    expect(answerOf(askFilter({ value }, [value[7]]))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value, operator: 'is_not' }, ['x']))).toBe(
      'unsupported_definition',
    );
    expect(answerOf(askFilter({ value: value.slice(0, 20) }, [value[7]]))).toBe(true);
  });

  it('asks for no truth in an array that would unfold without bound', () => {
    let doubled: unknown = 'true';
    for (let level = 0; level < 100; level++) doubled = [doubled, doubled];
    expect(answerOf(askFilter({ value: doubled }, ['true']))).toBe('unsupported_definition');
    expect(answerOf(askFilter({ value: true }, [doubled]))).toBe('missing_context');
  });

  it('compares names by code point, where the order of UTF-16 is another', () => {
    const given = { '\uffff': 'a', '😀': 'b', '\ue000': 'c', ab: 'd', a: 'e' };
    const value = '{"a":"e","ab":"d","\ue000":"c","\uffff":"a","😀":"b"}';
    expect(answerOf(askFilter({ value }, [given]))).toBe(true);
  });

  it('reads objects without a prototype', () => {
    const given = Object.assign(Object.create(null) as object, { a: 'x' });
    expect(answerOf(askFilter({ value: '{"a":"x"}' }, [given]))).toBe(true);
  });
});

describe('is_not', () => {
  it.each([
    ['pro', 'free', true],
    ['pro', 'PRO', false],
    [['a', 'b'], 'c', true],
    [false, 'banana', false],
    ['5', 5, 'missing_context'],
    ['null', null, false],
  ] as Row[])('is the opposite of exact: %j against %j', (wanted, given, answer) => {
    expect(answerOf(askFilter({ value: wanted, operator: 'is_not' }, [given]))).toBe(answer);
  });
});

describe('an operator that is', () => {
  it.each([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ])('%s counts as exact', (_name, operator) => {
    expect(answerOf(askFilter({ value: 'a', operator }, ['A']))).toBe(true);
  });

  it.each(['between', 'icontains_multi', 'is_date_exact', 'constructor', 'in', 5])(
    'not known leaves the filter undecided: %s',
    (operator) => {
      const filter = { value: 'a', operator };
      expect(answerOf(askFilter(filter, ['a']))).toBe('unsupported_definition');
      expect(answerOf(askFilter(filter, []))).toBe('unsupported_definition');
      expect(answerOf(askFilter(filter, [undefined]))).toBe('unsupported_definition');
      expect(answerOf(askFilter(filter, [null]))).toBe(false);
      expect(answerOf(askFilter(filter, ['a'], { options: { ...compat } }))).toBe(
        'unsupported_definition',
      );
    },
  );
});
