import { describe, expect, it } from '@jest/globals';
import type { FlagDefinition } from '../../../lib/core/definitions/flag-definitions.js';
import { doubtOf } from '../../../lib/core/refresh/doubt.js';

const document = (...flags: readonly FlagDefinition[]) => ({ flags });
const flags = (count: number) =>
  document(...Array.from({ length: count }, (_, n) => ({ id: n, key: `f${n}` })));

describe('F49: a drop', () => {
  it.each([
    [12, 0, 0.5, true],
    [12, 5, 0.5, true],
    [12, 6, 0.5, false],
    [12, 20, 0.5, false],
    [2, 1, 0.5, false],
    [1, 0, 0.5, true],
    [0, 0, 0.5, false],
    [12, 11, 0, true],
    [12, 12, 0, false],
    [12, 0, 1, false],
  ])('from %i flags to %i, where %p may go, is doubted: %p', (held, given, dropAbove, doubted) => {
    const doubt = doubtOf(flags(held), flags(given), dropAbove);

    expect(doubt?.why).toBe(doubted ? 'fewer-flags' : undefined);
    expect(doubt?.keys.length).toBe(doubted ? held - given : undefined);
  });
});

describe('F52: a step back', () => {
  const at = (version: unknown, id: unknown = 1, key = 'a') =>
    document({ id, key, version } as FlagDefinition);

  it.each([
    ['lower', at(3), at(2), ['a']],
    ['lower from a high count', at(900), at(1), ['a']],
    ['the same', at(3), at(3), undefined],
    ['higher', at(3), at(4), undefined],
    ['lower, of a flag that was made anew', at(3), at(1, 2), undefined],
    ['lower, of a flag that was renamed', at(3), at(2, 1, 'b'), ['b']],
    ['missing now', at(3), at(undefined), undefined],
    ['null now', at(3), at(null), undefined],
    ['a text now', at(3), at('2'), undefined],
    ['missing before', at(undefined), at(2), undefined],
    ['lower, of flags without an id', at(3, null), at(2, null), undefined],
  ])('to a version that is %s', (_what, held, given, keys) => {
    expect(doubtOf(held, given, 0.5)).toEqual(keys && { why: 'older-flags', keys });
  });

  it('of one flag counts although others went forward', () => {
    const held = document({ id: 1, key: 'b', version: 5 }, { id: 2, key: 'a', version: 5 });
    const given = document({ id: 1, key: 'b', version: 4 }, { id: 2, key: 'a', version: 9 });

    expect(doubtOf(held, given, 0.5)?.keys).toEqual(['b']);
  });

  it('is the lesser doubt where most flags are gone as well', () => {
    const held = document(
      { id: 1, key: 'a', version: 5 },
      { id: 2, key: 'b' },
      { id: 3, key: 'c' },
    );

    expect(doubtOf(held, at(4), 0.5)).toEqual({ why: 'fewer-flags', keys: ['b', 'c'] });
  });
});
