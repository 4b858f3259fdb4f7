import { expect, it } from '@jest/globals';
import type { TurnResult } from '../lib/core/refresh/refresh-outcome.js';
import { FlagsHealth } from '../lib/flags.health.js';
import { ManualClock } from '../lib/testing/manual-clock.js';

const failed = (code: 'unauthorized' | 'invalid-definitions' | 'timeout'): TurnResult => ({
  kind: 'failed',
  role: 'leader',
  failure: { code, message: '' },
});

async function stateAfter(last: TurnResult | undefined, ageMs: number | undefined, sinceMs = 0) {
  const clock = new ManualClock();
  const lastOutcome = last && { ...last, cacheFailures: [], durationMs: 1 };
  const cycle = { status: () => ({ lastOutcome, ageMs, failuresInARow: 0 }) };
  const health = new FlagsHealth({ cycle, clock, initialLoadTimeoutMs: 3_000, intervalMs: 30_000 });
  await clock.advance(sinceMs);
  return health.state();
}

it.each<[string, TurnResult | undefined, number | undefined, number]>([
  ['starting', undefined, undefined, 0],
  ['empty', failed('timeout'), undefined, 3_000],
  ['fresh', { kind: 'unchanged', revision: 1 }, 90_000, 0],
  ['fresh', failed('timeout'), 60_000, 0],
  ['stale', failed('timeout'), 90_001, 0],
  ['expired', failed('unauthorized'), 3_600_001, 0],
  ['denied', failed('unauthorized'), 60_000, 0],
  ['poisoned', failed('invalid-definitions'), 60_000, 0],
  ['poisoned', { kind: 'waiting', why: 'cache-rejected' }, 60_000, 0],
  ['solo', { kind: 'waiting', why: 'cache-unavailable' }, 60_000, 0],
  ['solo', { kind: 'confirmed', role: 'solo', revision: 1 }, 60_000, 0],
  ['fresh', { kind: 'waiting', why: 'cache-empty' }, 60_000, 0],
])('%s after %j at the age of %p', async (state, last, ageMs, sinceMs) => {
  expect(await stateAfter(last, ageMs, sinceMs)).toBe(state);
});
