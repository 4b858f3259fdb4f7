import { describe, expect, it } from '@jest/globals';
import { lowerAscii } from '../../../../lib/core/evaluation/operators/letter-case.js';
import { searchFor } from '../../../../lib/core/evaluation/operators/text-search.js';
import { Random } from '../../../fidelity/random.js';
import { answerOf, askFilter } from '../ask.js';

type Row = readonly [operator: string, wanted: unknown, given: unknown, answer: boolean | string];

describe('the text operators', () => {
  const rows: Row[] = [
    ['icontains', '@Acme', 'alice@ACME.com', true],
    ['icontains', '@acme', 'alice@other.com', false],
    ['icontains', 'alice@acme.com', 'alice', false],
    ['icontains', '', 'anything', true],
    ['icontains', '', '', true],
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

  it.each(['icontains', 'regex'])('fail on it for a property that is null, too: %s', (operator) => {
    const filter = { operator, value: { toString: 'x' } };
    expect(answerOf(askFilter(filter, [null]))).toBe('evaluation_error');
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
    const long = 'x'.repeat(100_000);
    const longTexts = Array.from({ length: 20 }, () => long);
    for (const given of [doubled, deep, endless, longTexts]) {
      expect(answerOf(askFilter({ operator: 'icontains', value: 'x' }, [given]))).toBe(
        'evaluation_error',
      );
    }
  });
});

describe('a text', () => {
  it.each([
    ['a text of more than half a million units', 'x'.repeat(500_001)],
    ['one that an object makes', { toString: () => 'x'.repeat(500_001) }],
    ['a number of thousands of digits', 10n ** 4_000n],
    ['the negative of it', -(10n ** 4_000n)],
    ['many numbers of more than 20 digits', Array<bigint>(1_000).fill(10n ** 30n)],
    ['bytes without end', new Uint8Array(1_000_000)],
  ])('beyond all that is honest is none: %s', (_name, given) => {
    expect(answerOf(askFilter({ operator: 'icontains', value: 'x' }, [given]))).toBe(
      'evaluation_error',
    );
  });

  it.each([
    ['half a million units', `${'x'.repeat(499_999)}Y`, 'y', true],
    ['a large integer', 10n ** 30n, '10000000000', true],
    ['some bytes', new Uint8Array([1, 2]), '1,2', true],
  ])('is read up to there: %s', (_name, given, value, answer) => {
    expect(answerOf(askFilter({ operator: 'icontains', value }, [given]))).toBe(answer);
  });

  it('that is long is folded as a short one: A to Z alone, and halves of pairs as they are', () => {
    const text = 'ÉaBİ😀Z\ud800'.repeat(500);
    expect(lowerAscii(text)).toBe('Éabİ😀z\ud800'.repeat(500));
    expect(answerOf(askFilter({ operator: 'icontains', value: 'é' }, [text]))).toBe(false);
    expect(answerOf(askFilter({ operator: 'icontains', value: 'AB' }, [text]))).toBe(true);
    expect(answerOf(askFilter({ operator: 'ends_with', value: 'z\ud800' }, [text]))).toBe(true);
  });

  // A search that compares them unit by unit would still be at it tomorrow.
  it('made to be slow to search is searched in linear time', () => {
    const text = 'a'.repeat(500_000);
    const wanted = `${'a'.repeat(125_000)}b${'a'.repeat(125_000)}`;
    const like = `${'a'.repeat(200_000)}b${'a'.repeat(200_000)}`;
    expect(answerOf(askFilter({ operator: 'icontains', value: wanted }, [text]))).toBe(false);
    expect(answerOf(askFilter({ operator: 'icontains', value: wanted }, [like]))).toBe(true);
  });

  it.each([
    ['a text that begins with another unit', 'abcdefghij', 'xbcdefghij', false],
    ['a text that has its parts, but apart', 'abcdefghij', 'abcde-fghij', false],
    ['a text that breaks off and begins anew', 'abcdefghij', 'abcdeabcdefghij', true],
    ['a text whose beginning comes twice', 'ababababac', 'abababababac', true],
    ['a text that ends too early', 'abcdefghij', 'abcdefghi', false],
  ])('too long for the engine, and then %s', (_what, wanted, given, answer) => {
    const long = `${'-'.repeat(400_000)}${given}`;
    expect(answerOf(askFilter({ operator: 'icontains', value: wanted }, [long]))).toBe(answer);
  });

  it('is found in linear time where the engine finds it', () => {
    const random = new Random(1);
    const drawn = (length: number): string =>
      Array.from({ length }, () => random.pick(['a', 'b'])).join('');
    const answers = Array.from({ length: 300 }, () => {
      // Long enough, with the wanted text, for the linear search.
      const text = drawn(random.between(2_500, 3_000));
      const at = random.between(0, 400);
      const part = text.slice(at, at + 2_000);
      const wanted = random.chance(0.5) ? part : `${part.slice(0, 1_000)}b${part.slice(1_001)}`;
      expect(searchFor(wanted)(text)).toBe(text.includes(wanted));
      return text.includes(wanted);
    });
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });
});
