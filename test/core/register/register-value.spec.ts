/** The JSON of a register: everything comes back, and nothing foreign comes in. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyClaimState } from '../../../lib/core/coordination/claim-state.js';
import {
  registerValueFromJson,
  registerValueToJson,
} from '../../../lib/core/register/register-value.js';

const count = fc.nat(2 ** 31 - 1);
const text = fc.option(fc.string(), { nil: undefined });
const record = fc.record({
  schema: fc.nat(9),
  revision: count,
  digest: fc.string(),
  etag: text,
  codec: fc.string(),
  sizeBytes: count,
});
const lease = fc.record({ owner: text, takenAt: count, leaseMs: count, token: count });
const state = fc.record({
  token: count,
  holder: text,
  leaseEndsAt: count,
  dueAt: count,
  notBeforeAt: count,
  finishedAt: count,
  leader: text,
  floor: count,
  failuresInARow: count,
  reason: text,
  verifiedToken: count,
  verifiedAt: count,
  lease: fc.option(lease, { nil: undefined }),
  record: fc.option(record, { nil: undefined }),
  bodies: fc
    .dictionary(fc.nat(1_000).map(String), fc.oneof(fc.constant(Infinity), fc.integer({ min: 1 })))
    .map((bodies) => new Map(Object.entries(bodies).map(([key, at]) => [Number(key), at]))),
  members: fc.constant(new Map()),
});

describe('the value of a register', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.record({ state, writtenAt: count, instances: count }), (value) => {
        expect(registerValueFromJson(registerValueToJson(value))).toEqual(value);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"writtenAt":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a time that is none', valueWith({ dueAt: 'soon' })],
    ['a time below zero', valueWith({ leaseEndsAt: -1 })],
    ['a number beyond all', valueWith({ token: 2 ** 60 })],
    ['a holder that is none', valueWith({ holder: 5 })],
    ['half a record', valueWith({ record: { revision: 5 } })],
    ['bodies that are none', valueWith({ bodies: [[1]] })],
  ])('is nothing where %s lies', (_what, json) => {
    expect(registerValueFromJson(json)).toBeUndefined();
  });

  it('that was written before there were leases has none', () => {
    const { state: read } = registerValueFromJson(valueWith({}))!;
    expect(read).toEqual(emptyClaimState);
    expect('lease' in read).toBe(false);
  });

  it.each([
    ['that is none', 'mine'],
    ['without a time', { owner: 'a', leaseMs: 1, token: 1 }],
    ['with a token beyond all', { owner: 'a', takenAt: 1, leaseMs: 1, token: 2 ** 60 }],
  ])('with a lease %s is whole, and nobody leads', (_what, foreign) => {
    const value = registerValueFromJson(valueWith({ token: 7, lease: foreign }));
    expect(value?.state).toEqual({ ...emptyClaimState, token: 7 });
  });

  it('leaves out what it does not know', () => {
    const value = registerValueFromJson(valueWith({ tomorrow: 1 }));
    expect(value?.state).toEqual(emptyClaimState);
  });
});

function valueWith(fields: object): string {
  const empty = registerValueToJson({ state: emptyClaimState, writtenAt: 1, instances: 1 });
  return JSON.stringify({ ...(JSON.parse(empty) as object), ...fields });
}
