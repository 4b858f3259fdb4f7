import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { FeatureFlag, isFlagsError } from '../../lib/index.js';

type Written = Parameters<typeof FeatureFlag>;

describe('@FeatureFlag written wrong', () => {
  it.each<[string, unknown[], string]>([
    ['a variant for an expression', [{ all: ['a'] }, { variant: 'x' }], 'write { flag, variant }'],
    [
      'an unknown option',
      ['a', { otherwize: 1 }],
      "@FeatureFlag('a') has no option otherwize; it has",
    ],
    ['an unknown word', ['a', { whenUnresolved: 'maybe' }], "must be 'refuse' or 'allow'"],
    ['an unknown otherwise', ['a', { otherwise: {} }], 'otherwise must be a function'],
    ['a text as otherwise', ['a', { otherwise: '/old' }], 'otherwise must be a function'],
    ['an empty redirect', ['a', { otherwise: { redirect: '' } }], 'otherwise must be a function'],
    [
      'redirect and handler at once',
      ['a', { otherwise: { redirect: '/old', handler: 'old' } }],
      'otherwise must be a function',
    ],
    [
      'a status that is no redirect',
      ['a', { otherwise: { redirect: '/', status: 200 } }],
      '301, 302',
    ],
    ['a status for a handler', ['a', { otherwise: { handler: 'x', status: 302 } }], '301, 302'],
  ])('%s is refused when the class is defined', (_what, written, message) => {
    let error: unknown;
    try {
      FeatureFlag(...(written as Written));
    } catch (caught) {
      error = caught;
    }
    expect(isFlagsError(error) && error.code).toBe('invalid-options');
    expect(String(error)).toContain(message);
  });

  it('belongs on a method or a class, not on a property', () => {
    const define = () => {
      class Shop {
        @(FeatureFlag('a') as PropertyDecorator)
        name = 'shop';
      }
      return Shop;
    };
    expect(define).toThrow('it belongs on a method or a class');
  });

  it('is fine in all its forms', () => {
    const forms = [
      FeatureFlag('a'),
      FeatureFlag('a', { variant: 'x', whenUnresolved: 'allow' }),
      FeatureFlag('a', { otherwise: ({ key }) => new NotFoundException(key) }),
      FeatureFlag({ any: ['a'] }, { otherwise: ([first]) => new NotFoundException(first?.key) }),
      FeatureFlag({ not: 'a' }, { otherwise: { redirect: '/', status: 303 } }),
      FeatureFlag('a', { otherwise: { redirect: () => '/' } }),
    ];
    expect(forms.every((form) => typeof form === 'function')).toBe(true);
  });
});
