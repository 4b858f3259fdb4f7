/** Bodies as JSON: there and back, and nothing else taken for one. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyFromJson, bodyToJson } from '../../../lib/core/cache/body-store.js';

const body = fc.record({
  digest: fc.string(),
  revision: fc.nat(),
  schema: fc.nat(),
  codec: fc.string(),
  etag: fc.option(fc.string(), { nil: undefined }),
  body: fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()),
});

describe('a body', () => {
  it('comes back from JSON as it was', () => {
    fc.assert(
      fc.property(body, (stored) => {
        expect(bodyFromJson(JSON.parse(JSON.stringify(bodyToJson(stored))))).toEqual(stored);
      }),
    );
  });

  it('has its digest at the beginning of its JSON', () => {
    const [stored] = fc.sample(body, 1);
    expect(Object.keys(bodyToJson(stored!))[0]).toBe('digest');
  });

  const good = { digest: 'd', revision: 1, schema: 1, codec: 'json', text: '{}' };
  it.each([
    ['null', null],
    ['a text', 'text'],
    ['an empty object', {}],
    ['one without its bytes', { ...good, text: undefined }],
    ['one with bytes of another kind', { ...good, text: 7 }],
    ['one without a digest', { ...good, digest: undefined }],
    ['one without a codec', { ...good, codec: 1 }],
    ['one without a revision', { ...good, revision: '1' }],
    ['one without a schema', { ...good, schema: null }],
  ])('is not %s', (_what, value) => {
    expect(bodyFromJson(good)).toBeDefined();
    expect(bodyFromJson(value)).toBeUndefined();
  });

  it('without a usable etag has none', () => {
    expect(bodyFromJson({ ...good, etag: 7 })).toMatchObject({ etag: undefined });
  });
});
