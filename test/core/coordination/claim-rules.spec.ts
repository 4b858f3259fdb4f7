/**
 * Refresh claims, rule by rule. The marks number known failures of shared caches, those that a
 * rule is there to prevent: F01 a lock removed by a stranger, F04 a write that runs late, F05 no
 * schedule but the lock, F12 a store that was emptied, F13 a clock that jumped, and so on.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LOST_TOKENS } from '../../../lib/core/coordination/claim-rules.js';
import {
  StoreInHand,
  graceMs,
  intervalMs,
  leaseMs,
  longestDueMs,
  memberTtlMs,
  shortestGapMs,
} from './store-in-hand.js';

let store: StoreInHand;
beforeEach(() => {
  store = new StoreInHand();
});

describe('an empty store', () => {
  it('grants the first who looks, and holds the others off', () => {
    expect(store.check('a')).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(store.check('b')).toMatchObject({ verdict: 'held' });
  });

  it('F19: grants one claim to a fleet that starts at once', () => {
    const verdicts = Array.from({ length: 100 }, (_, i) => store.check(`i${i}`).verdict);
    expect(verdicts.filter((verdict) => verdict === 'granted')).toHaveLength(1);
  });

  it('says that it has nothing', () => {
    expect(store.check('a')).toEqual({
      verdict: 'granted',
      token: store.now,
      revision: 0,
      digest: undefined,
      etag: undefined,
      verifiedToken: 0,
      mustPublish: true,
      dueInMs: -store.now,
      ageMs: undefined,
      failuresInARow: 0,
      reason: undefined,
      instances: 1,
    });
  });

  it('waits as long as the failed claim said, although it has nothing', () => {
    store.fail('a', store.check('a').token, 7_000);
    store.pass(6_999);
    expect(store.check('b').verdict).toBe('not-due');
    store.pass(1);
    expect(store.check('b').verdict).toBe('granted');
  });
});

describe('due', () => {
  it('F05: a finished claim frees nothing before the next refresh is due', () => {
    store.lead('a');
    store.pass(intervalMs - 1);
    expect(store.check('a')).toMatchObject({ verdict: 'not-due', dueInMs: 1 });
    store.pass(1);
    expect(store.check('a')).toMatchObject({ verdict: 'granted', dueInMs: 0 });
  });

  it('F06: is no matter of the lease, which may be much longer or shorter', () => {
    store.lead('a');
    store.pass(intervalMs);
    expect(store.check('a', { leaseMs: 10 * intervalMs }).verdict).toBe('granted');
  });

  it('F09: is taken by another soon after, when the leader does not come', () => {
    store.lead('a');
    store.pass(intervalMs + graceMs - 1);
    expect(store.check('b').verdict).toBe('not-due');
    store.pass(1);
    expect(store.check('b').verdict).toBe('granted');
  });

  it('F09: is taken when the lease of a holder that died has run out', () => {
    store.check('a');
    store.pass(leaseMs - 1);
    expect(store.check('b').verdict).toBe('held');
    store.pass(1);
    expect(store.check('b').verdict).toBe('granted');
  });

  it('F07: is for the others first, when one has just failed', () => {
    store.fail('a', store.check('a').token, 1_000);
    store.pass(1_000);
    expect(store.check('a', { sitOutMs: 60_000 }).verdict).toBe('not-due');
    expect(store.check('b').verdict).toBe('granted');
  });

  it('F07: comes back to the one that failed, when nobody else takes it', () => {
    store.fail('a', store.check('a').token, 1_000);
    store.pass(61_000);
    expect(store.check('a', { sitOutMs: 60_000 }).verdict).toBe('granted');
  });

  it('prefers nobody after a failure', () => {
    store.lead('a');
    store.pass(intervalMs);
    store.fail('a', store.check('a').token, 1_000);
    store.pass(1_000);
    expect(store.check('b').verdict).toBe('granted');
  });

  it('counts failures across instances, until one succeeds', () => {
    store.fail('a', store.check('a').token, 0);
    store.fail('b', store.check('b').token, 0);
    const { token, failuresInARow } = store.check('c');
    expect(failuresInARow).toBe(2);
    store.publishClaim('c', token, 'v1');
    expect(store.check('c').failuresInARow).toBe(0);
  });

  it('says to everybody why the last one failed, until one succeeds', () => {
    store.fail('a', store.check('a').token, 0);
    expect(store.check('b').reason).toBe('network');
    store.publishClaim('b', store.state.token, 'v1');
    expect(store.check('c').reason).toBeUndefined();
  });
});

describe('a kick', () => {
  it('makes a refresh due when the shortest gap has passed', () => {
    store.lead('a');
    store.pass(shortestGapMs - 1);
    expect(store.check('a', { kick: true })).toMatchObject({ verdict: 'not-due', dueInMs: 1 });
    store.pass(1);
    expect(store.check('a').verdict).toBe('granted');
  });

  it('does not put off what is due already', () => {
    store.lead('a');
    store.pass(intervalMs + graceMs);
    expect(store.check('b', { kick: true }).verdict).toBe('granted');
  });

  it('does not move when it is repeated, so that the grace ends', () => {
    store.lead('a');
    store.pass(10_000);
    store.check('b', { kick: true });
    store.pass(graceMs);
    expect(store.check('b', { kick: true }).verdict).toBe('granted');
  });

  it('F47: does not overrule what the source asked for', () => {
    store.fail('a', store.check('a').token, 1_000, 120_000);
    store.pass(119_999);
    expect(store.check('b', { kick: true })).toMatchObject({ verdict: 'not-due', dueInMs: 1 });
    store.pass(1);
    expect(store.check('b').verdict).toBe('granted');
  });

  it('overrules a delay that the fleet chose by itself', () => {
    store.fail('a', store.check('a').token, 300_000);
    store.pass(shortestGapMs);
    expect(store.check('b', { kick: true }).verdict).toBe('granted');
  });
});

describe('the token', () => {
  it('is at least the clock of the store, so that it outlives the store', () => {
    store.lead('a');
    store.wipe();
    store.pass(1);
    expect(store.check('b').token).toBe(store.now);
  });

  it('grows by one when two claims fall into one millisecond', () => {
    const first = store.check('a').token;
    store.fail('a', first, 0);
    expect(store.check('b').token).toBe(first + 1);
  });

  it('F11: is above what the caller has seen, when the store forgot it', () => {
    const seen = store.now + 500;
    expect(store.check('a', { token: seen }).token).toBe(seen + LOST_TOKENS);
    store.wipe();
    expect(store.check('a', { revision: seen + 5 }).token).toBe(seen + 5 + LOST_TOKENS);
  });

  it('is above the revision of another instance that the store forgot', () => {
    const held = store.now + 60_000;
    store.check('a');
    store.check('b', { revision: held });
    store.pass(leaseMs);
    expect(store.check('a').token).toBe(held + LOST_TOKENS);
  });

  it('is none that the store has given before it forgot, though nobody has heard of it', () => {
    const known = store.lead('a', 'v1');
    store.pass(-60_000);
    store.pass(intervalMs);
    const lost = store.check('a', { kick: true, token: known }).token;
    store.publishClaim('a', lost, 'v2');
    store.wipe();
    expect(store.check('b', { token: known, revision: known }).token).toBeGreaterThan(lost);
  });

  it('is above the stored revision, when only the token was lost', () => {
    const revision = store.lead('a') + 900_000;
    const record = {
      schema: 1,
      digest: 'd',
      etag: undefined,
      codec: 'json',
      sizeBytes: 1,
      revision,
    };
    store.state = { ...store.state, token: 0, record };
    store.pass(intervalMs);
    expect(store.check('a').token).toBe(revision + 1);
  });

  it('F13: goes on when the clock of the store goes back', () => {
    const first = store.lead('a');
    store.now -= 120_000;
    const { token } = store.check('a', { kick: true, shortestGapMs: 0 });
    expect(token).toBe(first + 1);
  });

  it('is not driven to its end by a caller that brings a number beyond all sense', () => {
    store.check('a', { revision: 2 ** 52, token: 2 ** 53 });
    expect(store.state.floor).toBe(0);
    expect(store.state.token).toBe(store.now);
  });
});

describe('the end of a claim', () => {
  it('with new content is a publication under the token', () => {
    const { token } = store.check('a');
    expect(store.publishClaim('a', token, 'v1')).toBe('accepted');
    store.pass(1_000);
    expect(store.check('b')).toMatchObject({
      verdict: 'not-due',
      revision: token,
      digest: 'v1',
      etag: undefined,
      verifiedToken: token,
      mustPublish: false,
      dueInMs: intervalMs - 1_000,
      ageMs: 1_000,
    });
  });

  it('with the same content renews the age and keeps the revision', () => {
    const first = store.lead('a');
    store.pass(intervalMs);
    const { token, etag } = store.check('a');
    expect(etag).toBe('"v1"');
    expect(store.same('a', token)).toBe('accepted');
    expect(store.check('a')).toMatchObject({ revision: first, verifiedToken: token, ageMs: 0 });
    expect(store.state.record?.etag).toBe('"v1"');
  });

  it.each([
    ['an etag', '"new"', '"new"'],
    ['an empty etag', '', '"v1"'],
  ])('with the same content and %s', (_what, etag, stored) => {
    store.lead('a');
    store.pass(intervalMs);
    store.same('a', store.check('a').token, etag);
    expect(store.state.record?.etag).toBe(stored);
  });

  it('with the same content is refused when there is none, and leaves the claim open', () => {
    const { token } = store.check('a');
    const before = store.state;
    expect(store.same('a', token)).toBe('must-publish');
    expect(store.state).toBe(before);
    expect(store.publishClaim('a', token, 'v1')).toBe('accepted');
  });

  it('with new content is refused while the body is not there', () => {
    const { token } = store.check('a');
    const content = { schema: 1, digest: 'v1', etag: undefined, codec: 'json', sizeBytes: 2 };
    const before = store.state;
    expect(store.finish('a', token, { kind: 'new', content, nextDueMs: 1 })).toBe('must-publish');
    expect(store.state).toBe(before);
  });

  it('F57: by handing over lets the next take it at once, and is no failure', () => {
    store.lead('a');
    store.pass(intervalMs);
    const { token } = store.check('a');
    expect(store.finish('a', token, { kind: 'handed-over' })).toBe('accepted');
    expect(store.check('b')).toMatchObject({ verdict: 'granted', failuresInARow: 0 });
  });

  it('of which nothing was heard goes on with the schedule, and proves nothing', () => {
    const verified = store.lead('a');
    store.pass(intervalMs);
    const { token } = store.check('a');
    store.pass(10_000);
    expect(store.finish('a', token, { kind: 'unheard', nextDueMs: 20_000 })).toBe('accepted');
    store.pass(19_999);
    expect(store.check('a')).toMatchObject({
      verdict: 'not-due',
      failuresInARow: 0,
      verifiedToken: verified,
      ageMs: intervalMs + 29_999,
    });
    // Whoever comes first, for it may have been the holder that could not reach the source.
    store.pass(1);
    expect(store.check('b').verdict).toBe('granted');
  });

  it('F01: is for the holder only', () => {
    const { token } = store.check('a');
    const before = store.state;
    expect(store.fail('b', token)).toBe('fenced');
    expect(store.finish('b', token, { kind: 'handed-over' })).toBe('fenced');
    expect(store.state).toBe(before);
  });

  it('F04: comes once; a late or repeated one changes nothing', () => {
    const token = store.lead('a');
    const before = store.state;
    expect(store.publishClaim('a', token, 'ghost')).toBe('fenced');
    expect(store.same('a', token)).toBe('fenced');
    expect(store.state).toEqual(before);
  });

  it('F03: is refused when another was granted meanwhile', () => {
    const slow = store.check('a').token;
    store.pass(leaseMs);
    const { token } = store.check('b');
    expect(store.publishClaim('a', slow, 'old')).toBe('fenced');
    expect(store.publishClaim('b', token, 'new')).toBe('accepted');
    expect(store.state.record?.digest).toBe('new');
  });

  it('F21: is accepted after the lease, as long as nobody was granted since', () => {
    const { token } = store.check('a');
    store.pass(10 * leaseMs);
    expect(store.publishClaim('a', token, 'v1')).toBe('accepted');
  });

  it('F16: two processes with one name cannot both end a claim', () => {
    const first = store.check('same-host:1').token;
    store.pass(leaseMs);
    const second = store.check('same-host:1').token;
    expect(second).toBeGreaterThan(first);
    expect(store.publishClaim('same-host:1', first, 'old')).toBe('fenced');
    expect(store.publishClaim('same-host:1', second, 'new')).toBe('accepted');
  });

  it('F12: in a store that was emptied meanwhile is refused', () => {
    const { token } = store.check('a');
    store.wipe();
    expect(store.publishClaim('a', token, 'v1')).toBe('fenced');
  });
});

describe('a store that lost something', () => {
  it('F12: everything: is filled again at once, with content and a higher revision', () => {
    const revision = store.lead('a');
    store.wipe();
    const reply = store.check('a', { revision, digest: 'v1' });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true, etag: undefined });
    expect(reply.token).toBeGreaterThan(revision);
    expect(store.same('a', reply.token)).toBe('must-publish');
  });

  it('F12: the body: refetches it whole, after the shortest gap', () => {
    const revision = store.lead('a');
    store.pass(1_000);
    store.loseBodies();
    const soon = store.check('a', { revision });
    expect(soon).toMatchObject({ verdict: 'not-due', mustPublish: true });
    expect(soon.dueInMs).toBe(shortestGapMs - 1_000);
    store.pass(shortestGapMs - 1_000);
    const { verdict, etag, token } = store.check('a', { revision });
    expect({ verdict, etag }).toEqual({ verdict: 'granted', etag: undefined });
    expect(store.same('a', token)).toBe('must-publish');
    expect(store.publishClaim('a', token, 'v1')).toBe('accepted');
  });

  it('F47: is not filled again sooner than the source allows', () => {
    store.lead('a');
    store.pass(intervalMs);
    store.fail('a', store.check('a').token, 1_000, 60_000);
    store.loseBodies();
    store.pass(30_000);
    expect(store.check('a')).toMatchObject({ verdict: 'not-due', dueInMs: 30_000 });
  });

  it('F11: the last publications: publishes again above what an instance holds', () => {
    const old = store.lead('a', 'old');
    const back = store.state;
    store.pass(intervalMs);
    const lost = store.lead('a', 'new');
    store.state = back;
    store.pass(graceMs);
    const reply = store.check('b', { revision: lost, digest: 'new' });
    expect(reply).toMatchObject({
      verdict: 'granted',
      revision: old,
      digest: 'old',
      etag: undefined,
    });
    expect(reply.token).toBeGreaterThan(lost);
    expect(store.same('b', reply.token)).toBe('must-publish');
  });

  it('does not take an instance that is behind for a loss', () => {
    const old = store.lead('a', 'old');
    store.pass(intervalMs);
    store.lead('a', 'new');
    expect(store.check('b', { revision: old })).toMatchObject({ mustPublish: false });
    expect(store.state.floor).toBe(0);
  });

  it('keeps the highest floor', () => {
    store.check('a', { revision: 900 });
    store.check('b', { revision: 700 });
    expect(store.state.floor).toBe(900);
  });

  it('publishes once more when the floor rose during the claim', () => {
    const { token } = store.check('a');
    store.check('b', { revision: token + 50 });
    expect(store.publishClaim('a', token, 'v1')).toBe('accepted');
    store.pass(shortestGapMs);
    const reply = store.check('a', { revision: token });
    expect(reply).toMatchObject({ verdict: 'granted', token: token + shortestGapMs });
    expect(reply.mustPublish).toBe(true);
  });
});

describe('F13: a clock of the store that jumped back', () => {
  it('leaves no lease further ahead than a lease is long', () => {
    store.check('a');
    store.now -= 60_000;
    expect(store.check('b').verdict).toBe('granted');
  });

  it('leaves no due time further ahead than the longest delay', () => {
    store.lead('a');
    store.now -= longestDueMs;
    expect(store.check('a').verdict).toBe('granted');
  });

  it('makes due at once what was due by the clock before', () => {
    store.lead('a');
    store.now -= 60_000;
    expect(store.check('a').verdict).toBe('granted');
  });

  it('still leaves the source alone for as long as it asked', () => {
    const { token } = store.check('a');
    store.fail('a', token, 40_000, 40_000);
    store.now -= 60_000;
    expect(store.check('b')).toMatchObject({ verdict: 'not-due', dueInMs: 100_000 });
  });

  it('leaves a due time that is far but allowed', () => {
    const { token } = store.check('a');
    store.publishClaim('a', token, 'v1', longestDueMs);
    expect(store.check('a').dueInMs).toBe(longestDueMs);
  });

  it('leaves no finish in the future, which would put off every repair', () => {
    store.lead('a');
    store.now -= 10_000;
    expect(store.check('a', { kick: true }).verdict).toBe('granted');
  });

  it('leaves no wish of the source further ahead than the longest delay', () => {
    store.fail('a', store.check('a').token, 1_000, longestDueMs);
    store.now -= 60_000;
    expect(store.check('a', { kick: true }).verdict).toBe('granted');
  });

  it('leaves no verification in the future: the age starts again', () => {
    store.lead('a');
    store.now -= 60_000;
    expect(store.check('b').ageMs).toBe(0);
    store.pass(2_000);
    expect(store.check('b').ageMs).toBe(2_000);
  });

  it('near the beginning of time clamps to it', () => {
    store.now = 10_000;
    store.lead('a');
    store.now = 1_000;
    expect(store.check('b', { shortestGapMs: 5_000 }).verdict).toBe('not-due');
    expect(store.state.finishedAt).toBe(0);
  });
});

describe('what a check costs', () => {
  it('omits the digest that the caller holds, and the etag without a grant', () => {
    store.lead('a', 'v1');
    expect(store.check('b', { digest: 'v1' })).toMatchObject({
      digest: undefined,
      etag: undefined,
    });
    expect(store.check('b', { digest: 'v0' })).toMatchObject({ digest: 'v1', etag: undefined });
  });
});

describe('the members', () => {
  it('are those who checked, with what they hold', () => {
    store.check('a', { revision: 5, ageMs: 12.4 });
    store.pass(10);
    expect(store.check('b').instances).toBe(2);
    expect(store.state.members.get('a')).toEqual({
      seenAt: store.now - 10,
      revision: 5,
      ageMs: 12,
    });
    expect(store.state.members.get('b')).toMatchObject({ ageMs: undefined });
  });

  it('are forgotten at a grant, when they have not checked for long', () => {
    store.lead('a');
    store.check('dead');
    store.pass(memberTtlMs);
    store.fail('a', store.check('a').token, 1);
    expect(store.check('b')).toMatchObject({ verdict: 'not-due', instances: 3 });
    store.pass(1);
    expect(store.check('b')).toMatchObject({ verdict: 'granted', instances: 2 });
  });

  it('F13: are forgotten when their last sign lies far in the future', () => {
    store.check('ghost');
    store.now -= memberTtlMs + 1;
    expect(store.check('a').instances).toBe(1);
  });

  it('that leave are gone, and nobody waits for them', () => {
    store.lead('a');
    store.pass(intervalMs);
    store.leave('a');
    expect(store.check('b')).toMatchObject({ verdict: 'granted', instances: 1 });
  });

  it('that leave take no preference away from another, and no claim', () => {
    const token = store.lead('a');
    store.leave('b');
    expect(store.state.leader).toBe('a');
    store.pass(intervalMs);
    const claim = store.check('a').token;
    store.leave('a');
    expect(store.same('a', claim)).toBe('accepted');
    expect(store.state.record?.revision).toBe(token);
  });
});

describe('a body', () => {
  it('can be read for a while after it was overtaken', () => {
    const first = store.lead('a', 'v1');
    store.pass(intervalMs);
    const second = store.lead('a', 'v2');
    expect(store.state.bodies.get(first)).toBe(store.now + 600_000);
    expect(store.state.bodies.get(second)).toBe(Infinity);
    store.pass(600_000);
    store.lead('a', 'v3');
    expect([...store.state.bodies.keys()]).toEqual([second, store.state.token]);
  });

  it('that is lost is not revived by being overtaken', () => {
    const first = store.lead('a', 'v1');
    store.loseBodies();
    store.pass(intervalMs);
    store.lead('a', 'v2');
    expect(store.state.bodies.has(first)).toBe(false);
  });

  it('laid down for a claim that never ends expires after an hour', () => {
    store.stage(7);
    expect(store.state.bodies.get(7)).toBe(store.now + 3_600_000);
    const before = store.state;
    store.pass(1);
    store.stage(7);
    expect(store.state).toBe(before);
  });
});

describe('a publication without a claim', () => {
  it('needs a higher revision than the stored one', () => {
    const revision = store.lead('a');
    store.stage(revision + 1);
    expect(store.publish(revision, 'x')).toBe('fenced');
    expect(store.publish(revision + 1, 'x')).toBe('accepted');
    expect(store.check('a')).toMatchObject({ revision: revision + 1, token: revision + 1 });
  });

  it('needs its body', () => {
    expect(store.publish(7, 'x')).toBe('must-publish');
    expect(store.state.record).toBeUndefined();
  });

  it('fences an open claim that it overtakes', () => {
    const { token } = store.check('a');
    store.stage(token);
    expect(store.publish(token, 'x')).toBe('accepted');
    expect(store.same('a', token)).toBe('fenced');
  });

  it('leaves alone an open claim that it does not overtake', () => {
    const { token } = store.check('a');
    store.stage(token - 1);
    expect(store.publish(token - 1, 'x')).toBe('accepted');
    expect(store.publishClaim('a', token, 'y')).toBe('accepted');
    expect(store.state.verifiedToken).toBe(token);
  });
});
