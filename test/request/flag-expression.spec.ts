import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FlagEvaluation } from '../../lib/index.js';
import { compileExpression } from '../../lib/request/flag-expression.js';
import type { FlagExpression, Verdict } from '../../lib/request/flag-expression.js';

/** Flags by value: `yes` is on, `no` is off, `open` is unresolved, `high` has that variant. */
const values: Readonly<Record<string, FlagEvaluation['value']>> = {
  yes: true,
  no: false,
  open: undefined,
  high: 'high',
};

function verdictOf(expression: FlagExpression): Verdict {
  const { keys, judge } = compileExpression(expression);
  return judge(keys.map((key) => evaluation(key, values[key])));
}

function evaluation(key: string, value: FlagEvaluation['value']): FlagEvaluation {
  return {
    key,
    value,
    enabled: value !== undefined && value !== false,
    variant: typeof value === 'string' ? value : undefined,
    payload: undefined,
    reason: value === undefined ? 'missing_context' : 'condition_match',
    conditionIndex: undefined,
    origin: 'local',
    revision: 1,
  };
}

describe('an expression of flags', () => {
  it.each<[FlagExpression, Verdict]>([
    ['yes', 'yes'],
    ['no', 'no'],
    ['open', 'unknown'],
    ['high', 'yes'],
    [{ flag: 'high', variant: 'high' }, 'yes'],
    [{ flag: 'high', variant: 'low' }, 'no'],
    [{ flag: 'yes', variant: 'high' }, 'no'],
    [{ flag: 'open', variant: 'high' }, 'unknown'],
    [{ all: ['yes', 'high'] }, 'yes'],
    [{ all: ['yes', 'open'] }, 'unknown'],
    [{ all: ['open', 'no'] }, 'no'],
    [{ any: ['no', 'yes'] }, 'yes'],
    [{ any: ['open', 'yes'] }, 'yes'],
    [{ any: ['no', 'open'] }, 'unknown'],
    [{ any: ['no', 'no'] }, 'no'],
    [{ not: 'yes' }, 'no'],
    [{ not: 'no' }, 'yes'],
    [{ not: 'open' }, 'unknown'],
    [{ all: [{ any: ['no', { not: 'no' }] }, { not: { all: ['yes', 'no'] } }] }, 'yes'],
  ])('%j is %s', (expression, verdict) => {
    expect(verdictOf(expression)).toBe(verdict);
  });

  it('names each flag once', () => {
    expect(compileExpression({ all: ['a', { any: ['b', 'a'] }, { not: 'b' }] }).keys).toEqual([
      'a',
      'b',
    ]);
  });

  it('is decided only when no value of the unresolved flag could change it', () => {
    const { expression } = fc.letrec<{ expression: FlagExpression }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('a', 'b', 'c'),
        fc.record({ not: tie('expression') }),
        fc.record({ all: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
      ),
    }));
    const known = fc.record({
      a: fc.constantFrom(true, false),
      b: fc.constantFrom(true, false),
    });
    fc.assert(
      fc.property(expression, known, (written, { a, b }) => {
        const { keys, judge } = compileExpression(written);
        const given = (c: boolean | undefined) =>
          judge(keys.map((key) => evaluation(key, { a, b, c }[key])));
        const verdict = given(undefined);
        // Sound: what is decided holds whatever the open flag turns out to be.
        if (verdict === 'unknown') return;
        expect([given(true), given(false)]).toEqual([verdict, verdict]);
      }),
    );
  });

  it.each<[unknown, string]>([
    ['', 'expected the key of a flag, got an empty string'],
    [undefined, 'got undefined'],
    [null, 'got null'],
    [7, 'got number'],
    [{}, 'got object'],
    [{ some: ['a'] }, 'got an object with some'],
    [{ all: ['a'], any: ['b'] }, 'got an object with all, any'],
    [{ all: [] }, '`all` needs a list of at least one flag'],
    [{ any: 'a' }, '`any` needs a list of at least one flag'],
    [{ not: '' }, 'an empty string'],
    [{ flag: 'a' }, 'got an object with flag'],
    [{ flag: 'a', variant: '' }, 'the variant of "a" must be the key of a variant'],
    [{ flag: 7, variant: 'x' }, 'expected the key of a flag, got number'],
  ])('%j is refused', (expression, message) => {
    expect(() => compileExpression(expression as FlagExpression)).toThrow(message);
  });
});
