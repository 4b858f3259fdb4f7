/** What is the same object after a refresh as before it. */
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/core/definitions/digest.js';
import type { FlagDefinitionCacheData } from '../../../lib/core/definitions/flag-definitions.js';
import { keepUnchanged } from '../../../lib/core/definitions/keep-unchanged.js';
import { parseDefinitions } from '../../../lib/core/definitions/parse-definitions.js';

function parsed(document: object): FlagDefinitionCacheData {
  // Through JSON, as from a source or a cache: no object is shared with another document.
  const result = parseDefinitions(JSON.parse(JSON.stringify(document)));
  if (!result.ok) throw new Error(result.message);
  return result.definitions;
}

const document = {
  flags: [
    { key: 'stays', active: true, filters: { groups: [{ rollout_percentage: 10 }] } },
    { key: 'changes', active: true, filters: { groups: [{ rollout_percentage: 10 }] } },
    { key: 'goes', active: true },
  ],
  cohorts: { 1: { type: 'AND', values: [] }, 2: { type: 'OR', values: [] } },
  group_type_mapping: { 0: 'company' },
};

const before = parsed(document);
const changed = parsed({
  flags: [
    { key: 'comes', active: true },
    { key: 'changes', active: true, filters: { groups: [{ rollout_percentage: 11 }] } },
    { active: true, filters: { groups: [{ rollout_percentage: 10 }] }, key: 'stays' },
  ],
  cohorts: { 1: { values: [], type: 'AND' }, 2: { type: 'AND', values: [] } },
  group_type_mapping: { 0: 'company' },
});

describe('definitions in place of others', () => {
  const kept = keepUnchanged(before, changed);

  it('keep the flags that say the same, wherever they stand and however their keys are ordered', () => {
    expect(kept.flags[2]).toBe(before.flags[0]);
    expect(kept.flags[1]).toBe(changed.flags[1]);
    expect(kept.flags[0]).toBe(changed.flags[0]);
  });

  it('keep the cohorts and the group types that say the same', () => {
    expect(kept.cohorts?.['1']).toBe(before.cohorts?.['1']);
    expect(kept.cohorts?.['2']).toBe(changed.cohorts?.['2']);
    expect(kept.group_type_mapping).toBe(before.group_type_mapping);
    expect(kept.groupTypeMapping).toBe(before.group_type_mapping);
  });

  it('say what they said', () => {
    expect(kept).toEqual(changed);
    expect(digestOf(kept)).toBe(digestOf(changed));
    const others = parsed({ ...document, group_type_mapping: { 0: 'team' } });
    expect(keepUnchanged(before, others)).toEqual(others);
  });

  it('take no object for unchanged that somebody may have changed in place', () => {
    const [flag] = before.flags;
    const again = keepUnchanged(before, before);
    expect(again).toEqual(before);
    expect(again.flags[0]).not.toBe(flag);
    expect(again.flags[0]?.filters?.groups).not.toBe(flag?.filters?.groups);
  });

  it('take `__proto__` for a cohort like any other', () => {
    const odd = parsed(
      JSON.parse('{"flags":[],"cohorts":{"__proto__":{"type":"OR","values":[]}}}'),
    );
    expect(Object.keys(keepUnchanged(before, odd).cohorts ?? {})).toEqual(['__proto__']);
    expect(keepUnchanged(odd, parsed({ flags: [] })).cohorts).toEqual({});
  });
});
