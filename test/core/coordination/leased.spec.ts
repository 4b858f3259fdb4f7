/**
 * A leader that keeps its lease, over records in memory and a lease in the hand of the test: who
 * leads, when it fetches, what it may still publish, and how the lead passes on.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Grant, HeldFacts } from '../../../lib/core/cache/definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { leased } from '../../../lib/core/coordination/coordination-factory.js';
import { LeasedCoordination } from '../../../lib/core/coordination/leased.js';
import type { LeaseStore } from '../../../lib/core/coordination/lease-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const settings = { intervalMs: 30_000, leaseMs: 22_000 };
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
const failure = (code: 'network' | 'server-error') => ({ code, message: 'It failed.' });

/** One lease by the clock of its store, as the examples keep it in Redis. */
class LeaseInHand implements LeaseStore {
  owner: string | undefined;
  endsAtMs = 0;

  constructor(private readonly clock: ManualClock) {}

  async acquire(owner: string, leaseMs: number): Promise<boolean> {
    if (this.holder !== undefined && this.holder !== owner) return false;
    this.owner = owner;
    this.endsAtMs = this.clock.monotonicMs() + leaseMs;
    return true;
  }

  async release(owner: string): Promise<void> {
    if (this.owner === owner) this.owner = undefined;
  }

  get holder(): string | undefined {
    return this.clock.monotonicMs() < this.endsAtMs ? this.owner : undefined;
  }
}

let clock: ManualClock;
let records: MemoryRecordStore;
let lease: LeaseInHand;

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  lease = new LeaseInHand(clock);
});

/** What a coordination may ask of the store in memory; its own lease only when it is named. */
function recordsWith(own: Pick<RecordStore, 'lease'>): RecordStore {
  return {
    ...own,
    description: records.description,
    readHead: () => records.readHead(),
    readBody: (revision) => records.readBody(revision),
    publish: (given, revision) => records.publish(given, revision),
    confirm: (revision) => records.confirm(revision),
    close: () => records.close(),
  };
}

/** `ownClock` where the clock of the instance is not that of the store. */
function instance(owner: string, ownClock: ManualClock = clock): LeasedCoordination {
  return new LeasedCoordination({ lease, records, settings, clock: ownClock, owner });
}

/** Led by the lease of the store itself, which comes with tokens. */
function numbered(owner: string, ownClock: ManualClock = clock): LeasedCoordination {
  return new LeasedCoordination({
    lease: records.lease,
    records,
    settings,
    clock: ownClock,
    owner,
  });
}

async function grantTo(one: LeasedCoordination, facts: HeldFacts = nothing): Promise<Grant> {
  const verdict = await one.check(facts);
  if (verdict.kind !== 'lead') throw new Error(`${one.owner} was not asked to fetch.`);
  return verdict.grant;
}

/** A whole turn. @returns what the instance holds afterwards. */
async function lead(one: LeasedCoordination, digest: string): Promise<HeldFacts> {
  const grant = await grantTo(one);
  expect(await one.publish(grant, record(digest))).toBe('accepted');
  return { ...nothing, revision: grant.token ?? 0, digest };
}

describe('who leads', () => {
  it('is who takes the lease first; the others follow', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await grantTo(a);
    expect(await b.check(nothing)).toMatchObject({ kind: 'follow', shared: { content: 'none' } });
  });

  it('keeps the lead for as long as it looks, and fetches once an interval', async () => {
    const [a, b] = [instance('a'), instance('b')];
    const held = await lead(a, 'v1');
    for (let second = 5; second < 30; second += 5) {
      await clock.advance(5_000);
      expect((await a.check(held)).kind).toBe('follow');
      expect((await b.check(held)).kind).toBe('follow');
    }
    await clock.advance(5_000);
    expect((await b.check(held)).kind).toBe('follow');
    expect((await a.check(held)).kind).toBe('lead');
  });

  it('fetches sooner when it is kicked, when the store has lost its content or has older', async () => {
    const a = instance('a');
    const held = await lead(a, 'v1');
    expect((await a.check(held)).kind).toBe('follow');
    expect((await a.check({ ...held, kick: true })).kind).toBe('lead');
    const ahead = { ...held, revision: held.revision + 1, digest: 'v2' };
    const verdict = await a.check(ahead);
    expect(verdict).toMatchObject({ kind: 'lead', shared: { content: 'older' } });
    expect(verdict).toMatchObject({ grant: { mustPublish: true } });
  });

  it('is another as soon as the lease of one that crashed has run out', async () => {
    const [a, b] = [instance('a'), instance('b')];
    const held = await lead(a, 'v1');
    await clock.advance(settings.leaseMs - 1);
    expect((await b.check(held)).kind).toBe('follow');
    expect(lease.holder).toBe('a');
    await clock.advance(1);
    await b.check(held);
    expect(lease.holder).toBe('b');
  });

  it('is another at once when the leader leaves; a follower that leaves takes nothing along', async () => {
    const [a, b, c] = [instance('a'), instance('b'), instance('c')];
    const held = await lead(a, 'v1');
    await b.release();
    expect(lease.holder).toBe('a');
    await a.release();
    await c.check(held);
    expect(lease.holder).toBe('c');
  });
});

describe('a publication', () => {
  it('is above every revision that is known, whatever the clock of the leader says', async () => {
    const late = new ManualClock(Date.UTC(2020, 0, 1));
    const first = await lead(instance('a'), 'v1');
    await instance('a').release();
    await clock.advance(settings.intervalMs);
    const behind = instance('b', late);
    const grant = await grantTo(behind, first);
    expect(grant.token).toBeGreaterThan(first.revision);
    expect(await behind.publish(grant, record('v2'))).toBe('accepted');
    expect(await records.readHead()).toMatchObject({ digest: 'v2' });
  });

  it('F15: is refused by the leader itself once the lease may have run out', async () => {
    const own = new ManualClock();
    const a = instance('a', own);
    const grant = await grantTo(a);
    await own.advance(settings.leaseMs + 1);
    expect(await a.publish(grant, record('v1'))).toBe('fenced');
    expect(await a.confirm(grant)).toBe('fenced');
    expect(await records.readHead()).toBeUndefined();
  });

  it('is refused by the store when a later leader has published', async () => {
    const [a, b] = [instance('a'), instance('b')];
    const grant = await grantTo(a);
    await a.release();
    await lead(b, 'v2');
    expect(await a.publish(grant, record('v1'))).toBe('fenced');
    expect(await records.readHead()).toMatchObject({ digest: 'v2' });
  });

  it('happens once for each grant', async () => {
    const a = instance('a');
    const grant = await grantTo(a);
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
    expect(await a.publish(grant, record('v2'))).toBe('fenced');
  });
});

describe('a publication under a lease with tokens', () => {
  it('has the token of the store, however far ahead the clock of the leader is', async () => {
    const ahead = new ManualClock(Date.UTC(2030, 0, 1));
    const { revision } = await lead(numbered('a', ahead), 'v1');
    expect(revision).toBe(clock.now());
    expect(await records.readHead()).toMatchObject({ revision });
  });

  it('F03: that was sent before the lead was lost, and arrives late, is refused', async () => {
    const [a, b] = [numbered('a', new ManualClock(Date.UTC(2030, 0, 1))), numbered('b')];
    const sent: (() => Promise<boolean>)[] = [];
    const publish = records.publish.bind(records);
    records.publish = (given, revision) => {
      sent.push(() => publish(given, revision));
      return new Promise<never>(() => undefined);
    };
    void a.publish(await grantTo(a), record('v1'));
    records.publish = publish;
    await clock.advance(settings.leaseMs);
    await lead(b, 'v2');
    expect(await sent[0]!()).toBe(false);
    expect(await records.readHead()).toMatchObject({ digest: 'v2' });
  });

  it('is not asked for when somebody has published while the leader looked', async () => {
    const a = numbered('a');
    const readHead = records.readHead.bind(records);
    records.readHead = async () => {
      records.readHead = readHead;
      await records.publish(record('foreign'), clock.now() + 1);
      return readHead();
    };
    const kicked = { ...nothing, kick: true };
    expect((await a.check(kicked)).kind).toBe('follow');
    const grant = await grantTo(a, kicked);
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
  });

  it('replaces what a follower could not read, at the next refresh', async () => {
    const [a, b] = [numbered('a'), numbered('b')];
    const held = await lead(a, 'v1');
    expect((await b.check({ ...nothing, floor: held.revision + 1 })).kind).toBe('follow');
    await clock.advance(settings.intervalMs - settings.leaseMs / 2);
    expect((await a.check(held)).kind).toBe('follow');
    await clock.advance(settings.leaseMs / 2);
    const grant = await grantTo(a, held);
    expect(await a.confirm(grant)).toBe('must-publish');
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
    expect((await records.readHead())?.revision).toBeGreaterThan(held.revision + 1);
  });

  it('replaces what the leader itself could not read, at once', async () => {
    const a = numbered('a');
    const held = await lead(a, 'v1');
    const verdict = await a.check({ ...nothing, floor: held.revision + 1 });
    expect(verdict).toMatchObject({ kind: 'lead', grant: { mustPublish: true } });
  });
});

describe('a confirmation', () => {
  it('renews the age of what the leader had seen', async () => {
    const a = instance('a');
    const held = await lead(a, 'v1');
    await clock.advance(settings.intervalMs);
    expect(await a.confirm(await grantTo(a, held))).toBe('accepted');
    expect(await records.readHead()).toMatchObject({ digest: 'v1', ageMs: 0 });
  });

  it('does not renew what another has stored meanwhile', async () => {
    const a = instance('a');
    const held = await lead(a, 'v1');
    await clock.advance(settings.intervalMs);
    const grant = await grantTo(a, held);
    await records.publish(record('foreign'), (grant.token ?? 0) - 1);
    await clock.advance(1_000);
    expect(await a.confirm(grant)).toBe('must-publish');
    expect(await records.readHead()).toMatchObject({ digest: 'foreign', ageMs: 1_000 });
    expect(await a.publish(grant, record('v1'))).toBe('accepted');
  });

  it('of nothing must be a publication', async () => {
    const a = instance('a');
    expect(await a.confirm(await grantTo(a))).toBe('must-publish');
  });
});

describe('a fetch that failed', () => {
  it('for a reason of the network gives the lead to another at once', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await a.fail(await grantTo(a), failure('network'), 20_000);
    expect((await b.check(nothing)).kind).toBe('lead');
    expect((await a.check(nothing)).kind).toBe('follow');
  });

  it('at the source keeps the others away until the lease has run out, and then one tries', async () => {
    const fleet = ['a', 'b', 'c', 'd'].map((name) => instance(name));
    await fleet[0]!.fail(await grantTo(fleet[0]!), failure('server-error'), 60_000);
    const asked: string[] = [];
    for (let second = 0; second < 60; second += 1) {
      for (const one of fleet) {
        const verdict = await one.check(nothing);
        if (verdict.kind !== 'lead') continue;
        asked.push(one.owner);
        await one.fail(verdict.grant, failure('server-error'), 60_000);
      }
      await clock.advance(1_000);
    }
    expect(asked).toEqual(['b', 'c']);
  });

  it('waits as long as it was told before it asks for the lease again', async () => {
    const a = instance('a');
    await a.fail(await grantTo(a), failure('network'), 20_000);
    await clock.advance(19_999);
    expect((await a.check(nothing)).kind).toBe('follow');
    await clock.advance(1);
    expect((await a.check(nothing)).kind).toBe('lead');
  });
});

describe('a fetch of which nothing was heard', () => {
  it('keeps the lead, and the next one is due when the schedule says', async () => {
    const [a, b] = [instance('a'), instance('b')];
    const held = await lead(a, 'v1');
    await clock.advance(settings.intervalMs);
    await a.unheard(await grantTo(a, held), 20_000);
    await clock.advance(19_999);
    expect((await a.check(held)).kind).toBe('follow');
    expect((await b.check(held)).kind).toBe('follow');
    await clock.advance(1);
    expect((await a.check(held)).kind).toBe('lead');
  });

  it('three times in a row passes the lead on, for it may be the leader that is cut off', async () => {
    const [a, b] = [instance('a'), instance('b')];
    const leaders: string[] = [];
    for (let poll = 0; poll < 8; poll += 1) {
      for (const one of [a, b]) {
        const verdict = await one.check(nothing);
        if (verdict.kind === 'lead') {
          leaders.push(one.owner);
          if (one === a) await a.unheard(verdict.grant, 0);
          else await b.publish(verdict.grant, record('v1'));
        }
      }
      await clock.advance(15_000);
    }
    expect(leaders.slice(0, 4)).toEqual(['a', 'a', 'a', 'b']);
  });
});

describe('leased()', () => {
  const times = {
    random: () => 0.5,
    intervalMs: 30_000,
    jitter: 0.1,
    checkMs: 5_000,
    leaseMs: 12_000,
  };

  it('takes a lease that outlives a fetch and two checks', async () => {
    const one = leased()({ ...times, clock, records: recordsWith({ lease }) });
    await one.check(nothing);
    await clock.advance(21_999);
    expect(lease.holder).toBeDefined();
    await clock.advance(1);
    expect(lease.holder).toBeUndefined();
  });

  it('is refused for records without a lease, and the error says what to do', () => {
    const plain = recordsWith({});
    expect(() => leased()({ ...times, clock, records: plain })).toThrow(/keeps no lease.*unclaimed\(\)/); // prettier-ignore
  });
});
