import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter } from '../ask.js';

type Row = readonly [operator: string, wanted: unknown, given: unknown, answer: boolean | string];

describe('the text operators', () => {
  const rows: Row[] = [
    ['icontains', '@Acme', 'alice@ACME.com', true],
    ['icontains', '@acme', 'alice@other.com', false],
    ['icontains', '', 'anything', true],
    ['icontains', 'É', 'é', false],
    ['icontains', 'é', 'Café', true],
    ['icontains', 'CAFé', 'café', true],
    ['icontains', 'NULL', null, true],
    ['icontains', 'object', {}, true],
    ['icontains', '1,2', [1, 2], true],
    ['icontains', 5, 15, true],
    ['icontains', undefined, 'undefined', true],
    ['not_icontains', 'x', null, true],
    ['not_icontains', '@acme', 'alice@acme.com', false],
    ['starts_with', 'AL', 'alice', true],
    ['starts_with', 'ice', 'alice', false],
    ['not_starts_with', 'AL', 'alice', false],
    ['not_starts_with', 'ice', 'alice', true],
    ['ends_with', 'ICE', 'alice', true],
    ['ends_with', 'al', 'alice', false],
    ['not_ends_with', 'ICE', 'alice', false],
    ['not_ends_with', 'al', 'alice', true],
  ];
  it.each(rows)('%s %j in %j', (operator, value, given, answer) => {
    expect(answerOf(askFilter({ operator, value }, [given]))).toBe(answer);
  });

  it.each([
    ['without a prototype', Object.create(null)],
    [
      'whose toString throws',
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
    ['whose toString is no function', { toString: 'x' }],
  ])('fail on an object %s', (_name, given) => {
    for (const operator of ['icontains', 'not_ends_with', 'regex', 'gt', 'semver_eq']) {
      expect(answerOf(askFilter({ operator, value: '1.0.0' }, [given]))).toBe('evaluation_error');
    }
  });

  it.each(['icontains', 'regex', 'gt'])('fail on a filter that has no text: %s', (operator) => {
    const filter = { operator, value: { toString: 'x' } };
    expect(answerOf(askFilter(filter, ['a']))).toBe('evaluation_error');
    expect(answerOf(askFilter(filter, []))).toBe('missing_context');
  });

  it.each(['semver_eq', 'semver_caret', 'is_date_after'])(
    'fail on a filter that has no text, even without the property: %s',
    (operator) => {
      const filter = { operator, value: { toString: 'x' } };
      expect(answerOf(askFilter(filter, ['a']))).toBe('evaluation_error');
      expect(answerOf(askFilter(filter, []))).toBe('evaluation_error');
    },
  );
});

describe('the text of an array', () => {
  it('in a circle is that of JavaScript: nothing where it meets itself', () => {
    const circular: unknown[] = ['a'];
    circular.push(circular, 'b');
    expect(answerOf(askFilter({ operator: 'icontains', value: 'a,,b' }, [circular]))).toBe(true);
  });

  it('that would unfold without bound is none', () => {
    let doubled: unknown = ['x'];
    for (let level = 0; level < 60; level++) doubled = [doubled, doubled];
    let deep: unknown = 'x';
    for (let level = 0; level < 2_000; level++) deep = [deep];
    const endless: unknown[] = [];
    endless.length = 1_000_000_000;
    for (const given of [doubled, deep, endless]) {
      expect(answerOf(askFilter({ operator: 'icontains', value: 'x' }, [given]))).toBe(
        'evaluation_error',
      );
    }
  });
});
