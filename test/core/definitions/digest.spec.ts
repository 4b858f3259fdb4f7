import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../lib/core/definitions/canonical-json.js';
import { digestOf, digestOfText } from '../../../lib/core/definitions/digest.js';
import { parseDefinitions } from '../../../lib/core/definitions/parse-definitions.js';
import type { FlagDefinitionCacheData } from '../../../lib/core/definitions/flag-definitions.js';

function parsed(input: unknown): FlagDefinitionCacheData {
  const result = parseDefinitions(input);
  if (!result.ok) throw new Error(result.message);
  return result.definitions;
}

/** Definitions with a field that the types do not know. */
function withField(field: unknown): FlagDefinitionCacheData {
  return { flags: [], field } as FlagDefinitionCacheData;
}

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('the digest', () => {
  it('is the SHA-256, in hexadecimal, of the canonical text', () => {
    expect(digestOf({ flags: [], cohorts: {} })).toBe(
      createHash('sha256').update('{"cohorts":{},"flags":[]}').digest('hex'),
    );
  });

  it('does not depend on the order of keys, at any level', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        const definitions = { ...document, flags: [] };
        expect(digestOf(reversed(definitions) as FlagDefinitionCacheData)).toBe(
          digestOf(definitions),
        );
      }),
    );
  });

  it('tells any two contents apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = digestOf(withField(a)) === digestOf(withField(b));
        expect(same).toBe(
          JSON.stringify(asSortedEntries(a)) === JSON.stringify(asSortedEntries(b)),
        );
      }),
    );
  });

  it.each([
    [
      'the order of flags',
      { flags: [{ key: 'a' }, { key: 'b' }] },
      { flags: [{ key: 'b' }, { key: 'a' }] },
    ],
    ['a number and its text', { flags: [], x: 1 }, { flags: [], x: '1' }],
    ['a field and a text like it', { flags: [], x: { a: 1 } }, { flags: [], x: '{"a":1}' }],
    ['null and nothing', { flags: [], x: null }, { flags: [] }],
  ])('depends on %s', (_name, a, b) => {
    expect(digestOf(a)).not.toBe(digestOf(b));
  });

  it('is one for one content, whoever wrote it: camelCase, snake_case or both', () => {
    const flags = [{ key: 'a' }];
    const fromApi = parsed({ flags, group_type_mapping: { 0: 'company' }, cohorts: null });
    const fromOldNode = parsed({ flags, groupTypeMapping: { 0: 'company' } });
    const fromCache = parsed(JSON.parse(JSON.stringify(fromApi)));
    expect(digestOf(fromOldNode)).toBe(digestOf(fromApi));
    expect(digestOf(fromCache)).toBe(digestOf(fromApi));
  });

  it('is that of the canonical text, also after a journey through a cache', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        const text = canonicalJson(parsed({ ...document, flags: [{ key: 'a' }] }));
        expect(digestOfText(text)).toBe(digestOf(parsed(JSON.parse(text))));
        expect(digestOfText(Buffer.from(text))).toBe(digestOfText(text));
      }),
    );
  });

  it('sees a key named __proto__', () => {
    const withKey = JSON.parse('{"flags":[],"field":{"__proto__":1}}') as FlagDefinitionCacheData;
    expect(digestOf(withKey)).not.toBe(digestOf(withField({})));
  });
});

describe('canonical JSON', () => {
  it('is JSON of the same value, without what JSON leaves out', () => {
    const value = { b: [undefined, 1, -0], a: undefined, c: { text: '\u2028"\\\n' } };
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalJson(value)).toBe('{"b":[null,1,0],"c":{"text":"\u2028\\"\\\\\\n"}}');
  });

  it('of nothing is null', () => {
    expect(canonicalJson(undefined)).toBe('null');
  });
});

/** Objects as sorted lists of entries: comparable whatever the order of their keys. */
function asSortedEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, member]) => ({ key, member: asSortedEntries(member) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  // Wrapped, so that `{}` is not taken for `[]`.
  return { entries };
}
