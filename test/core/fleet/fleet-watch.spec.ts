import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DefinitionCache } from '../../../lib/core/cache/definition-cache.js';
import type { FleetMember } from '../../../lib/core/coordination/claim-store.js';
import { convergenceRequest, type Convergence } from '../../../lib/core/fleet/convergence.js';
import { FleetWatch } from '../../../lib/core/fleet/fleet-watch.js';
import type { InstanceRole } from '../../../lib/core/refresh/refresh-outcome.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { never } from '../../support/scripted-source.js';

let clock: ManualClock;
let store: SnapshotStore;
let members: readonly FleetMember[];
let looks: number;
let role: InstanceRole;
let answer: () => Promise<readonly FleetMember[] | undefined>;

beforeEach(() => {
  clock = new ManualClock();
  store = new SnapshotStore();
  members = [memberOf('me', 5)];
  looks = 0;
  role = 'follower';
  answer = async () => members;
});

function memberOf(instance: string, revision: number, facts: Partial<FleetMember> = {}) {
  return { instance, revision, ageMs: 10, seenAgoMs: 0, leads: false, ...facts };
}

function watch() {
  const fleet = () => ((looks += 1), answer());
  const cache = { instance: 'me', fleet } as unknown as DefinitionCache;
  return new FleetWatch({
    cache,
    store,
    cycle: { status: () => ({ revision: 5, ageMs: 7.4, role }) },
    clock,
    random: () => 0.5,
    timeoutMs: 1_000,
    checkMs: 5_000,
  });
}

describe('the view of a fleet', () => {
  it('says who has what, this instance first and as it is now', async () => {
    members = [
      memberOf('zoe', 4, { seenAgoMs: 30 }),
      memberOf('me', 4, { seenAgoMs: 20 }),
      memberOf('bob', 5, { leads: true }),
      memberOf('ada', 0, { ageMs: undefined }),
    ];
    const none = { isThis: false, leads: false, seenAgoMs: 0 };
    expect(await watch().view()).toEqual({
      instance: 'me',
      complete: true,
      incomplete: undefined,
      error: undefined,
      instances: [
        { instance: 'me', isThis: true, revision: 5, ageMs: 7, seenAgoMs: 20, leads: false },
        { ...none, instance: 'ada', revision: undefined, ageMs: undefined },
        { ...none, instance: 'bob', revision: 5, ageMs: 10, leads: true },
        { ...none, instance: 'zoe', revision: 4, ageMs: 40, seenAgoMs: 30 },
      ],
      revisions: [
        { revision: 5, instances: 2 },
        { revision: 4, instances: 1 },
        { revision: undefined, instances: 1 },
      ],
      agrees: false,
      leader: 'bob',
    });
  });

  it('agrees when all are known and hold one revision', async () => {
    members = [memberOf('me', 5), memberOf('bob', 5)];
    expect(await watch().view()).toMatchObject({ agrees: true, leader: undefined });
  });

  it('names this instance as the leader where no members are known, as under a lease', async () => {
    answer = async () => undefined;
    role = 'leader';
    const view = await watch().view();
    expect(view).toMatchObject({ complete: false, agrees: false, leader: 'me' });
    expect(view.instances).toMatchObject([{ instance: 'me', leads: true }]);
  });

  it('believes the members who leads, where there are some', async () => {
    role = 'leader';
    members = [memberOf('me', 5), memberOf('bob', 5, { leads: true })];
    expect((await watch().view()).leader).toBe('bob');
  });

  it.each<[string, () => Promise<readonly FleetMember[] | undefined>, object]>([
    ['cache-cannot-tell', async () => undefined, { error: undefined }],
    [
      'cache-failed',
      () => Promise.reject(new Error('No connection.')),
      { error: 'No connection.' },
    ],
    ['not-listed', async () => [], {}],
  ])('is this instance alone, and no proof of anything: %s', async (incomplete, how, facts) => {
    answer = how;
    const view = await watch().view();
    expect(view).toMatchObject({ complete: false, incomplete, agrees: false, ...facts });
    expect(view.instances).toMatchObject([{ instance: 'me', isThis: true, revision: 5 }]);
  });

  it('of a cache without members shows this instance under a name of its own', async () => {
    const one = new FleetWatch({ ...watch()['parts'], cache: undefined });
    expect(await one.view()).toMatchObject({ instance: one.instance, incomplete: 'cache-cannot-tell' }); // prettier-ignore
    expect(one.instance).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('ends with the deadline of a cache that hangs', async () => {
    answer = never;
    const view = watch().view();
    await clock.advance(1_000);
    expect(await view).toMatchObject({
      incomplete: 'cache-failed',
      error: 'The definition cache did not answer within 1000 ms.',
    });
    expect(clock.timers).toBe(0);
  });

  it('is asked for once, however many want it at a time', async () => {
    const one = watch();
    await Promise.all([one.view(), one.view(), one.view()]);
    expect(looks).toBe(1);
    await one.view();
    expect(looks).toBe(2);
  });

  it('asks nothing any more once it is closed', async () => {
    const one = watch();
    one.close();
    expect(await one.view()).toMatchObject({ complete: false, incomplete: 'closed' });
    expect(looks).toBe(0);
  });
});

describe('the wait for convergence', () => {
  const ask = (timeoutMs = 10_000, quorum = 1, revision = 5) =>
    convergenceRequest(revision, { timeoutMs, quorum });

  /** Starts to wait; the answer is there once it is over. */
  function waiting(request = ask(), one = watch()) {
    const state: { ended?: Convergence } = {};
    void one.converge(request).then((ended) => (state.ended = ended));
    return state;
  }

  it('is over at once when all hold the revision or a newer one', async () => {
    members = [memberOf('me', 5), memberOf('bob', 6)];
    const wait = waiting();
    await clock.advance(0);
    expect(wait.ended).toMatchObject({
      converged: true,
      endedBy: 'converged',
      revision: 5,
      reached: 2,
      needed: 2,
      lagging: [],
      waitedMs: 0,
    });
    expect(looks).toBe(1);
  });

  it('looks again, more and more rarely, until the last has told', async () => {
    members = [memberOf('me', 5), memberOf('bob', 4)];
    const wait = waiting(ask(60_000));
    await clock.advance(20_000);
    expect(wait.ended).toBeUndefined();
    // After 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s, and then every 5.
    expect(looks).toBe(9);
    members = [memberOf('me', 5), memberOf('bob', 5)];
    await clock.advance(5_000);
    expect(wait.ended).toMatchObject({ converged: true, endedBy: 'converged' });
    expect(clock.timers).toBe(0);
  });

  it('looks again soon after a change has come here', async () => {
    members = [memberOf('me', 5), memberOf('bob', 4)];
    const wait = waiting(ask(60_000));
    await clock.advance(8_000);
    members = [memberOf('me', 5), memberOf('bob', 5)];
    store.swap(compileFlagDefinitions({ flags: [] }, { revision: 9 }));
    await clock.advance(0);
    expect(wait.ended).toMatchObject({ converged: true, waitedMs: 8_000 });
  });

  it('ends with the time, and says who lags', async () => {
    members = [memberOf('me', 5), memberOf('bob', 4), memberOf('ada', 0)];
    const wait = waiting(ask(1_234));
    await clock.advance(1_234);
    expect(wait.ended).toMatchObject({
      converged: false,
      endedBy: 'timeout',
      reached: 1,
      needed: 3,
      lagging: [{ instance: 'ada' }, { instance: 'bob' }],
      waitedMs: 1_234,
    });
  });

  it('of 0 ms looks once', async () => {
    members = [memberOf('me', 5), memberOf('bob', 4)];
    const wait = waiting(ask(0));
    await clock.advance(0);
    expect(wait.ended).toMatchObject({ endedBy: 'timeout', waitedMs: 0 });
    expect(looks).toBe(1);
  });

  it.each([
    [1, 20, 20],
    [0.95, 20, 19],
    [0.95, 10, 10],
    [0.5, 3, 2],
    [0.07, 100, 7],
    [0.001, 3, 1],
  ])('a quorum of %p of %d instances is %d of them', async (quorum, size, needed) => {
    members = Array.from({ length: size }, (_, n) => memberOf(n === 0 ? 'me' : `i${n}`, n < needed ? 5 : 4)); // prettier-ignore
    const wait = waiting(ask(0, quorum));
    await clock.advance(0);
    expect(wait.ended).toMatchObject({ converged: true, reached: needed, needed });
    members = members.toSpliced(1, 1, memberOf('i1', 4));
    const short = waiting(ask(0, quorum));
    await clock.advance(0);
    expect(short.ended?.converged).toBe(needed === 1);
  });

  it('takes a cache that fails for no proof, and goes on', async () => {
    answer = () => Promise.reject(new Error('No connection.'));
    const wait = waiting();
    await clock.advance(1_000);
    expect(wait.ended).toBeUndefined();
    answer = async () => members;
    await clock.advance(5_000);
    expect(wait.ended).toMatchObject({ converged: true });
  });

  it('does not wait where nobody can ever tell', async () => {
    answer = async () => undefined;
    const wait = waiting();
    await clock.advance(0);
    expect(wait.ended).toMatchObject({ converged: false, endedBy: 'fleet-unknown' });
  });

  it('ends when this instance shuts down', async () => {
    members = [memberOf('me', 5), memberOf('bob', 4)];
    const one = watch();
    const wait = waiting(ask(), one);
    await clock.advance(1_000);
    one.close();
    await clock.advance(0);
    expect(wait.ended).toMatchObject({ converged: false, endedBy: 'closed' });
    expect(clock.timers).toBe(0);
  });

  it.each<[string, unknown, object | undefined]>([
    ['revision', undefined, { timeoutMs: 1 }],
    ['revision', '5', { timeoutMs: 1 }],
    ['revision', 0, { timeoutMs: 1 }],
    ['quorum', 5, { timeoutMs: 1, quorum: 95 }],
    ['quorum', 5, { timeoutMs: 1, quorum: 0 }],
    ['quorum', 5, { timeoutMs: 1, quorum: Number.NaN }],
    ['timeoutMs', 5, {}],
    ['timeoutMs', 5, undefined],
    ['timeoutMs', 5, { timeoutMs: 2 ** 31 }],
    ['timeoutMs', 5, { timeoutMs: -1 }],
  ])('names what it cannot wait for: %s', (name, revision, options) => {
    const wanted = new RegExp(`cannot wait for this\\. ${name}: got [^:]+, expected`);
    expect(() => convergenceRequest(revision, options)).toThrow(wanted);
  });

  it('names all of it at once, under a code', () => {
    expect(() => convergenceRequest('x', { quorum: 2 })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(() => convergenceRequest('x', { quorum: 2 })).toThrow(
      /revision: .*quorum: .*timeoutMs: /,
    );
  });
});
