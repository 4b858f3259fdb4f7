import { expect, it } from '@jest/globals';
import { healthOf } from '../../../lib/core/refresh/health.js';
import type { HealthFacts, HealthState } from '../../../lib/core/refresh/health.js';

const limits = { initialLoadTimeoutMs: 3_000, staleAfterMs: 90_000, expiredAfterMs: 3_600_000 };
const well: HealthFacts = {
  loaded: true,
  ageMs: 1_000,
  sinceStartMs: 60_000,
  solo: false,
  lastFailure: undefined,
  rejected: false,
};

it.each<[HealthState, string, Partial<HealthFacts>]>([
  ['fresh', 'all is well', {}],
  ['fresh', 'a passing failure of the source', { lastFailure: 'server-error' }],
  ['starting', 'nothing is loaded yet', { loaded: false, sinceStartMs: 2_999 }],
  ['empty', 'the time for the first load is over', { loaded: false, sinceStartMs: 3_000 }],
  ['stale', 'nobody has confirmed the definitions', { ageMs: 90_001 }],
  ['expired', 'nobody has for an hour', { ageMs: 3_600_001 }],
  ['expired', 'expired is graver than its cause', { ageMs: 3_600_001, solo: true }],
  ['solo', 'the cache is away', { solo: true }],
  ['solo', 'solo explains why they are stale', { solo: true, ageMs: 90_001 }],
  ['denied', 'the key was revoked', { lastFailure: 'unauthorized' }],
  ['denied', 'the key may not read', { lastFailure: 'forbidden' }],
  ['denied', 'the quota is used up', { lastFailure: 'quota-exceeded', solo: true }],
  ['poisoned', 'a document was refused', { rejected: true, lastFailure: 'forbidden' }],
])('%s: %s', (state, _why, facts) => {
  expect(healthOf({ ...well, ...facts }, limits)).toBe(state);
});
