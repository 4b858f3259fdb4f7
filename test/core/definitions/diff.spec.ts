import { describe, expect, it } from '@jest/globals';
import { diffDefinitions } from '../../../lib/core/definitions/diff.js';

describe('the difference of two sets of definitions', () => {
  it('names flags that came, went and changed, sorted', () => {
    const before = {
      flags: [{ key: 'gone' }, { key: 'b', active: true }, { key: 'same' }, { key: 'a', id: 1 }],
    };
    const after = {
      flags: [{ key: 'z-new' }, { key: 'a', id: 2 }, { key: 'same' }, { key: 'b' }, { key: 'new' }],
    };
    expect(diffDefinitions(before, after)).toEqual({
      added: ['new', 'z-new'],
      removed: ['gone'],
      changed: ['a', 'b'],
    });
  });

  it('is empty when only the order of flags or of keys differs', () => {
    const before = { flags: [{ key: 'a', filters: { groups: [], payloads: {} } }, { key: 'b' }] };
    const after = { flags: [{ key: 'b' }, { filters: { payloads: {}, groups: [] }, key: 'a' }] };
    expect(diffDefinitions(before, after)).toEqual({ added: [], removed: [], changed: [] });
  });

  it('adds every flag at the first load', () => {
    expect(diffDefinitions(undefined, { flags: [{ key: 'b' }, { key: 'a' }] })).toEqual({
      added: ['a', 'b'],
      removed: [],
      changed: [],
    });
  });

  it('treats names of the prototype as ordinary keys', () => {
    const diff = diffDefinitions(
      { flags: [{ key: 'constructor' }] },
      { flags: [{ key: '__proto__' }, { key: 'constructor' }] },
    );
    expect(diff).toEqual({ added: ['__proto__'], removed: [], changed: [] });
  });
});
