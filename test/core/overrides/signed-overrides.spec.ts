/** Signed overrides: nothing counts but what was signed, for as long as it was signed for. */
import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';
import type { FlagOverrides } from '../../../lib/core/overrides/flag-overrides.js';
import {
  MOST_SIGNED_BYTES,
  openSignedOverrides,
  signContent,
  signingKey,
  type SignedContent,
  type SignedOverridesRules,
} from '../../../lib/core/overrides/signed-overrides.js';
import {
  signOverridesAt,
  type SignOverridesOptions,
} from '../../../lib/core/overrides/sign-overrides.js';
import { deriveKeys } from '../../../lib/core/cache/codecs/seal-keys.js';

const now = Date.UTC(2026, 10, 21);
const hour = 3_600_000;
const day = 24 * hour;
const key = 'k'.repeat(32);
const otherKey = randomBytes(32);
const rules: SignedOverridesRules = {
  keys: [signingKey(key)],
  flags: '*',
  maxLifetimeMs: 7 * day,
  audience: undefined,
};

const sign = (options: Partial<SignOverridesOptions> = {}) =>
  signOverridesAt({ flags: { a: true }, expiresInMs: hour, key, ...options }, now);

const open = (text: string, changed: Partial<SignedOverridesRules> = {}, at = now) =>
  openSignedOverrides(text, { ...rules, ...changed }, at);

const refused = (why: string) => ({ kind: 'refused', why });

/** What no function of ours would sign. */
const signAny = (content: unknown) => signContent(content as SignedContent, signingKey(key));

function accepted(text: string, changed: Partial<SignedOverridesRules> = {}) {
  const opened = open(text, changed);
  if (opened.kind === 'refused') throw new Error(opened.why);
  return opened;
}

describe('a signed override', () => {
  it('is opened to what was signed', () => {
    const flags: FlagOverrides = { on: true, off: false, theme: 'dark', gone: undefined, priced: { value: 'high', payload: { factor: 2 } } }; // prettier-ignore
    const opened = accepted(sign({ flags, distinctId: 'ada' }));
    expect(Object.fromEntries(opened.overrides)).toEqual({
      on: { value: true, payload: undefined },
      off: { value: false, payload: undefined },
      theme: { value: 'dark', payload: undefined },
      gone: { value: undefined, payload: undefined },
      priced: { value: 'high', payload: { own: { factor: 2 } } },
    });
    expect(opened).toMatchObject({ expiresAt: now + hour, distinctId: 'ada', keyIndex: 0 });
  });

  it('has the form v1.content.signature, of letters that headers and cookies may have', () => {
    const text = sign({ flags: { ключ: 'ß/+?;, "' } });
    expect(text).toMatch(/^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
    const [, content = ''] = text.split('.');
    expect(JSON.parse(Buffer.from(content, 'base64url').toString())).toEqual({
      flags: { ключ: 'ß/+?;, "' },
      issuedAt: now,
      expiresAt: now + hour,
    });
  });

  it('carries any flags and values', () => {
    const value = fc.oneof(fc.boolean(), fc.string({ minLength: 1, maxLength: 20 }));
    const names = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(names, value, { minKeys: 1, maxKeys: 8 }), (flags) => {
        const opened = accepted(sign({ flags }));
        const values = [...opened.overrides].map(([name, override]) => [name, override.value]);
        expect(values).toEqual(Object.entries(flags));
      }),
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('may name a flag %s, and no other', (name) => {
    const { overrides } = accepted(sign({ flags: Object.fromEntries([[name, 'x']]) }));
    expect([...overrides]).toEqual([[name, { value: 'x', payload: undefined }]]);
    expect(overrides.get('hasOwnProperty')).toBeUndefined();
    expect(open(sign({ flags: Object.fromEntries([[name, true]]) }), { flags: new Set(['a']) })).toEqual(refused('flag-not-allowed')); // prettier-ignore
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('a signed override that was changed', () => {
  it('in any bit of any letter is refused', () => {
    const text = sign({ flags: { a: true, theme: 'dark' }, audience: 'shop', distinctId: 'ada' });
    const letters = fc.nat({ max: text.length - 1 });
    fc.assert(
      fc.property(letters, fc.nat({ max: 7 }), (at, bit) => {
        const bytes = Buffer.from(text, 'latin1');
        bytes[at]! ^= 1 << bit;
        expect(open(bytes.toString('latin1'), { audience: 'shop' }).kind).toBe('refused');
      }),
      { numRuns: 2_000 },
    );
  });

  it('in any letter of its signature is refused, also where the bytes stay the same', () => {
    const text = sign();
    const start = text.length - 43;
    for (let at = start; at < text.length; at += 1) {
      for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        if (letter === text[at]) continue;
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        expect(open(changed)).toEqual(refused('wrong-signature'));
      }
    }
  });

  it('by taking the content of another is refused', () => {
    const [, content] = sign({ flags: { b: true } }).split('.');
    const [version, , signature] = sign().split('.');
    expect(open(`${version}.${content}.${signature}`)).toEqual(refused('wrong-signature'));
  });
});

describe('a text that is no signed override', () => {
  it('is refused, whatever it is', () => {
    const parts = fc.array(fc.stringMatching(/^[\w-]{0,60}$/), { minLength: 0, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((all) => all.join('.')),
          parts.map((all) => `v1.${all.join('.')}`),
        ),
        (text) => {
          // prettier-ignore
          expect(open(text).kind).toBe('refused');
        },
      ),
    );
  });

  it.each([
    ['', 'malformed'],
    ['v1', 'malformed'],
    ['v1..', 'malformed'],
    [`${sign()}.`, 'malformed'],
    [` ${sign()}`, 'malformed'],
    [sign().replace('v1.', 'v2.'), 'malformed'],
    [`${sign()},${sign()}`, 'malformed'],
  ])('%j is %s', (text, why) => {
    expect(open(text)).toEqual(refused(why));
  });

  it('is not even looked at when it is too long', () => {
    const long = `v1.${'A'.repeat(MOST_SIGNED_BYTES)}.${'A'.repeat(43)}`;
    expect(open(long)).toEqual(refused('too-large'));
    const flags = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`flag-number-${n}`, true])); // prettier-ignore
    const content = { flags, issuedAt: now, expiresAt: now + hour };
    expect(open(signAny(content))).toEqual(refused('too-large'));
  });
});

describe('keys', () => {
  it('that are not ours sign nothing that is heeded', () => {
    expect(open(sign({ key: otherKey }))).toEqual(refused('wrong-signature'));
  });

  it('are several while one takes the place of another', () => {
    const both = { keys: [signingKey(key), signingKey(otherKey)] };
    expect(accepted(sign(), both).keyIndex).toBe(0);
    expect(accepted(sign({ key: otherKey }), both).keyIndex).toBe(1);
    expect(open(sign(), { keys: [signingKey(otherKey)] })).toEqual(refused('wrong-signature'));
  });

  it('are not the secret itself, nor the key of a seal made of the same secret', () => {
    const [version, content] = sign().split('.');
    for (const bytes of [Buffer.from(key), deriveKeys(key).sign]) {
      const signature = createHmac('sha256', bytes).update(`${version}.${content}`);
      expect(open(`${version}.${content}.${signature.digest('base64url')}`)).toEqual(
        refused('wrong-signature'),
      );
    }
  });
});

describe('time', () => {
  it('ends it to the millisecond', () => {
    expect(open(sign(), {}, now + hour - 1).kind).toBe('accepted');
    expect(open(sign(), {}, now + hour)).toEqual(refused('expired'));
  });

  it('of who signs may be a minute ahead, and no more', () => {
    expect(open(sign(), {}, now - 60_000).kind).toBe('accepted');
    expect(open(sign(), {}, now - 60_001)).toEqual(refused('not-yet'));
  });

  it('may not be longer than the app allows, wherever it begins', () => {
    expect(open(sign({ expiresInMs: 7 * day })).kind).toBe('accepted');
    expect(open(sign({ expiresInMs: 7 * day + 1 }))).toEqual(refused('lives-too-long'));
    const old = { flags: { a: true }, issuedAt: 0, expiresAt: now + 1 };
    expect(open(signAny(old))).toEqual(refused('lives-too-long'));
  });
});

describe('scope', () => {
  it('is the flags that the app allows: one other flag, and none of them is overridden', () => {
    const allowed = { flags: new Set(['a', 'b']) };
    expect(open(sign({ flags: { a: true, b: false } }), allowed).kind).toBe('accepted');
    expect(open(sign({ flags: { a: true, c: false } }), allowed)).toEqual(refused('flag-not-allowed')); // prettier-ignore
  });

  it('is the audience, on both sides', () => {
    expect(open(sign({ audience: 'shop' }), { audience: 'shop' }).kind).toBe('accepted');
    expect(open(sign({ audience: 'shop' }), { audience: 'blog' })).toEqual(refused('other-audience')); // prettier-ignore
    expect(open(sign({ audience: 'shop' }))).toEqual(refused('other-audience'));
    expect(open(sign(), { audience: 'shop' })).toEqual(refused('other-audience'));
  });
});

describe('a content that is signed but not understood', () => {
  const right = { flags: { a: true }, issuedAt: now, expiresAt: now + hour };

  it.each([
    ['null', null],
    ['a list', [right]],
    ['no flags', { ...right, flags: undefined }],
    ['flags in a list', { ...right, flags: [true] }],
    ['no flag', { ...right, flags: {} }],
    ['a flag without a key', { ...right, flags: { '': true } }],
    ['a value of a wrong kind', { ...right, flags: { a: 1 } }],
    ['no expiry', { ...right, expiresAt: undefined }],
    ['an expiry that is text', { ...right, expiresAt: String(now + hour) }],
    ['no beginning', { ...right, issuedAt: undefined }],
    ['an empty audience', { ...right, audience: '' }],
    ['an id that is no text', { ...right, distinctId: 7 }],
    ['a restriction of a later version', { ...right, route: '/shop' }],
    ['a prototype', JSON.parse(`{"__proto__":{},"flags":{"a":true},"issuedAt":${now},"expiresAt":${now + hour}}`)], // prettier-ignore
  ])('because it is or has %s is refused', (_what, content) => {
    expect(open(signAny(content))).toEqual(refused('malformed'));
  });

  it('because it is no JSON is refused', () => {
    const signed = `v1.${Buffer.from('{"flags":').toString('base64url')}`;
    const signature = createHmac('sha256', signingKey(key)).update(signed).digest('base64url');
    expect(open(`${signed}.${signature}`)).toEqual(refused('malformed'));
  });
});

describe('signing', () => {
  const failed = (options: unknown): Error => {
    try {
      signOverridesAt(options as SignOverridesOptions, now);
    } catch (error) {
      if (isFlagsError(error) && error.code === 'invalid-argument') return error;
    }
    throw new Error('it did not fail');
  };

  it('tells all mistakes at once, and nothing of a key or a value', () => {
    const secret = 'too-short-a-secret';
    const flags = { a: 4711, b: true };
    const { message } = failed({ flags, key: secret, audience: '', distinctId: 7 });
    expect(message).toMatch(/^signOverrides: 5 things are wrong\./);
    expect(message).toMatch(/flags: a: got a number[^]*key: has 18 bytes[^]*expiry:[^]*audience:[^]*distinctId:/); // prettier-ignore
    expect(message).not.toMatch(/4711|too-short/);
  });

  it.each([
    ['no options', undefined, /flags: got nothing/],
    ['no flags', { flags: {}, expiresInMs: 1, key }, /at least one/],
    [
      'no key',
      { flags: { a: true }, expiresInMs: 1 },
      /key: must be a text or bytes, got undefined/,
    ],
    ['two expiries', { flags: { a: true }, key, expiresInMs: 1, expiresAt: now + 1 }, /expiry: give either/], // prettier-ignore
    [
      'an expiry that is text',
      { flags: { a: true }, key, expiresInMs: '2h' },
      /expiry: give either/,
    ],
    ['no date', { flags: { a: true }, key, expiresAt: new Date('soon') }, /expiry: give either/],
    ['what is past', { flags: { a: true }, key, expiresAt: now }, /expired already/],
    [
      'more than 30 days',
      { flags: { a: true }, key, expiresInMs: 30 * day + 1 },
      /more than 30 days/,
    ],
    ['too much', { flags: { a: { value: 'x', payload: 'p'.repeat(4_000) } }, key, expiresInMs: 1 }, /4096 are the most/], // prettier-ignore
  ])('%s is a mistake', (_what, options, expected) => {
    expect(failed(options).message).toMatch(expected);
  });

  it('takes an expiry as a date, as an instant or as a duration', () => {
    for (const expiry of [
      { expiresInMs: hour },
      { expiresAt: now + hour },
      { expiresAt: new Date(now + hour) },
    ]) {
      // prettier-ignore
      const text = signOverridesAt({ flags: { a: true }, key, ...expiry }, now);
      expect(accepted(text).expiresAt).toBe(now + hour);
    }
  });
});
