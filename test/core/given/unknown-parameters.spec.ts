/** The parameters of a URL that do not exist are named, unless a password may have become one. */
import { describe, expect, it } from '@jest/globals';
import { unknownParameters } from '../../../lib/core/given/unknown-parameters.js';
import { readCacheUrl } from '../../../lib/caches/url/cache-url.js';
import { readFallbackUrl } from '../../../lib/caches/url/fallback-url.js';

const namesIn = (url: string): string | undefined => unknownParameters(new URL(url), ['key']);

describe('the parameters of a URL', () => {
  it.each([
    ['redis://host/0', undefined],
    ['redis://host/0?key=a@b', undefined],
    ['redis://host/0?kye=a', 'kye'],
    ['redis://u:p@host/0?a=1&key=b&c', 'a, c'],
  ])('of %s: those that do not exist are named', (url, names) => {
    expect(namesIn(url)).toBe(names);
  });

  it.each([
    ['redis://user:63?hunter2@host/0'],
    ['redis://user:63?hunter2&tail@host/0'],
    ['redis://user:63/x?hunter2@host/0'],
    ['redis://user:63?hunter2#tail@host/0'],
    ['redis://user@host/0?password=x&hunter2'],
  ])('of %s are not named: a password that was not encoded may be among them', (url) => {
    expect(namesIn(url)).toMatch(/its name is not repeated here/);
    expect(namesIn(url)).not.toMatch(/hunter2/);
  });
});

describe.each([
  ['a cache', readCacheUrl, ['redis:', 'rediss:', 'postgres:', 'dynamodb:', 'file:']],
  ['a fallback cache', readFallbackUrl, ['redis:', 'rediss:']],
])('the URL of %s', (_what, read, schemes) => {
  it.each(schemes)('%s with a password that was not encoded is refused without it', (scheme) => {
    const place = scheme === 'file:' ? '//' : '//user:63';
    expect(() => read(`${scheme}${place}/1?hunter2@host/0`)).toThrow(/not repeated here/);
    expect(() => read(`${scheme}${place}/1?hunter2@host/0`)).not.toThrow(/hunter2/);
  });
});
