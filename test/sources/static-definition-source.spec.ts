import { describe, expect, it } from '@jest/globals';
import { FlagsError } from '../../lib/core/errors/flags-error.js';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import { StaticDefinitionSource } from '../../lib/sources/static-definition-source.js';

const { signal } = new AbortController();

describe('static definitions', () => {
  it('come in full first and are not modified after', async () => {
    const source = new StaticDefinitionSource({ flags: [{ key: 'a' }] });
    const first = await source.fetch({ signal });
    expect(first).toEqual({
      kind: 'definitions',
      body: { flags: [{ key: 'a' }] },
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    const etag = first.kind === 'definitions' ? (first.etag ?? '') : '';
    expect(await source.fetch({ signal, etag })).toEqual({ kind: 'not-modified', etag });
    expect((await source.fetch({ signal, etag: '"other"' })).kind).toBe('definitions');
  });

  it('have the same etag in every process that has the same content', async () => {
    const a = await new StaticDefinitionSource({ flags: [], cohorts: {} }).fetch({ signal });
    const b = await new StaticDefinitionSource({ cohorts: {}, flags: [] }).fetch({ signal });
    const c = await new StaticDefinitionSource({ flags: [{ key: 'a' }] }).fetch({ signal });
    expect(a).toMatchObject({ etag: (b as { etag?: string }).etag });
    expect((c as { etag?: string }).etag).not.toBe((a as { etag?: string }).etag);
  });

  it('do not change when the given object or an answer is changed', async () => {
    const flags = [{ key: 'a' }];
    const source = new StaticDefinitionSource({ flags });
    flags.push({ key: 'b' });
    const first = await source.fetch({ signal });
    if (first.kind === 'definitions') (first.body as { flags: unknown[] }).flags.pop();
    expect(await source.fetch({ signal })).toMatchObject({ body: { flags: [{ key: 'a' }] } });
  });

  it('keep a bad flag for the one who reads the answer to name', async () => {
    const source = new StaticDefinitionSource({ flags: [{ key: '' }] });
    expect(await source.fetch({ signal })).toMatchObject({ body: { flags: [{ key: '' }] } });
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /must be an object/],
    ['no flags', {}, /"flags" must be an array/],
    ['a list', [], /must be an object, got an array/],
    ['a circle', circle(), /JSON cannot carry/],
    ['a bigint', { flags: [{ key: 'a', id: 1n }] }, /JSON cannot carry/],
  ])('are refused at once when they are %s', (_name, definitions, why) => {
    const make = () => new StaticDefinitionSource(definitions as FlagDefinitionCacheData);
    expect(make).toThrow(why);
    expect(make).toThrow(FlagsError);
  });
});

function circle(): object {
  const flags: unknown[] = [];
  flags.push({ key: 'a', flags });
  return { flags };
}
