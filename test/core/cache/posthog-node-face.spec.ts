/**
 * The shared cache as a posthog-node client sees it: answers in time whatever the cache does, ends
 * each claim though the client says little, and never gives a client less than it had.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedDefinitionCache } from '../../../lib/core/cache/create-shared-definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import {
  PostHogNodeFace,
  type PostHogNodeFaceParts,
} from '../../../lib/core/cache/posthog-node-face.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { documentOf, never } from '../../support/scripted-source.js';

const intervalMs = 30_000;
const dueMs = 28_500;
const fetchTimeoutMs = 10_000;
const leaseMs = 12_000;
const [one, two] = [documentOf(['one']), documentOf(['two'])];

let clock: ManualClock;
let records: MemoryRecordStore;
let failures: string[];

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  failures = [];
});

function faceOver(
  cache: PostHogNodeFaceParts['cache'],
  ownClock = clock,
  cacheTimeoutMs = 1_000,
): PostHogNodeFace {
  return new PostHogNodeFace({
    cacheTimeoutMs,
    cache,
    clock: ownClock,
    random: () => 0.5,
    dueMs,
    fetchTimeoutMs,
    onFailure: ({ message }) => failures.push(message),
  });
}

function face(store: RecordStore = records, ownClock = clock): PostHogNodeFace {
  const random = (): number => 0.5;
  const times = { random, intervalMs: dueMs, jitter: 0, checkMs: 15_000, leaseMs };
  const cache = createSharedDefinitionCache({ records: store }, { ...times, clock: ownClock });
  return faceOver(cache, ownClock);
}

/** The value of a promise that must settle within so many virtual milliseconds. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let settled: { value: T } | undefined;
  const watched = promise.then((value) => (settled = { value }));
  for (let passed = 0; passed < ms && settled === undefined; passed += 50) await clock.advance(50);
  if (settled === undefined) throw new Error(`not settled after ${ms} ms`);
  return (await watched).value;
}

const asks = (client: PostHogNodeFace) => within(1_000, client.shouldFetchFlagDefinitions());
const keysOf = (data: unknown) =>
  (data as { flags: { key: string }[] } | undefined)?.flags.map(({ key }) => key);
const reads = async (client: PostHogNodeFace) =>
  keysOf(await within(2_000, client.getFlagDefinitions()));
const receives = (client: PostHogNodeFace, data: object) =>
  within(2_000, client.onFlagDefinitionsReceived(data as never));
const sharedKeys = async () => {
  const head = await records.readHead();
  return head && keysOf(JSON.parse(String((await records.readBody(head.revision))?.body)));
};

describe.each([
  ['hangs', () => never<never>()],
  ['rejects', () => Promise.reject(new Error('down'))],
  [
    'throws',
    () => {
      throw new Error('down');
    },
  ],
  ['answers nothing', async () => undefined as never],
  ['answers nonsense', async () => 42 as never],
  ['answers half of it', async () => ({ kind: 'lead', digest: 'x', document: '<html>' }) as never],
])('a cache that %s', (_how, answer: () => Promise<never>) => {
  const names = ['check', 'look', 'read', 'publish', 'confirm', 'fail', 'unheard', 'shutdown'];
  const broken = Object.fromEntries(names.map((name) => [name, answer]));

  it('lets a client without flags fetch, and one with flags keep them', async () => {
    const client = faceOver(broken as never);
    expect(await asks(client)).toBe(true);
    await receives(client, one);
    for (let poll = 0; poll < 4; poll += 1) {
      expect(await asks(client)).toBe(false);
      expect(await reads(client)).toEqual(['one']);
      await clock.advance(intervalMs);
    }
  });

  it('has nothing to read, and says so in time', async () => {
    expect(await reads(faceOver(broken as never))).toBeUndefined();
  });

  it('takes what was received, be it garbage, without an error', async () => {
    const client = faceOver(broken as never);
    await receives(client, { flags: 'garbage' });
    await receives(client, one);
    expect(await reads(client)).toEqual(['one']);
  });

  it('is shut down in time, once, and then neither asked nor given anything', async () => {
    const client = faceOver(broken as never);
    await receives(client, one);
    await within(2_000, client.shutdown());
    await within(50, client.shutdown());
    expect(await asks(client)).toBe(false);
    await receives(client, two);
    expect(await reads(client)).toEqual(['one']);
    expect(clock.timers).toBe(0);
  });
});

it('given a client that can bear to wait for a cache, it is waited for as long', async () => {
  const hanging = { check: () => never<never>(), shutdown: never };
  const client = faceOver(hanging as never, clock, 5_000);
  const asked = client.shouldFetchFlagDefinitions();
  await expect(within(4_000, asked)).rejects.toThrow('not settled');
  expect(await within(1_000, asked)).toBe(true);
});

it('given an empty cache, a client waits for the first publication no longer than an interval', async () => {
  const times = { random: () => 0.5, intervalMs: 300, jitter: 0, checkMs: 150, leaseMs };
  const cache = createSharedDefinitionCache({ records }, { ...times, clock });
  const client = new PostHogNodeFace({
    cacheTimeoutMs: 1_000,
    cache,
    clock,
    random: () => 0.5,
    dueMs: 300,
    fetchTimeoutMs,
  });
  await expect(within(500, client.getFlagDefinitions())).resolves.toBeUndefined();
});

describe('a fetch that brought definitions', () => {
  it('is for the one who asked first, and read by the others', async () => {
    const [a, b] = [face(), face()];
    expect(await asks(a)).toBe(true);
    expect(await asks(b)).toBe(false);
    const waiting = b.getFlagDefinitions();
    await receives(a, one);
    expect(keysOf(await within(2_000, waiting))).toEqual(['one']);
  });

  it('is one in an interval, by the same client, however many there are', async () => {
    const fleet = Array.from({ length: 10 }, () => face());
    const fetched: number[] = [];
    const read: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      const client = fleet[step % 10]!;
      if (await asks(client)) {
        fetched.push(step % 10);
        await receives(client, one);
      } else {
        read.push(...((await reads(client)) ?? ['nothing']));
      }
      await clock.advance(intervalMs / 10 - 50);
    }
    expect(fetched).toEqual([0, 0, 0, 0, 0, 0]);
    expect(read).toEqual(Array.from({ length: 54 }, () => 'one'));
  });

  it('that is what is shared already confirms it: no new revision, and its age is renewed', async () => {
    const a = face();
    await asks(a);
    await receives(a, one);
    const before = await records.readHead();
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
    await receives(a, one);
    const after = await records.readHead();
    expect(after).toMatchObject({ revision: before?.revision });
    expect(after?.ageMs).toBeLessThan(1_000);
  });

  it('is replaced by what another has published, at the next poll', async () => {
    const [a, b] = [face(), face()];
    await asks(a);
    await receives(a, one);
    expect(await asks(b)).toBe(false);
    expect(await reads(b)).toEqual(['one']);
    await clock.advance(2 * intervalMs);
    expect(await asks(b)).toBe(true);
    await receives(b, two);
    expect(await asks(a)).toBe(false);
    expect(await reads(a)).toEqual(['two']);
  });

  it('belongs to the client: what it changes in it, nobody else sees', async () => {
    const a = face();
    await asks(a);
    const data = structuredClone(one);
    await receives(a, data);
    data.flags[0]!.key = 'spoilt';
    data.flags.length = 0;
    const read = (await a.getFlagDefinitions())!;
    expect(keysOf(read)).toEqual(['one']);
    read.flags.length = 0;
    expect(await reads(a)).toEqual(['one']);
  });

  it('is given back in both spellings, with cohorts, and with fields of tomorrow', async () => {
    const [a, b] = [face(), face()];
    await asks(a);
    await receives(a, {
      flags: [],
      groupTypeMapping: { 0: 'company' },
      property_matching_version: 2,
      of_tomorrow: 1,
    });
    expect(await within(2_000, b.getFlagDefinitions())).toEqual({
      flags: [],
      cohorts: {},
      group_type_mapping: { 0: 'company' },
      groupTypeMapping: { 0: 'company' },
      minimal_flag_called_events: false,
      minimalFlagCalledEvents: false,
      property_matching_version: 2,
      propertyMatchingVersion: 2,
      of_tomorrow: 1,
    });
  });
});

describe('a fetch of whose end nothing is heard', () => {
  it('ends before its lease does: the age is not renewed, and the schedule goes on', async () => {
    const [a, b] = [face(), face()];
    await asks(a);
    await receives(a, one);
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
    await clock.advance(fetchTimeoutMs + 1_000);
    expect(records.claimState).toMatchObject({ holder: undefined, failuresInARow: 0 });
    expect((await records.readHead())?.ageMs).toBeGreaterThan(intervalMs);
    await clock.advance(dueMs - fetchTimeoutMs - 2_000);
    expect(await asks(b)).toBe(false);
    await clock.advance(1_000);
    expect(await asks(b)).toBe(true);
  });

  it('ends when the client asks again, which may then be the next to fetch', async () => {
    const a = face();
    await asks(a);
    await receives(a, one);
    for (let poll = 0; poll < 5; poll += 1) {
      await clock.advance(intervalMs);
      expect(await asks(a)).toBe(true);
    }
    expect(records.claimState.failuresInARow).toBe(0);
  });

  it('of a client that cannot reach the source passes the turn to the others', async () => {
    const [cutOff, well] = [face(), face()];
    const fetched: string[] = [];
    for (let poll = 0; poll < 8; poll += 1) {
      if (await asks(cutOff)) fetched.push('cut off');
      await clock.advance(intervalMs / 2);
      if (await asks(well)) {
        fetched.push('well');
        await receives(well, one);
      }
      await clock.advance(intervalMs / 2 - 50);
    }
    expect(fetched[0]).toBe('cut off');
    expect(fetched.filter((who) => who === 'well').length).toBeGreaterThanOrEqual(5);
  });

  it('at a client that crashes costs the fleet its lease and no more', async () => {
    // The clock of one that has crashed stands still: none of its timers fires any more.
    const [a, b] = [face(records, new ManualClock()), face()];
    expect(await asks(a)).toBe(true);
    expect(await asks(b)).toBe(false);
    await clock.advance(leaseMs);
    expect(await asks(b)).toBe(true);
  });
});

describe('a claim that was granted when the client had stopped waiting', () => {
  it('is given back at once: the next to ask has it', async () => {
    const slow: RecordStore = Object.assign(Object.create(records) as RecordStore, {
      claims: {
        ...records.claims,
        check: async (request: never) => {
          const reply = await records.claims.check(request);
          await new Promise<void>((resolve) => clock.setTimer(1_200, resolve));
          return reply;
        },
      },
    });
    // Without definitions it fetches all the same, but not under the claim.
    expect(await asks(face(slow))).toBe(true);
    const other = face();
    expect(await asks(other)).toBe(false);
    await clock.advance(500);
    expect(await asks(other)).toBe(true);
  });
});

describe('a fetch whose answer is no definitions', () => {
  it('ends the claim as failed, and is told', async () => {
    const a = face();
    await asks(a);
    await receives(a, { flags: 'garbage' });
    expect(records.claimState).toMatchObject({ reason: 'invalid-definitions', failuresInARow: 1 });
    expect(failures).toHaveLength(1);
    expect(await reads(a)).toBeUndefined();
  });
});

describe('what looks like a mistake of the source', () => {
  const full = documentOf(['one', 'two', 'three']);
  const empty = documentOf([]);
  /** Fleets of one, and one that has received what looks like a mistake. */
  const misled = async (doubtful: object = empty): Promise<PostHogNodeFace> => {
    const a = face();
    await asks(a);
    await receives(a, full);
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
    await receives(a, doubtful);
    return a;
  };
  const nextClaim = async (a: PostHogNodeFace): Promise<void> => {
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
  };
  const nothingIsHeard = () => clock.advance(fetchTimeoutMs + 1_000);
  const versioned = (version: number) => ({
    ...full,
    flags: full.flags.map((flag) => ({ ...flag, version })),
  });

  it.each([
    ['no flags', empty],
    ['a third of them', documentOf(['one'])],
  ])('is not shared at first sight, nor read back: %s', async (_what, doubtful) => {
    const a = await misled(doubtful);
    expect(await sharedKeys()).toEqual(['one', 'two', 'three']);
    expect(await reads(a)).toEqual(['one', 'two', 'three']);
    expect(await reads(face())).toEqual(['one', 'two', 'three']);
    expect(records.claimState).toMatchObject({ reason: 'unconfirmed', holder: undefined });
    expect(failures.join()).toContain('look like a mistake');
  });

  it('is not shared when flags are older than those that are shared', async () => {
    const a = face();
    await asks(a);
    await receives(a, versioned(2));
    const { revision } = (await records.readHead())!;
    await nextClaim(a);
    await receives(a, versioned(1));
    expect(await records.readHead()).toMatchObject({ revision });
  });

  it('is shared when the client receives it once more', async () => {
    const a = await misled();
    await nextClaim(a);
    await receives(a, empty);
    expect(await sharedKeys()).toEqual([]);
    expect(await reads(a)).toEqual([]);
  });

  it('is forgotten when the client receives something else, or another has refreshed', async () => {
    const a = await misled();
    await nextClaim(a);
    await receives(a, full);
    await nextClaim(a);
    await receives(a, empty);
    expect(await sharedKeys()).toEqual(['one', 'two', 'three']);
    const b = face();
    await clock.advance(2 * intervalMs);
    expect(await asks(b)).toBe(true);
    await receives(b, full);
    await clock.advance(2 * intervalMs);
    expect(await asks(a)).toBe(true);
    await receives(a, empty);
    expect(await sharedKeys()).toEqual(['one', 'two', 'three']);
  });

  it('is shared after two silent claims: "not modified" is all that a client with its etag hears', async () => {
    const a = await misled();
    await nextClaim(a);
    await nothingIsHeard();
    expect(await sharedKeys()).toEqual(['one', 'two', 'three']);
    await nextClaim(a);
    await nothingIsHeard();
    expect(await sharedKeys()).toEqual([]);
  });

  it('may be looked at by another soon, but each of many asks only once in a while', async () => {
    const [a, ...others] = [await misled(), ...Array.from({ length: 8 }, () => face())];
    let looks = 0;
    await clock.advance(1_000);
    for (let second = 0; second < 60; second += 1) {
      for (const other of others) {
        if (!(await asks(other))) continue;
        looks += 1;
        await receives(other, empty);
      }
      await clock.advance(900);
    }
    expect(looks).toBeGreaterThanOrEqual(1);
    expect(looks).toBeLessThanOrEqual(3);
    expect(await reads(a!)).toBeDefined();
  });

  it.each([10, 100])('is shared within a few intervals by %i that hear it once', async (size) => {
    const fleet = Array.from({ length: size }, () => face());
    const told = new Set<PostHogNodeFace>();
    let document = full;
    let steps = 0;
    const poll = async (): Promise<void> => {
      const client = fleet[steps % size]!;
      steps += 1;
      if (!(await asks(client))) await reads(client);
      else if (!told.has(client)) {
        await receives(client, document);
        if (document === empty) told.add(client);
      }
      await clock.advance(intervalMs / size - 50);
    };
    while (steps < 2.5 * size) await poll();
    document = empty;
    while ((await sharedKeys())!.length > 0 && steps < 50 * size) await poll();
    expect(steps / size - 2.5).toBeLessThanOrEqual(6);
  });

  it('is seen by a client that leads before it has read anything', async () => {
    const a = face();
    await asks(a);
    await receives(a, full);
    await clock.advance(2 * intervalMs);
    const newcomer = face();
    expect(await asks(newcomer)).toBe(true);
    await receives(newcomer, empty);
    expect(await sharedKeys()).toEqual(['one', 'two', 'three']);
  });
});

describe('what was fetched and could not be stored', () => {
  /** A store whose publications fail while `isDown`. */
  const store = (switched: { isDown: boolean }): RecordStore => ({
    description: 'switched',
    claims: {
      ...records.claims,
      check: async (request) => (switched.isDown ? never() : records.claims.check(request)),
      finish: async (request) => (switched.isDown ? never() : records.claims.finish(request)),
    },
    readHead: async () => (switched.isDown ? never() : records.readHead()),
    readBody: async (revision) => (switched.isDown ? never() : records.readBody(revision)),
    publish: (record, revision) => records.publish(record, revision),
    confirm: (revision) => records.confirm(revision),
    close: () => records.close(),
  });

  it('is stored at the end of a later claim, though the client hears only "not modified"', async () => {
    const switched = { isDown: false };
    const a = face(store(switched));
    await asks(a);
    await receives(a, one);
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
    switched.isDown = true;
    await receives(a, two);
    expect(await sharedKeys()).toEqual(['one']);
    switched.isDown = false;
    await clock.advance(intervalMs);
    expect(await asks(a)).toBe(true);
    await clock.advance(fetchTimeoutMs + 1_000);
    expect(await sharedKeys()).toEqual(['two']);
    expect(await reads(a)).toEqual(['two']);
  });

  it('is not stored over what the fleet has fetched since', async () => {
    const switched = { isDown: false };
    const [a, b] = [face(store(switched)), face()];
    await asks(a);
    await receives(a, one);
    await clock.advance(intervalMs);
    await asks(a);
    switched.isDown = true;
    await receives(a, two);
    await clock.advance(2 * intervalMs);
    switched.isDown = false;
    expect(await asks(b)).toBe(true);
    await receives(b, documentOf(['three']));
    expect(await asks(a)).toBe(false);
    expect(await reads(a)).toEqual(['three']);
    await clock.advance(2 * intervalMs);
    expect(await asks(a)).toBe(true);
    await clock.advance(fetchTimeoutMs + 1_000);
    expect(await sharedKeys()).toEqual(['three']);
  });

  it('came too late for its claim: the client keeps it, and the next claim stores it', async () => {
    const a = face();
    await asks(a);
    await receives(a, one);
    await clock.advance(intervalMs);
    await asks(a);
    await clock.advance(leaseMs);
    await receives(a, two);
    expect(await sharedKeys()).toEqual(['one']);
    expect(await reads(a)).toEqual(['two']);
    await clock.advance(intervalMs);
    await asks(a);
    await clock.advance(fetchTimeoutMs + 1_000);
    expect(await sharedKeys()).toEqual(['two']);
  });

  it('but was fetched alone is kept until a refresh that was claimed afterwards', async () => {
    const switched = { isDown: false };
    const [a, b] = [face(store(switched)), face()];
    await asks(a);
    await receives(a, one);
    await clock.advance(3 * intervalMs);
    // The cache goes away for one of them, and the other has what it fetched just before stored.
    expect(await asks(b)).toBe(true);
    switched.isDown = true;
    while (!(await asks(a))) await clock.advance(intervalMs);
    await receives(a, two);
    await clock.advance(0);
    const { revision = 0 } = (await records.readHead()) ?? {};
    records.replaceClaimState({ ...records.claimState, verifiedToken: revision + 1 });
    switched.isDown = false;
    await asks(a);
    expect(await reads(a)).toEqual(['two']);
    await clock.advance(2 * intervalMs);
    if (await asks(b)) await receives(b, documentOf(['three']));
    await asks(a);
    expect(await reads(a)).toEqual(['three']);
  });

  /** How often the one fetches for itself in so many polls without the cache. */
  const fetchesAlone = async (a: PostHogNodeFace, polls = 100): Promise<number> => {
    let fetches = 0;
    for (let poll = 0; poll < polls; poll += 1) {
      if (await asks(a)) fetches += 1;
      await clock.advance(intervalMs);
    }
    return fetches;
  };

  it('while the cache is away is fetched anew ever more rarely, where nobody told the size', async () => {
    const a = face(store({ isDown: true }));
    expect(await asks(a)).toBe(true);
    await receives(a, one);
    // After about 5, 15, 30 and 60 intervals.
    expect(await fetchesAlone(a)).toBe(4);
  });

  it.each([
    [3, 100],
    [40, 10],
  ])('while the cache is away by each of %i, of a hundred polls in %i', async (size, share) => {
    const switched = { isDown: false };
    const a = face(store(switched));
    for (let n = 1; n < size; n += 1) await asks(face());
    await asks(a);
    await receives(a, one);
    switched.isDown = true;
    const fetches = await fetchesAlone(a);
    expect(fetches).toBeGreaterThanOrEqual(0.85 * share);
    expect(fetches).toBeLessThanOrEqual(1.15 * share);
  });
});

describe('a client without a secret, which only reads', () => {
  it('never takes a claim', async () => {
    const reader = face();
    expect(await reads(reader)).toBeUndefined();
    expect(records.claimState.token).toBe(0);
  });

  it('waits for a first publication once an interval, and else answers at once', async () => {
    const reader = face();
    expect(await reads(reader)).toBeUndefined();
    expect(await within(50, reader.getFlagDefinitions())).toBeUndefined();
    const writer = face();
    await asks(writer);
    await receives(writer, one);
    expect(keysOf(await within(50, reader.getFlagDefinitions()))).toEqual(['one']);
  });

  it('keeps the last good ones when the shared copy is spoilt', async () => {
    const [writer, reader] = [face(), face()];
    await asks(writer);
    await receives(writer, one);
    expect(await reads(reader)).toEqual(['one']);
    const { revision = 0 } = (await records.readHead()) ?? {};
    const spoilt = { schema: 1, digest: 'spoilt', etag: undefined, codec: 'json', body: '<html>' };
    await records.publish(spoilt, revision + 1);
    expect(await reads(reader)).toEqual(['one']);
    expect(failures.join()).toContain('is not JSON');
  });
});

describe('a store that has lost its last publication', () => {
  it('does not take a client back', async () => {
    const [writer, reader] = [face(), face()];
    await asks(writer);
    await receives(writer, one);
    const before = records.claimState;
    await clock.advance(intervalMs);
    await asks(writer);
    await receives(writer, two);
    expect(await reads(reader)).toEqual(['two']);
    records.replaceClaimState(before);
    expect(await reads(reader)).toEqual(['two']);
  });
});

describe('shutdown', () => {
  it('hands an open claim over: the next to ask has it at once', async () => {
    const [a, b] = [face(), face()];
    await asks(a);
    await within(2_000, a.shutdown());
    expect(await asks(b)).toBe(true);
  });

  it('leaves no timer', async () => {
    const a = face();
    await asks(a);
    await within(2_000, a.shutdown());
    expect(clock.timers).toBe(0);
  });

  it('ends a wait for the first publication', async () => {
    const a = face();
    const waiting = a.getFlagDefinitions();
    await clock.advance(10);
    await within(2_000, a.shutdown());
    expect(await within(50, waiting)).toBeUndefined();
  });
});
