/** The rules of the lease, on the bare state: whose it is, how long, and what its tokens are above. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { confirm, publish, stageBody } from '../../../lib/core/coordination/claim-publication.js';
import { LOST_TOKENS, check } from '../../../lib/core/coordination/claim-rules.js';
import { emptyClaimState, type ClaimState } from '../../../lib/core/coordination/claim-state.js';
import { acquire, giveUp } from '../../../lib/core/coordination/lease-rules.js';
import { HIGHEST_FROM_CALLER } from '../../../lib/core/coordination/whole-number.js';
import { checkRequest, content } from './store-in-hand.js';

const startAt = Date.UTC(2026, 0, 1);
const leaseMs = 22_000;

/** A store whose clock is in the hand of the test. */
class LeadInHand {
  state: ClaimState = emptyClaimState;
  now = startAt;

  asks(owner: string, floor = 0): number | undefined {
    const { state, reply } = acquire(this.state, { owner, leaseMs, floor }, this.now);
    this.state = state;
    return reply;
  }

  takes(owner: string, floor?: number): number {
    const token = this.asks(owner, floor);
    if (token === undefined) throw new Error(`${owner} does not have the lease.`);
    return token;
  }

  publishes(digest: string, revision: number): string {
    const staged = stageBody(this.state, revision, this.now);
    const { state, reply } = publish(staged, content(digest), revision, this.now);
    this.state = state;
    return reply;
  }
}

describe('a lease', () => {
  it('is over when its length has passed since it was last taken, and not a moment sooner', () => {
    const store = new LeadInHand();
    store.takes('a');
    store.now += leaseMs - 1;
    expect(store.asks('b')).toBeUndefined();
    store.takes('a');
    store.now += leaseMs - 1;
    expect(store.asks('b')).toBeUndefined();
    store.now += 1;
    store.takes('b');
  });

  it('is as long as its owner has said, whatever length another asks for', () => {
    const store = new LeadInHand();
    store.takes('a');
    store.now += leaseMs - 1;
    const short = { owner: 'b', leaseMs: 1, floor: 0 };
    expect(acquire(store.state, short, store.now).reply).toBeUndefined();
  });

  it.each([
    ['a little', 5, undefined],
    ['further than it is long', leaseMs, expect.any(Number)],
  ])('is judged by a clock that went back %s', (_how, ms, reply) => {
    const store = new LeadInHand();
    store.takes('a');
    store.now -= ms;
    expect(store.asks('b')).toEqual(reply);
  });

  it('changes nothing for who does not get it', () => {
    const store = new LeadInHand();
    store.takes('a');
    const { state } = store;
    expect(acquire(state, { owner: 'b', leaseMs, floor: 0 }, store.now).state).toBe(state);
    expect(giveUp(state, 'b')).toBe(state);
  });

  it('knows nothing of claims, and they nothing of it', () => {
    const store = new LeadInHand();
    const claimed = check(store.state, checkRequest({ instance: 'a' }), store.now);
    store.state = claimed.state;
    store.takes('b');
    expect(store.state).toMatchObject({ holder: 'a', token: claimed.reply.token });
    const { lease } = store.state;
    store.now += 60_000;
    expect(check(store.state, checkRequest({ instance: 'c' }), store.now).state.lease).toBe(lease);
  });
});

describe('a token', () => {
  it('is not behind the clock of the store', () => {
    expect(new LeadInHand().takes('a')).toBe(startAt);
  });

  it('is above those of claims and of the lease, though given up, and above every revision', () => {
    const store = new LeadInHand();
    store.state = { ...emptyClaimState, token: startAt + 10 };
    expect(store.takes('a')).toBe(startAt + 11);
    store.state = giveUp(store.state, 'a');
    expect(store.takes('b')).toBe(startAt + 12);
    expect(store.publishes('v1', startAt + 500)).toBe('accepted');
    expect(store.takes('b')).toBe(startAt + 501);
  });

  it('leaves room above what somebody knows and the store does not', () => {
    const store = new LeadInHand();
    expect(store.takes('a', startAt + 10)).toBe(startAt + 10 + LOST_TOKENS);
    expect(store.takes('a', startAt + 10)).toBe(startAt + 11 + LOST_TOKENS);
  });

  it('does not run away from a number that was tampered with', () => {
    expect(new LeadInHand().takes('a', 2 * HIGHEST_FROM_CALLER)).toBe(startAt);
  });

  it('orders what leaders publish, whatever clocks and leases do', () => {
    const leader = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('look' as const), leader }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('publish' as const), leader }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('resign' as const), leader }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: -60_000, max: 60_000 }) }) }, // prettier-ignore
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = new LeadInHand();
        const tokens = new Map<string, number>();
        /** Every number in the order in which the store gave it, or came to hold it. */
        const given: number[] = [0];
        const revisions: number[] = [0];
        for (const next of steps) {
          if (next.do === 'pass') store.now += next.ms;
          else if (next.do === 'resign') store.state = giveUp(store.state, next.leader);
          else if (next.do === 'publish') store.publishes('v', tokens.get(next.leader) ?? 1);
          else {
            const token = store.asks(next.leader);
            if (token !== undefined) given.push(token);
            tokens.set(next.leader, token ?? tokens.get(next.leader) ?? 1);
          }
          revisions.push(store.state.record?.revision ?? 0);
        }
        expect(given).toEqual([...new Set(given)].toSorted((one, other) => one - other));
        expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
        expect(Math.max(...revisions)).toBeLessThanOrEqual(Math.max(1, ...given));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a follower finds no use in', () => {
  it('is not confirmed, and replaced above the number that it asked for', () => {
    const store = new LeadInHand();
    const revision = store.takes('a');
    expect(store.publishes('v1', revision)).toBe('accepted');
    expect(store.asks('b', revision + 1)).toBeUndefined();
    expect(confirm(store.state, revision, store.now).reply).toBe(false);
    const token = store.takes('a', revision);
    expect(token).toBeGreaterThan(revision + 1);
    expect(store.publishes('v1', token)).toBe('accepted');
    expect(confirm(store.state, token, store.now).reply).toBe(true);
  });

  it('is not confirmed either when its body is lost', () => {
    const store = new LeadInHand();
    const revision = store.takes('a');
    expect(store.publishes('v1', revision)).toBe('accepted');
    expect(confirm(store.state, revision, store.now).reply).toBe(true);
    store.state = { ...store.state, bodies: new Map() };
    expect(confirm(store.state, revision, store.now).reply).toBe(false);
  });
});
