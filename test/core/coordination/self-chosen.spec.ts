/**
 * Coordinations that ask nobody, over records in memory with the time in the hand of the test:
 * who fetches when, what may still be published, and what the options refuse.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CacheVerdict, HeldFacts } from '../../../lib/core/cache/definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import type { CoordinationFactory } from '../../../lib/core/coordination/coordination-factory.js';
import type { Coordination } from '../../../lib/core/coordination/coordination.js';
import {
  always,
  never,
  randomBackoff,
  timeSlots,
} from '../../../lib/core/coordination/self-chosen-factory.js';
import { slotAt } from '../../../lib/core/coordination/time-slots.js';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { randomOf } from '../../simulation/world/random.js';

const intervalMs = 30_000;
const checkMs = 5_000;
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
let records: RecordStore;

/** What is there without claims, as any store has it. */
function withoutClaims(store: RecordStore): RecordStore {
  return {
    description: store.description,
    readHead: () => store.readHead(),
    readBody: (revision) => store.readBody(revision),
    publish: (given, revision) => store.publish(given, revision),
    confirm: (revision) => store.confirm(revision),
    close: () => store.close(),
  };
}

beforeEach(() => {
  // The beginning of a slot of any length that divides a day.
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  records = withoutClaims(new MemoryRecordStore(clock));
});

function open(factory: CoordinationFactory, random: () => number = () => 0.5): Coordination {
  const times = { intervalMs, jitter: 0.1, checkMs, leaseMs: 12_000 };
  return factory({ records, clock, random, ...times });
}

/** A whole turn, if it is on this instance. @returns what it then holds, undefined if it was not. */
async function turn(
  one: Coordination,
  digest: string,
  facts = nothing,
): Promise<HeldFacts | undefined> {
  const verdict = await one.check(facts);
  if (verdict.kind !== 'lead') return undefined;
  expect(await one.publish(verdict.grant, record(digest))).toBe('accepted');
  return { ...facts, revision: verdict.grant.token ?? 0, digest };
}

async function kindOf(one: Coordination, facts = nothing): Promise<CacheVerdict['kind']> {
  return (await one.check(facts)).kind;
}

describe('timeSlots()', () => {
  const slots = (index: number, of = 3) => open(timeSlots({ index, of }));

  it('belong to exactly one instance at each moment, for as long, and in turn', () => {
    const anyMoment = fc.integer({ min: -8.64e14, max: 8.64e14 });
    const anySlots = {
      of: fc.integer({ min: 1, max: 50 }),
      slotMs: fc.integer({ min: 1, max: 1e7 }),
    };
    fc.assert(
      fc.property(anyMoment, fc.record(anySlots), (nowMs, given) => {
        const owner = slotAt(nowMs, given);
        expect(Number.isInteger(owner)).toBe(true);
        expect(owner).toBeGreaterThanOrEqual(0);
        expect(owner).toBeLessThan(given.of);
        expect(slotAt(nowMs + given.slotMs, given)).toBe((owner + 1) % given.of);
        const slotBeganAt = Math.floor(nowMs / given.slotMs) * given.slotMs;
        expect(slotAt(slotBeganAt, given)).toBe(owner);
        expect(slotAt(slotBeganAt + given.slotMs - 1, given)).toBe(owner);
      }),
    );
  });

  it('are of who has them, when the refresh is due; of nobody else', async () => {
    const all = [slots(0), slots(1), slots(2)];
    const held = await turn(all[0]!, 'v1');
    // Slots of ten seconds, and thirty until the refresh is due: it is the first one's again.
    const fetched: (readonly [number, number])[] = [];
    for (let second = 1; second <= 90; second += 1) {
      await clock.advance(1_000);
      for (const [index, one] of all.entries()) {
        const verdict = await one.check(held!);
        if (verdict.kind !== 'lead') continue;
        expect(await one.confirm(verdict.grant, undefined)).toBe('accepted');
        fetched.push([second, index]);
      }
    }
    expect(fetched).toEqual([
      [30, 0],
      [60, 0],
      [90, 0],
    ]);
  });

  it('F09: whose instance is away cost their own time, then the next one fetches', async () => {
    const held = await turn(slots(0), 'v1');
    const [second, third] = [slots(1), slots(2)];
    await clock.advance(39_999);
    expect([await kindOf(second, held), await kindOf(third, held)]).toEqual(['follow', 'follow']);
    await clock.advance(1);
    expect([await kindOf(third, held), await kindOf(second, held)]).toEqual(['follow', 'lead']);
  });

  it('are not taken over by a kick, nor for a copy that was lost', async () => {
    const held = await turn(slots(0), 'v1');
    const other = slots(1);
    expect(await kindOf(other, { ...held!, kick: true })).toBe('follow');
    expect(await kindOf(other, { ...held!, revision: held!.revision + 1 })).toBe('follow');
    await clock.advance(10_000);
    expect(await kindOf(other, { ...held!, kick: true })).toBe('lead');
  });

  it('F19: do not hold up a fleet that starts on an empty store: the first instance fetches', async () => {
    await clock.advance(20_000);
    expect(await kindOf(slots(1))).toBe('follow');
    expect(await kindOf(slots(0))).toBe('lead');
  });

  it('refuse what cannot be, all at once', () => {
    const mistake = mistakeOf(timeSlots({ index: 3, of: 3, slotMs: 1 }));
    expect(mistake).toBe(
      'timeSlots(): index: got 3, expected a whole number from 0 to 2. slotMs: got 1, expected a number from 10000 to 60000.',
    );
    expect(mistakeOf(timeSlots({ index: 0.5, of: Number.NaN }))).toMatch(
      /of: got NaN.*index: got 0.5/,
    );
    expect(mistakeOf(timeSlots({ index: '0', of: 2 } as never))).toMatch(/index: got a value of the kind string/); // prettier-ignore
    expect(mistakeOf(timeSlots({ index: 0, of: 2, slot: 1 } as never))).toMatch(/unknown option slot,/); // prettier-ignore
    expect(mistakeOf(timeSlots(undefined as never))).toMatch(/got no object/);
  });
});

describe('randomBackoff()', () => {
  it('does not fetch what is not due, whatever the die says', async () => {
    const one = open(randomBackoff(), () => 0);
    const held = await turn(one, 'v1');
    await clock.advance(intervalMs - 1);
    expect(await kindOf(one, held)).toBe('follow');
    await clock.advance(1);
    expect(await kindOf(one, held)).toBe('lead');
  });

  it('fetches for certain when it is long overdue, and when it is asked to', async () => {
    const unlucky = open(randomBackoff({ chance: 0.01, surelyAfterMs: 20_000 }), () => 0.999_999);
    await turn(open(randomBackoff({ chance: 1 })), 'v1');
    await clock.advance(intervalMs + 19_999);
    expect(await kindOf(unlucky)).toBe('follow');
    await clock.advance(1);
    expect(await kindOf(unlucky)).toBe('lead');
    const other = open(randomBackoff(), () => 0.999_999);
    expect(await kindOf(other, { ...nothing, kick: true })).toBe('lead');
  });

  it('finds somebody soon where nothing is there: each look doubles the chance', async () => {
    const one = open(randomBackoff({ chance: 0.1 }), () => 0.79);
    expect([await kindOf(one), await kindOf(one), await kindOf(one)]).toEqual(
      Array.from({ length: 3 }, () => 'follow'),
    );
    expect(await kindOf(one)).toBe('lead');
  });

  it('lets twenty fetch hardly more often than one would, and never later than it says', async () => {
    let fetches = 0;
    let intervals = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const run = await fleetOf(20, randomBackoff(), seed, 60);
      fetches += run.fetchedAt.length;
      intervals += 60;
      expect(run.longestGapMs).toBeLessThanOrEqual(2 * intervalMs + 1.2 * checkMs + 1_000);
    }
    expect(fetches / intervals).toBeLessThan(1.1);
    expect(fetches / intervals).toBeGreaterThan(0.5);
  });

  it('refuses what is no chance', () => {
    expect(mistakeOf(randomBackoff({ chance: 0, surelyAfterMs: -1 }))).toBe(
      'randomBackoff(): chance: got 0, expected above 0 and at most 1. surelyAfterMs: got -1, expected a number from 1 to 86400000.',
    );
  });
});

describe('always()', () => {
  it('lets every instance fetch every interval, and publishes what is newer', async () => {
    const [a, b] = [open(always()), open(always())];
    const first = await turn(a, 'v1');
    // With a fresh copy there it does not ask at once, but within the interval.
    expect(await kindOf(b)).toBe('follow');
    await clock.advance(intervalMs / 2);
    const second = await turn(b, 'v2', first);
    expect(second?.revision).toBeGreaterThan(first!.revision);
    await clock.advance(intervalMs / 2);
    expect(await kindOf(a, first)).toBe('lead');
    expect(await kindOf(b, second)).toBe('follow');
    await clock.advance(intervalMs / 2);
    expect(await kindOf(b, second)).toBe('lead');
  });

  it('fetches when it is asked to', async () => {
    const one = open(always());
    const held = await turn(one, 'v1');
    expect(await kindOf(one, { ...held!, kick: true })).toBe('lead');
  });
});

describe('never()', () => {
  it('follows, whatever there is, and takes nothing', async () => {
    const reader = open(never());
    expect(reader.readsOnly).toBe(true);
    expect(await reader.check({ ...nothing, kick: true })).toMatchObject({
      kind: 'follow',
      shared: { content: 'none' },
    });
    const held = await turn(open(always()), 'v1');
    await clock.advance(10 * intervalMs);
    const verdict = await reader.check(nothing);
    expect(verdict).toMatchObject({ kind: 'follow', shared: { content: 'newer' } });
    expect(verdict.shared.ageMs).toBe(10 * intervalMs);
    expect((await reader.check(held!)).shared.content).toBe('same');
  });

  it('rejects when the store does, so that the cycle knows that it is away', async () => {
    records = { ...records, readHead: () => Promise.reject(new Error('away')) };
    await expect(open(never()).check(nothing)).rejects.toThrow('away');
  });
});

describe.each([
  ['timeSlots', timeSlots({ index: 0, of: 1 })],
  ['randomBackoff', randomBackoff({ chance: 1 })],
  ['always', always()],
])('%s()', (_name, factory) => {
  it('works on records with claims as on those without', async () => {
    records = new MemoryRecordStore(clock);
    const held = await turn(open(factory), 'v1');
    expect(await records.readHead()).toMatchObject({ digest: 'v1', revision: held?.revision });
  });

  it('says that it does not keep two from fetching at once', () => {
    expect(open(factory).isExclusive).toBe(false);
    expect(open(factory).whoFetches).toMatch(/fetch/);
  });

  it('F02: does not publish under a grant that another has overtaken, or that has run out', async () => {
    const [a, b] = [open(factory), open(factory)];
    const [first, second] = [await a.check(nothing), await b.check(nothing)];
    if (first.kind !== 'lead' || second.kind !== 'lead') throw new Error('both were to fetch');
    expect(await b.publish(second.grant, record('v2'))).toBe('accepted');
    expect(await a.publish(first.grant, record('v1'))).toBe('fenced');
    expect(await records.readHead()).toMatchObject({ digest: 'v2' });

    const third = await a.check({ ...nothing, kick: true });
    if (third.kind !== 'lead') throw new Error('a kick is a reason');
    await clock.advance(12_001);
    expect(await a.publish(third.grant, record('v3'))).toBe('fenced');
  });

  it('steps back after a failure, for as long as it is told', async () => {
    const one = open(factory);
    const verdict = await one.check(nothing);
    if (verdict.kind !== 'lead') throw new Error('it was to fetch');
    await one.fail(verdict.grant, { code: 'rate-limited', message: 'It failed.' }, 60_000);
    await clock.advance(59_999);
    expect(await kindOf(one, { ...nothing, kick: true })).toBe('follow');
    await clock.advance(1);
    expect(await kindOf(one)).toBe('lead');
  });

  it('F10: asks at most once in half an interval for a store that takes nothing', async () => {
    records = { ...records, publish: () => Promise.reject(new Error('read only')) };
    const one = open(factory);
    let fetches = 0;
    for (let look = 0; look < 60; look += 1) {
      const verdict = await one.check(nothing);
      if (verdict.kind === 'lead') {
        fetches += 1;
        await one.publish(verdict.grant, record('v1')).catch(() => undefined);
      }
      await clock.advance(1_000);
    }
    expect(fetches).toBeLessThanOrEqual(4);
    expect(fetches).toBeGreaterThanOrEqual(2);
  });
});

/** Looks at random moments, fetches of 200 ms; for so many intervals. */
async function fleetOf(
  instances: number,
  factory: CoordinationFactory,
  seed: number,
  intervals: number,
) {
  const random = randomOf(seed);
  let ageFromMs = 0;
  let nowMs = 0;
  let revision = 1;
  const head = () => ({ ...record('v1'), sizeBytes: 2, revision, ageMs: nowMs - ageFromMs });
  const store = {
    ...records,
    readHead: async () => head(),
    confirm: async (confirmed: number) => confirmed === revision,
  };
  const time = { now: () => nowMs, monotonicMs: () => nowMs, setTimer: () => () => undefined }; // prettier-ignore
  const times = { intervalMs, jitter: 0.1, checkMs, leaseMs: 12_000 };
  const fleet = Array.from({ length: instances }, () => ({
    coordination: factory({ records: store, clock: time, random: () => random.next(), ...times }),
    looksAtMs: random.between(0, checkMs),
  }));
  const pending: { readonly endsAtMs: number; readonly end: () => Promise<unknown> }[] = [];
  const fetchedAt: number[] = [];
  let longestGapMs = 0;
  while (nowMs < intervals * intervalMs) {
    fleet.sort((a, b) => a.looksAtMs - b.looksAtMs);
    const next = fleet[0]!;
    while (pending.length > 0 && pending[0]!.endsAtMs <= next.looksAtMs) {
      const { endsAtMs, end } = pending.shift()!;
      nowMs = endsAtMs;
      longestGapMs = Math.max(longestGapMs, nowMs - ageFromMs);
      await end();
      ageFromMs = nowMs;
    }
    nowMs = next.looksAtMs;
    next.looksAtMs += checkMs * random.between(0.8, 1.2);
    const facts = { ...nothing, revision, digest: 'v1' };
    const verdict = await next.coordination.check(facts);
    if (verdict.kind !== 'lead') continue;
    fetchedAt.push(nowMs);
    const { grant } = verdict;
    pending.push({ endsAtMs: nowMs + 200, end: () => next.coordination.confirm(grant, undefined) });
  }
  return { fetchedAt, longestGapMs };
}

function mistakeOf(factory: CoordinationFactory): string {
  try {
    open(factory);
  } catch (error) {
    if (isFlagsError(error) && error.code === 'invalid-options') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
