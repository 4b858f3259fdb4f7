/** What a fallback cache's URL may say, and what is said of one that is wrong. */
import { describe, expect, it } from '@jest/globals';
import { readFallbackUrl } from '../../../lib/caches/url/fallback-url.js';

describe('the URL of a fallback cache', () => {
  it.each([
    ['memory:', { ttlMs: 300_000, staleTtlMs: 3_600_000, serveFresh: false }],
    ['memory://local/?ttl=300&size=10000', { ttlMs: 300_000, staleTtlMs: 3_600_000, serveFresh: false }], // prettier-ignore
    ['memory://local/?ttl=7200', { ttlMs: 7_200_000, staleTtlMs: 7_200_000, serveFresh: false }],
    ['redis://user:pass@host:6379/0/?ttl=60', { ttlMs: 60_000, staleTtlMs: 3_600_000, serveFresh: false }], // prettier-ignore
    ['rediss://host?ttl=60&staleTtl=120&serveFresh=true&key=shop', { ttlMs: 60_000, staleTtlMs: 120_000, serveFresh: true }], // prettier-ignore
  ])('%s is understood, in milliseconds', (url, settings) => {
    expect(readFallbackUrl(url).settings).toEqual(settings);
  });

  it.each([
    ['memcached://u:secret@host/', /scheme memcached:.*memory:, redis:, rediss:/],
    ['nothing secret', /cannot be read/],
    ['memory://local/?ttl=5m', /ttl that is no whole number from 1/],
    ['memory://local/?ttl=0', /ttl that is no whole number/],
    ['memory://local/?ttl=-1', /ttl that is no whole number/],
    ['memory://local/?size=lots', /size that is no whole number/],
    ['memory://local/?ttl=300&stale=5', /does not exist: stale; .*staleTtl/],
    ['memory://local/?key=x', /does not exist: key/],
    ['redis://u:secret@host/0?size=5', /does not exist: size/],
    [
      'redis://u:secret@host/0?staleTtl=5',
      /staleTtl of 5 seconds, which is less than its ttl of 300/,
    ],
    ['redis://u:secret@host/0?key=a%20b', /key that is none/],
    ['redis://u:secret@host/first', /no number/],
    ['redis://u:secret@host/0?serveFresh=yes', /neither true nor false/],
    ['redis://user:63?secret@host/0', /does not exist: its name is not repeated here/],
    ['memory://local/?ttl=5&ttl=7', /its parameter ttl more than once/],
  ])('%s is refused, and not repeated', (url, message) => {
    const read = () => readFallbackUrl(url);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret/);
  });

  it('is told all its mistakes at once', () => {
    const read = () =>
      readFallbackUrl('memory://local/?ttl=0&staleTtl=-3&size=abc&serveFresh=1&x=');
    const parts = [/does not exist: x/, /parameter ttl that/, /staleTtl that/, /size that/, /serveFresh that/]; // prettier-ignore
    for (const part of parts) expect(read).toThrow(part);
  });
});
