/** Laws of codecs, alone and in chains: what was encoded comes back, and nothing else does. */
import zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodecPipeline } from '../../../../lib/core/cache/codecs/codec-pipeline.js';
import { compressed } from '../../../../lib/core/cache/codecs/compressed.js';
import type { RecordCodec } from '../../../../lib/core/cache/codecs/record-codec.js';
import { sealed } from '../../../../lib/core/cache/codecs/sealed.js';
import { sizeLimited } from '../../../../lib/core/cache/codecs/size-limited.js';
import { mistakesInCodecs } from '../../../../lib/options/codec-report.js';
import { factsWith, sealKey } from '../../../support/record-facts.js';

const facts = factsWith();
const hasZstd = 'zstdCompress' in zlib;
const keys = [sealKey('now'), sealKey('before')];
const codecs: readonly (readonly [string, RecordCodec])[] = [
  ['gzip', compressed('gzip')],
  ['brotli', compressed('brotli')],
  ...(hasZstd ? [['zstd', compressed('zstd')] as const] : []),
  ['sealed, signed', sealed({ keys })],
  ['sealed, encrypted', sealed({ keys, mode: 'encrypt' })],
  ['sizeLimited', sizeLimited(2_000_000)],
];
const pairs = codecs.flatMap(([a, inner]) =>
  codecs.map(([b, outer]) => [`${a}, then ${b}`, inner, outer] as const),
);
const anyBytes = fc.uint8Array({ maxLength: 3_000 });

describe('what a codec has encoded', () => {
  it.each(codecs)('decodes to the same bytes, whatever they are (%s)', async (_name, codec) => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const back = await codec.decode(await codec.encode(bytes, facts), facts);
        expect(Buffer.compare(back, bytes)).toBe(0);
      }),
    );
  });

  it.each(pairs)('comes back through two of them (%s)', async (_name, inner, outer) => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const there = await outer.encode(await inner.encode(bytes, facts), facts);
        const back = await inner.decode(await outer.decode(there, facts), facts);
        expect(Buffer.compare(back, bytes)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves the bytes that it was given as they were', async () => {
    const bytes = Buffer.from('{"flags":[]}');
    for (const [, codec] of codecs) await codec.decode(await codec.encode(bytes, facts), facts);
    expect(bytes.toString()).toBe('{"flags":[]}');
  });
});

describe('compressed', () => {
  it.each(codecs.slice(0, hasZstd ? 3 : 2))(
    'refuses few bytes that become too many, without having them all in memory (%s)',
    async (_name, codec) => {
      const bomb = await codec.encode(Buffer.alloc(200 * 1024 * 1024), facts);
      expect(bomb.byteLength).toBeLessThan(300_000);
      const before = process.memoryUsage().rss;
      const expand = async () => codec.decode(bomb, factsWith({ maxBytes: 1_000_000 }));
      const read = expand().then(({ byteLength }) => byteLength);

      await expect(read).rejects.toMatchObject({ code: 'invalid-definitions' });
      await expect(read).rejects.toThrow(/more than the 1000000 bytes allowed/);
      expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
    },
  );

  it('allows exactly as many bytes as are allowed', async () => {
    const codec = compressed('gzip');
    const bytes = gzipSync(Buffer.alloc(10_000));
    await expect(codec.decode(bytes, factsWith({ maxBytes: 10_000 }))).resolves.toHaveLength(
      10_000,
    );
    await expect(codec.decode(bytes, factsWith({ maxBytes: 9_999 }))).rejects.toThrow(/9999/);
  });

  it('makes definitions smaller', async () => {
    const bytes = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id }))));
    const small = await compressed().encode(bytes, facts);
    expect(small.byteLength).toBeLessThan(bytes.byteLength / 2);
  });

  it('says at start that this Node has no zstd, or uses it', () => {
    const mistakes = mistakesInCodecs([compressed('zstd')]);
    expect(mistakes.join()).toMatch(hasZstd ? /^$/ : /needs Node 22\.15 .* Use compressed/);
    expect(mistakesInCodecs([compressed('lzma' as 'gzip')])).toEqual([
      expect.stringContaining("takes 'gzip', 'brotli' or 'zstd'"),
    ]);
  });
});

describe('sizeLimited', () => {
  it('lets through what is not larger, both ways, and names both sizes of what is', async () => {
    const codec = sizeLimited(100);
    const fits = Buffer.alloc(100);
    expect(await codec.encode(fits, facts)).toBe(fits);
    expect(await codec.decode(fits, facts)).toBe(fits);
    const large = Buffer.alloc(101);
    expect(() => codec.encode(large, facts)).toThrow(/101 bytes, more than the 100/);
    expect(() => codec.decode(large, facts)).toThrow(/revision 7.*101 bytes, more than the 100/);
  });

  it.each([0, -1, 1.5, Number.NaN, '100'])('takes no %p for a size', (size) => {
    expect(mistakesInCodecs([sizeLimited(size as number)])).toHaveLength(1);
  });
});

describe('a pipeline', () => {
  const gzip = compressed('gzip');
  const seal = sealed({ keys });
  const head = (codec: string) => ({ codec, revision: 7 });

  it('names what it does, in its order, and leaves out what changes nothing', () => {
    expect(new CodecPipeline([]).codec).toBe('json');
    expect(new CodecPipeline([gzip, sizeLimited(9), seal]).codec).toBe('json+gzip+sealed');
  });

  it.each([
    [[], 'json'],
    [[gzip], 'json'],
    [[gzip], 'json+gzip'],
    [[gzip, seal], 'json+sealed'],
    [[gzip, seal], 'json+gzip+sealed'],
    [[sizeLimited(9)], 'json'],
  ])('reads what it can', (own, codec) => {
    expect(new CodecPipeline(own).mistakeIn(head(codec))).toBeUndefined();
  });

  it.each([
    ['knows no codec at all', [], 'json+gzip'],
    ['has another', [gzip], 'json+brotli'],
    ['lacks one', [gzip], 'json+gzip+sealed'],
    ['has another order', [seal, gzip], 'json+gzip+sealed'],
    ['finds one twice', [gzip], 'json+gzip+gzip'],
    ['finds what is no JSON', [gzip], 'cbor+gzip'],
    ['finds nothing', [], ''],
  ])('that %s leaves a record to others, and says what lies there', (_what, own, codec) => {
    const pipeline = new CodecPipeline(own);
    const mistake = pipeline.mistakeIn(head(codec));
    expect(mistake).toMatchObject({ code: 'invalid-definitions' });
    expect(mistake?.message).toContain(`lies there as ${codec}, and this instance expects ${pipeline.codec}.`); // prettier-ignore
  });

  it.each(['json', 'json+gzip'])('that seals asks for anew what is not sealed: %s', (codec) => {
    const mistake = new CodecPipeline([gzip, seal]).mistakeIn(head(codec));
    expect(mistake).toMatchObject({ code: 'foreign-value' });
    expect(mistake?.message).toMatch(/lies there as json.*expects json\+gzip\+sealed.*intruder/);
  });

  it('repeats nothing of what a codec has thrown, which may quote the definitions', async () => {
    const broken: RecordCodec = {
      name: 'broken',
      encode: () => Promise.reject(new Error('cannot: s3cret')),
      decode: () => {
        throw new Error('cannot: s3cret');
      },
    };
    const pipeline = new CodecPipeline([broken]);
    for (const step of [
      pipeline.encode('{}', facts),
      pipeline.decode('x', factsWith({ codec: 'json+broken' })),
    ]) {
      await expect(step).rejects.toThrow(/codec broken/);
      await expect(step).rejects.not.toThrow(/s3cret/);
    }
  });
});

describe('the report on codecs', () => {
  it.each([
    [undefined, /^$/],
    [[], /^$/],
    [[compressed(), sealed({ keys })], /^$/],
    ['gzip', /expected a list/],
    [['gzip'], /got a text of 4 letters at 0/],
    [[compressed(), compressed()], /codec gzip is there twice/],
    [[{ ...compressed(), name: 'G Z+I' }], /small letters, digits and -/],
    [[sealed(undefined as never)], /needs a list with at least one/],
  ])('says of %p what is wrong', (codecs, expected) => {
    expect(mistakesInCodecs(codecs).join('\n')).toMatch(expected);
  });
});
