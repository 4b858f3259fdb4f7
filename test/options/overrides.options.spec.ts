/** The option `overrides`: off unless it is written, and then said to the last word. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { isFlagsError } from '../../lib/index.js';
import { MutableSource } from '../support/mutable-source.js';

const source = new MutableSource();
const key = randomBytes(32);
const right = { keys: [key], flags: ['a'] };

const settingsOf = (overrides: unknown) => resolveOptions({ source, overrides }).overrides;

function mistakesOf(overrides: unknown): string {
  try {
    settingsOf(overrides);
  } catch (error) {
    if (isFlagsError(error) && error.code === 'invalid-options') return error.message;
  }
  throw new Error('nothing is wrong');
}

describe('the option overrides', () => {
  it('is off where it is left out, or false', () => {
    expect(settingsOf(undefined)).toBeUndefined();
    expect(settingsOf(false)).toBeUndefined();
  });

  it('reads one header, no cookie, and 7 days at most, unless it says otherwise', () => {
    expect(settingsOf(right)).toMatchObject({
      header: 'x-feature-flags-override',
      cookie: undefined,
      rules: { flags: new Set(['a']), maxLifetimeMs: 604_800_000, audience: undefined },
    });
    expect(settingsOf({ ...right, header: 'X-QA', cookie: 'qa', maxLifetimeMs: 60_000 })).toMatchObject({ header: 'x-qa', cookie: 'qa', rules: { maxLifetimeMs: 60_000 } }); // prettier-ignore
    expect(settingsOf({ ...right, header: false, cookie: 'qa' })?.header).toBeUndefined();
    expect(settingsOf({ ...right, flags: '*' })?.rules.flags).toBe('*');
  });

  it('keeps no secret as it was given', () => {
    const secret = 'canary-secret-of-more-than-32-bytes';
    const settings = settingsOf({ ...right, keys: [secret] });
    const bytes = Buffer.concat(settings?.rules.keys ?? []);
    expect(bytes).toHaveLength(32);
    expect(bytes.toString('latin1')).not.toContain('canary');
  });

  it.each([
    ['nothing', {}, /overrides\.keys: got undefined[^]*overrides\.flags: got undefined/],
    ['true', true, /overrides: got true, expected an object with keys, flags/],
    ['no list of keys', { ...right, keys: 'k'.repeat(40) }, /keys: got a text of 40 letters, expected a list/], // prettier-ignore
    ['no keys', { ...right, keys: [] }, /keys: got a list of 0/],
    ['a key of a variable that is not set', { ...right, keys: [key, undefined] }, /keys\[1\]: must be a text or bytes, got undefined: perhaps a variable/], // prettier-ignore
    ['a key that is short', { ...right, keys: ['s3cret'] }, /keys\[0\]: has 6 bytes/],
    [
      'no flags',
      { ...right, flags: [] },
      /flags: got a list of 0, expected the keys.*'\*' for all/,
    ],
    ['a flag that is no list', { ...right, flags: 'a' }, /flags: got a text of 1 letters/],
    ['a list with all', { ...right, flags: ['a', 7] }, /a list in which something is no key/],
    ['a header that is none', { ...right, header: 'x y' }, /header: got a text of 3 letters, expected the name of a header/], // prettier-ignore
    ['true for the cookie', { ...right, cookie: true }, /cookie: got true, expected the name of a cookie/], // prettier-ignore
    ['nothing to read', { ...right, header: false }, /header is false and there is no cookie/],
    ['an empty audience', { ...right, audience: '' }, /audience: got a text of 0 letters/],
    ['a lifetime of a year', { ...right, maxLifetimeMs: 31_536_000_000 }, /maxLifetimeMs:.*from 60000 to 2592000000/], // prettier-ignore
    ['another word', { ...right, secrets: [] }, /overrides\.secrets: there is no such option/],
  ])('with %s is a mistake, told without the secret', (_what, overrides, expected) => {
    const message = mistakesOf(overrides);
    expect(message).toMatch(expected);
    expect(message).not.toContain('s3cret');
  });
});
