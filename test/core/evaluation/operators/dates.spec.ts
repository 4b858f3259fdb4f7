import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter, compat } from '../ask.js';

const nowText = '2022-05-01T00:00:00.000Z';

function ask(operator: string, value: unknown, given: unknown, at = nowText): boolean | string {
  const options = { ...compat, now: () => Date.parse(at) };
  return answerOf(askFilter({ operator: `is_date_${operator}`, value }, [given], { options }));
}

describe('a span back from now', () => {
  it.each([
    ['2022-05-01T00:00:00Z', '6h', '2022-04-30T18:00:00Z'],
    ['2022-05-01T00:00:00Z', '1d', '2022-04-30T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '-1d', '2022-04-30T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '01d', '2022-04-30T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '0d', '2022-05-01T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '13d', '2022-04-18T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '2w', '2022-04-17T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '1m', '2022-04-01T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '12m', '2021-05-01T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '24m', '2020-05-01T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '1y', '2021-05-01T00:00:00Z'],
    ['2022-05-01T00:00:00Z', '7y', '2015-05-01T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '1m', '2020-02-29T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '2m', '2020-01-29T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '3m', '2019-12-29T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '6m', '2019-09-29T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '13m', '2019-02-28T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '1y', '2019-03-31T00:00:00Z'],
    ['2020-03-31T00:00:00Z', '0m', '2020-03-31T00:00:00Z'],
    ['2023-03-29T00:00:00Z', '1y', '2022-03-29T00:00:00Z'],
    ['2024-02-10T00:00:00Z', '1y', '2023-02-10T00:00:00Z'],
    ['2024-02-29T12:00:00Z', '0y', '2024-02-29T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '1y', '2023-02-28T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '4y', '2020-02-28T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '12m', '2023-02-28T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '48m', '2020-02-28T12:00:00Z'],
    ['2022-05-01T00:00:00Z', '9999y', '-007977-05-01T00:00:00Z'],
  ])('at %s: %s is %s', (at, span, border) => {
    const borderMs = Date.parse(border);
    expect(ask('before', span, borderMs - 1, at)).toBe(true);
    expect(ask('before', span, borderMs, at)).toBe(false);
    expect(ask('after', span, borderMs, at)).toBe(false);
    expect(ask('after', span, borderMs + 1, at)).toBe(true);
  });

  it.each(['+1d', ' 1d', '1.5d', '1D', '--1d', '1s', '10000d', 'd', '1dx', '1d ', ''])(
    'is not %j',
    (text) => {
      expect(ask('after', text, '2022-01-01')).toBe('unsupported_definition');
    },
  );

  it('is reckoned from the clock of the process unless another is given', () => {
    const filter = { operator: 'is_date_after', value: '1h' };
    expect(askFilter(filter, [new Date()]).value).toBe(true);
    expect(askFilter(filter, ['2001-01-01']).value).toBe(false);
  });
});

describe('a fixed date', () => {
  it.each([
    ['2022-05-01', '2022-04-30T23:59:59Z', true, false],
    ['2022-05-01', '2022-05-01', false, false],
    ['2022-05-01T02:00:00+02:00', new Date('2022-05-01T00:00:00.001Z'), false, true],
    [1_651_363_200_000, '2022-05-01', false, false],
    ['2022-05-01', 1_651_363_200_001, false, true],
    [['-1d'], '2022-04-29', true, false],
    ['2022-05-01', new Date(Number.NaN), false, false],
  ])('%p against %p', (wanted, given, isBefore, isAfter) => {
    expect(ask('before', wanted, given)).toBe(isBefore);
    expect(ask('after', wanted, given)).toBe(isAfter);
  });

  it.each([[true], [null], ['soon'], [{}], [Number.NaN]])('is not %p', (wanted) => {
    expect(ask('before', wanted, '2022-05-01')).toBe('unsupported_definition');
  });

  it.each([['soon'], [true], [{}], [[]], [5n], [Number.NaN]])(
    'cannot be compared with %p',
    (given) => {
      expect(ask('before', '2022-05-01', given)).toBe('missing_context');
    },
  );

  it.each([
    ['a symbol', Symbol('s')],
    ['an object without a prototype', Object.create(null)],
  ])('fails on %s, as in posthog-node', (_name, given) => {
    expect(ask('before', '2022-05-01', given)).toBe('evaluation_error');
  });

  it('is read from no text beyond all that is honest', () => {
    expect(ask('before', '2022-05-01', `2022-04-30${' '.repeat(400_000)}`)).toBe(true);
    expect(ask('before', '2022-05-01', `2022-04-30${' '.repeat(500_000)}`)).toBe(
      'evaluation_error',
    );
  });
});

describe('the moment of an evaluation', () => {
  it('is asked for only when a relative date needs it', () => {
    let asked = 0;
    const now = () => {
      asked += 1;
      return 0;
    };
    const options = { now };
    askFilter({ operator: 'is_date_after', value: '2022-01-01' }, ['2022-05-01'], { options });
    expect(asked).toBe(0);
    askFilter({ operator: 'is_date_after', value: '1d' }, ['2022-05-01'], { options });
    expect(asked).toBe(1);
  });
});
