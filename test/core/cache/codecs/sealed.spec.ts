/** Seals: nothing but what was sealed is opened, in the place for which it was sealed. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mistakesInCodecs } from '../../../../lib/options/codec-report.js';
import type { RecordFacts } from '../../../../lib/core/cache/codecs/record-codec.js';
import { sealed, type SealOptions } from '../../../../lib/core/cache/codecs/sealed.js';
import { isFlagsError } from '../../../../lib/core/errors/flags-error.js';
import { factsWith, sealKey } from '../../../support/record-facts.js';

const facts = factsWith();
const [first, second, third] = ['2026-10', '2026-11', 'k'].map(sealKey) as [never, never, never];
const body = Buffer.from('{"cohorts":{},"flags":[]}');
const modes = ['sign', 'encrypt'] as const;

async function sealWith(options: SealOptions, bytes: Uint8Array = body): Promise<Buffer> {
  return Buffer.from(await sealed(options).encode(bytes, facts));
}

async function opens(options: SealOptions, bytes: Uint8Array, now = facts): Promise<boolean> {
  try {
    const opened = await sealed(options).decode(bytes, now);
    if (Buffer.compare(opened, body) !== 0) throw new Error('it has opened to something else');
    return true;
  } catch (error) {
    if (isFlagsError(error) && error.code === 'foreign-value') return false;
    throw error;
  }
}

describe.each(modes)('sealed to %s', (mode) => {
  const options: SealOptions = { keys: [first], mode };

  it('opens no record in which any byte was changed', async () => {
    const bytes = await sealWith(options);
    for (let at = 0; at < bytes.byteLength; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= mask;
        expect([at, mask, await opens(options, changed)]).toEqual([at, mask, false]);
      }
    }
    expect(await opens(options, bytes)).toBe(true);
  });

  it('opens none that was cut or added to', async () => {
    const bytes = await sealWith(options);
    for (let length = 0; length < bytes.byteLength; length += 1) {
      expect([length, await opens(options, bytes.subarray(0, length))]).toEqual([length, false]);
    }
    expect(await opens(options, Buffer.concat([bytes, Buffer.from(' ')]))).toBe(false);
  });

  it('opens no bytes that nobody has sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await opens(options, bytes)).toBe(false);
      }),
    );
  });

  it.each([
    ['schema', { schema: 2 }],
    ['digest', { digest: 'f'.repeat(64) }],
    ['chain of codecs', { codec: 'json+gzip+sealed' }],
    ['revision', { revision: 8 }],
    ['key of the cache', { key: 'shop:2' }],
    ['key of the cache, there being none', { key: undefined }],
  ] satisfies [string, Partial<RecordFacts>][])(
    'opens none that stands under another %s',
    async (_what, other) => {
      const bytes = await sealWith(options);
      expect(await opens(options, bytes, factsWith(other))).toBe(false);
    },
  );

  it('opens none of another secret under the same id', async () => {
    const bytes = await sealWith(options);
    const stranger = { keys: [{ ...sealKey('2026-10'), secret: sealKey('x').secret }], mode };
    expect(await opens(stranger, bytes)).toBe(false);
  });

  it('lets keys be replaced one after the other', async () => {
    const old = await sealWith({ keys: [first], mode });
    const added = { keys: [first, second], mode };
    const turned = { keys: [second, first], mode };
    const dropped = { keys: [second], mode };
    expect(await opens(added, old)).toBe(true);
    expect(await opens(turned, old)).toBe(true);
    expect(await opens(dropped, old)).toBe(false);
    expect(await opens({ keys: [first], mode }, await sealWith(added))).toBe(true);
    const young = await sealWith(turned);
    expect(await opens(added, young)).toBe(true);
    expect(await opens(dropped, young)).toBe(true);
  });

  it('says which key is missing, and which are known', async () => {
    const bytes = await sealWith({ keys: [third], mode });
    expect(() => sealed({ keys: [first, second], mode }).decode(bytes, facts)).toThrow(
      /revision 7.*sealed with the key k, and this instance knows 2026-10, 2026-11.*Give every/,
    );
  });

  it('reads the other mode with the same keys, so that it can be changed', async () => {
    const other = mode === 'sign' ? 'encrypt' : 'sign';
    expect(await opens({ ...options, mode: other }, await sealWith(options))).toBe(true);
  });

  it('publishes nothing whose revision is not known', () => {
    const codec = sealed(options);
    expect(() => codec.encode(body, factsWith({ revision: undefined }))).toThrow(
      /gives them no revision/,
    );
  });
});

describe('a seal', () => {
  it('leaves what is signed to be read, and hides what is encrypted', async () => {
    expect((await sealWith({ keys: [first] })).includes(body)).toBe(true);
    expect((await sealWith({ keys: [first], mode: 'encrypt' })).includes('flags')).toBe(false);
  });

  it('has another nonce each time', async () => {
    const options: SealOptions = { keys: [first], mode: 'encrypt' };
    const all = await Promise.all(Array.from({ length: 100 }, () => sealWith(options)));
    expect(new Set(all.map((bytes) => bytes.toString('hex', 10, 22))).size).toBe(100);
  });

  it('takes bytes for a secret as well as text', async () => {
    const bytes = { id: 'bytes', secret: new Uint8Array(32).fill(7) };
    expect(await opens({ keys: [bytes] }, await sealWith({ keys: [bytes] }))).toBe(true);
  });

  it.each([
    [{ keys: [] }, /needs a list/],
    [{ keys: [{ id: 'a b', secret: 'x'.repeat(32) }] }, /keys\[0\]\.id must have 1 to 32/],
    [{ keys: [{ id: 'a', secret: 'short-s3cret' }] }, /has 12 bytes, and 32 .*openssl rand/],
    [{ keys: [{ id: 'a', secret: undefined }] }, /got undefined: perhaps a variable is not set/],
    [{ keys: [sealKey('a'), sealKey('a')] }, /keys\[1\]\.id is there twice: a/],
    [{ keys: [sealKey('a')], mode: 'hide' }, /mode must be 'sign' or 'encrypt'/],
  ])('is no option: %#', (options, expected) => {
    const told = mistakesInCodecs([sealed(options as SealOptions)]).join('\n');
    expect(told).toMatch(expected);
    expect(told).not.toContain('s3cret');
  });

  it('shows no secret to who looks at it', () => {
    const codec = sealed({ keys: [first], mode: 'encrypt' });
    const shown = inspect(codec, { depth: 9, showHidden: true }) + JSON.stringify(codec);
    expect(shown).not.toContain(String(sealKey('2026-10').secret));
  });
});
