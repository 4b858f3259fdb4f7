import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { Grant, HeldFacts } from '../../../lib/core/cache/definition-cache.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const settings = { intervalMs: 30_000, jitter: 0.1, checkMs: 5_000, leaseMs: 12_000 };
const nothing: HeldFacts = {
  revision: 0,
  digest: undefined,
  ageMs: undefined,
  token: 0,
  kick: false,
  sitOutMs: 0,
};
const record = (digest: string) => ({
  schema: 1,
  digest,
  etag: `"${digest}"`,
  codec: 'json',
  body: '{}',
});

let clock: ManualClock;
let store: MemoryRecordStore;

/** An instance; `ownClock` where its clock is not that of the store. */
function instance(name: string, ownClock: ManualClock = clock) {
  const { claims } = store;
  return new ClaimedCoordination({ claims, settings, clock: ownClock, random: () => 0.5, instance: name }); // prettier-ignore
}

async function grantTo(one: ClaimedCoordination, facts: HeldFacts = nothing): Promise<Grant> {
  const verdict = await one.check(facts);
  if (verdict.kind !== 'lead') throw new Error(`${one.instance} was not granted a claim.`);
  return verdict.grant;
}

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryRecordStore(clock);
});

describe('F15: a claim that may have run out', () => {
  it('is not finished, though the store would still accept it', async () => {
    const own = new ManualClock();
    const a = instance('a', own);
    const grant = await grantTo(a);
    await own.advance(settings.leaseMs + 1);
    expect(await a.publish(grant, record('v1'))).toBe('fenced');
    expect(await store.readHead()).toBeUndefined();
  });

  it('is finished up to its last moment', async () => {
    const a = instance('a');
    const grant = await grantTo(a);
    await clock.advance(settings.leaseMs);
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
  });

  it('is finished once: what comes after an accepted finish changes nothing', async () => {
    const a = instance('a');
    const grant = await grantTo(a);
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
    expect(await a.publish(grant, record('v2'))).toBe('fenced');
    expect(await store.readHead()).toMatchObject({ digest: 'v1' });
  });
});

describe('F16: two instances on one host, in one process', () => {
  it('have names of their own, and cannot end the claims of each other', async () => {
    const { claims } = store;
    const [a, b] = [0, 1].map(() => new ClaimedCoordination({ claims, settings, clock }));
    const grant = await grantTo(a!);

    expect(a!.instance).not.toBe(b!.instance);
    expect((await b!.check(nothing)).kind).toBe('follow');
    expect(await b!.publish(grant, record('v1'))).toBe('fenced');
    await b!.release();
    expect(await a!.publish(grant, record('v1'))).toBe('accepted');
  });

  it('are never called as one before: a name is that of one start', () => {
    const { claims } = store;
    const names = Array.from({ length: 1_000 }, () => {
      return new ClaimedCoordination({ claims, settings, clock }).instance;
    });
    expect(new Set(names).size).toBe(1_000);
  });
});

describe('an instance that leaves', () => {
  it('hands its claim over: the next to look is granted one at once', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await grantTo(a);
    expect((await b.check(nothing)).kind).toBe('follow');
    await a.release();
    expect((await grantTo(b)).failuresInARow).toBe(0);
  });

  it('is no longer counted, and nobody waits for it though it led', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await a.publish(await grantTo(a), record('v1'));
    await a.release();
    expect(await a.members()).toEqual([]);
    await clock.advance(settings.intervalMs);
    expect((await b.check(nothing)).kind).toBe('lead');
  });

  it('touches no claim of another', async () => {
    const [a, b, c] = [instance('a'), instance('b'), instance('c')];
    await grantTo(a);
    await clock.advance(settings.leaseMs + 1);
    const grant = await grantTo(b);
    await a.release();
    expect((await c.check(nothing)).kind).toBe('follow');
    expect(await b.publish(grant, record('v1'))).toBe('accepted');
  });
});

describe('the members of a fleet', () => {
  it('are those that have not missed four checks', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await a.check(nothing);
    await clock.advance(1);
    await b.check(nothing);
    await clock.advance(4 * settings.checkMs);
    expect(await b.members()).toMatchObject([{ instance: 'b' }]);
    await clock.advance(1);
    expect(await b.members()).toEqual([]);
  });

  it('are given longer where the fleet is so large that each of them checks more rarely', async () => {
    const checks = Array.from({ length: 2_000 }, (_, index) =>
      instance(`i${index}`).check(nothing),
    );
    await Promise.all(checks);
    const a = instance('a');
    await a.check(nothing);
    // 2001 instances check every 10 s each, so that the store is asked 200 times a second.
    await clock.advance(40_000);
    expect(await a.members()).toHaveLength(2_001);
    await clock.advance(100);
    expect(await a.members()).toEqual([]);
  });
});

describe('F47: a source that asked to be left alone', () => {
  const failure = { code: 'rate-limited', status: 429, retryAfterMs: 40_000, message: 'busy' } as const; // prettier-ignore

  it('is left alone by a kick too', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await a.fail(await grantTo(a), failure, 42_000);
    await clock.advance(39_999);
    expect((await b.check({ ...nothing, kick: true })).kind).toBe('follow');
    await clock.advance(1);
    expect((await b.check({ ...nothing, kick: true })).kind).toBe('lead');
  });

  it('a back-off of our own is cut short by a kick', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await a.fail(await grantTo(a), { code: 'server-error', message: 'down' }, 42_000);
    await clock.advance(5_000);
    expect((await b.check({ ...nothing, kick: true })).kind).toBe('lead');
  });
});

describe('what the store holds', () => {
  it('F11: the same revision with another digest is newer: a failover forgot one of two', async () => {
    const a = instance('a');
    const grant = await grantTo(a);
    await a.publish(grant, record('v1'));
    const held = { ...nothing, revision: grant.token ?? 0, digest: 'other' };
    expect((await a.check(held)).shared.content).toBe('newer');
  });

  it('is older where the instance holds a higher revision, and must be published again', async () => {
    const a = instance('a');
    const grant = await grantTo(a);
    await a.publish(grant, record('v1'));
    const held = { ...nothing, revision: (grant.token ?? 0) + 1, digest: 'v2' };
    expect((await a.check(held)).shared.content).toBe('older');
    await clock.advance(5_000);
    expect(await grantTo(a, held)).toMatchObject({ mustPublish: true, etag: undefined });
  });
});
