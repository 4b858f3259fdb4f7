import { describe, expect, it } from '@jest/globals';
import type { SharedState } from '../../../lib/core/cache/definition-cache.js';
import type { TurnResult } from '../../../lib/core/refresh/refresh-outcome.js';
import { TurnHistory } from '../../../lib/core/refresh/turn-history.js';

const shared = (facts: Partial<SharedState> = {}): SharedState => ({
  content: 'same',
  revision: 1,
  token: 1,
  verifiedToken: 1,
  ageMs: 0,
  dueInMs: 0,
  instances: 2,
  fetching: { failuresInARow: 0, reason: undefined },
  ...facts,
});
/** Of a provider with PostHog's four methods. */
const untold = shared({ token: undefined, verifiedToken: undefined, fetching: undefined });
const failing = (reason: string, failuresInARow = 1) =>
  shared({ fetching: { failuresInARow, reason } });

const confirmed: TurnResult = { kind: 'confirmed', role: 'leader', revision: 1 };
const alone: TurnResult = { kind: 'confirmed', role: 'solo', revision: 1 };
const unchanged: TurnResult = { kind: 'unchanged', revision: 1 };
const read: TurnResult = { kind: 'read', revision: 2, flagCount: 1 };
const away: TurnResult = { kind: 'waiting', why: 'cache-unavailable' };
const failed: TurnResult = {
  kind: 'failed',
  role: 'leader',
  failure: { code: 'unauthorized', message: 'refused' },
};

type Turn = readonly [TurnResult, SharedState | undefined];

function after(pace: 'check' | 'interval', ...turns: readonly Turn[]) {
  const history = new TurnHistory(pace);
  for (const [result, facts] of turns) {
    const failures = result.kind === 'failed' ? 1 : 0;
    history.note({ ...result, cacheFailures: [], durationMs: 1 }, facts, failures);
  }
  return history.status();
}

describe('the role', () => {
  it.each<[string | undefined, string, 'check' | 'interval', readonly Turn[]]>([
    [undefined, 'before the first turn', 'check', []],
    [undefined, 'when nothing has ended well', 'check', [[failed, shared()]]],
    ['leader', 'after a fetch for all', 'check', [[confirmed, shared({ token: 7 })]]],
    [
      'leader',
      'at a check, while nobody has fetched since',
      'check',
      [
        [confirmed, shared({ token: 7, verifiedToken: 5 })],
        [unchanged, shared({ token: 7, verifiedToken: 7 })],
      ],
    ],
    [
      'follower',
      'once another has fetched, though nothing has changed',
      'check',
      [
        [confirmed, shared({ token: 7, verifiedToken: 5 })],
        [unchanged, shared({ token: 8, verifiedToken: 8 })],
      ],
    ],
    ['follower', 'after a read', 'check', [[read, shared()]]],
    ['leader', 'where no token says who fetched', 'check', [[confirmed, untold], [unchanged, untold]]], // prettier-ignore
    ['follower', 'where the provider names another', 'interval', [[confirmed, untold], [unchanged, untold]]], // prettier-ignore
    ['solo', 'after a fetch for itself', 'check', [[read, shared()], [alone, undefined]]], // prettier-ignore
    ['follower', 'while it waits, as before', 'check', [[read, shared()], [away, undefined]]], // prettier-ignore
  ])('is %s %s', (role, _when, pace, turns) => {
    expect(after(pace, ...turns).role).toBe(role);
  });
});

describe('the failure of the source', () => {
  it.each<[string | undefined, number, string, readonly Turn[]]>([
    ['unauthorized', 3, 'at the instance that was refused', [[failed, failing('network', 2)]]],
    ['unauthorized', 1, 'at its next check, since nobody has fetched', [[failed, shared()], [unchanged, failing('unauthorized')]]], // prettier-ignore
    ['quota-exceeded', 4, 'at one that only follows', [[unchanged, failing('quota-exceeded', 4)]]],
    [undefined, 0, 'once another has fetched with success', [[failed, shared()], [unchanged, shared()]]], // prettier-ignore
    [undefined, 0, 'once it has fetched with success itself', [[failed, shared()], [confirmed, failing('unauthorized')]]], // prettier-ignore
    [
      'unauthorized',
      1,
      'while the cache is away',
      [
        [failed, shared()],
        [away, undefined],
      ],
    ],
    [undefined, 0, 'where the cache only says that all is as it was', [[failed, untold], [unchanged, untold]]], // prettier-ignore
    ['unexpected-status', 1, 'in a word of a newer version', [[unchanged, failing('eclipsed')]]],
  ])('is %s, %d times in a row, %s', (sourceFailure, failuresInARow, _when, turns) => {
    expect(after('check', ...turns)).toMatchObject({ sourceFailure, failuresInARow });
  });
});
