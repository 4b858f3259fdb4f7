import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter } from '../ask.js';

describe('is_set and is_not_set', () => {
  it.each([['x'], [''], [0], [false], [null], [undefined], [{}]])(
    'know a property that is there: %p',
    (given) => {
      expect(answerOf(askFilter({ operator: 'is_set' }, [given]))).toBe(true);
      expect(answerOf(askFilter({ operator: 'is_not_set' }, [given]))).toBe(false);
    },
  );

  it('do not know whether PostHog has a property that the context lacks', () => {
    expect(answerOf(askFilter({ operator: 'is_set' }, []))).toBe('missing_context');
    expect(answerOf(askFilter({ operator: 'is_not_set' }, []))).toBe('missing_context');
  });
});

describe('a property', () => {
  it.each(['exact', 'gt', 'regex', 'is_date_after', 'semver_eq'])(
    'given as undefined says nothing to %s',
    (operator) => {
      const filter = { operator, value: '1.2.3' };
      expect(answerOf(askFilter(filter, [undefined]))).toBe('unsupported_definition');
    },
  );

  it.each(['gt', 'lte', 'is_date_before', 'semver_eq', 'semver_tilde'])(
    'given as null does not match %s',
    (operator) => {
      expect(answerOf(askFilter({ operator, value: '2020-01-01' }, [null]))).toBe(false);
    },
  );
});
