/**
 * Fleets of twenty whose instances are led, settle who fetches by themselves, or only read: the
 * shipped cycle on virtual time. Whatever happens no revision goes back at an instance and no
 * evaluation fails; and where all is well a change reaches all within the time that the
 * coordination states.
 */
import { describe, expect, it } from '@jest/globals';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import {
  leased,
  type CoordinationFactory,
} from '../../lib/core/coordination/coordination-factory.js';
import {
  always,
  never,
  randomBackoff,
  timeSlots,
} from '../../lib/core/coordination/self-chosen-factory.js';
import type { Clock } from '../../lib/core/time/clock.js';
import { faults, type FaultName } from './faults.js';
import { evaluationNeverFails, nothingInvalidIsApplied, revisionsGrow } from './invariants/safety.js'; // prettier-ignore
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet } from './world/fleet.js';
import type { VirtualInstanceParts } from './world/virtual-instance.js';

const INSTANCES = 20;
const MINUTE_MS = 60_000;
const { intervalMs, checkMs, leaseMs, jitter } = defaultSettings;
/** A look, the fetch, and the push or the next look that brings it to all. */
const LOOK_MS = 1.2 * checkMs * 1.01;
const FETCH_MS = 500;
const seeds = [1, 2, 3];
/** What the longest back-off of a failure that time heals may add, and clocks that are apart. */
const RECOVERY_MS = 3 * MINUTE_MS;

interface Case {
  readonly name: string;
  /** Who fetches, for the instance with this number; undefined for one with claims. */
  readonly factory: (index: number) => CoordinationFactory | undefined;
  /** Longest time from a change of the source until all have it. */
  readonly freshWithinMs: number;
  /** Fetches per interval in a healthy fleet, at least and at most. */
  readonly fetches: readonly [number, number];
}

const cases: readonly Case[] = [
  {
    name: 'leased()',
    factory: () => leased(),
    freshWithinMs: intervalMs + 2 * LOOK_MS + FETCH_MS,
    fetches: [0.7, 1.1],
  },
  {
    name: 'timeSlots()',
    factory: (index) => timeSlots({ index: index % INSTANCES, of: INSTANCES }),
    freshWithinMs: intervalMs + 3 * LOOK_MS + FETCH_MS,
    fetches: [0.7, 1.1],
  },
  {
    name: 'randomBackoff()',
    factory: () => randomBackoff(),
    freshWithinMs: 2 * intervalMs + 2 * LOOK_MS + FETCH_MS,
    fetches: [0.7, 1.1],
  },
  {
    name: 'always()',
    factory: () => always(),
    freshWithinMs: 1.1 * intervalMs + 2 * LOOK_MS + FETCH_MS,
    fetches: [0.8 * INSTANCES, 1.1 * INSTANCES],
  },
  {
    name: 'never(), beside five with claims',
    factory: (index) => (index % 4 === 0 ? undefined : never()),
    freshWithinMs: 1.1 * intervalMs + 2 * LOOK_MS + FETCH_MS,
    fetches: [0.7, 1.1],
  },
];

/** The store as an instance reaches it that takes no claims: each operation is a round trip. */
function recordsOf({ store, process }: VirtualInstanceParts): RecordStore {
  const { server, records } = store;
  const connected = store.connectionOf(process, {
    lastFetch: undefined,
    contentOfFinish: () => undefined,
    checks: () => () => undefined,
    onFinishSent: () => undefined,
  });
  return {
    description: connected.description,
    readHead: () => server.call(process, 'check', 'checked', () => records.readHead()),
    readBody: (revision) => connected.readBody(revision),
    publish: (record, revision) =>
      server.call(process, 'finish', 'finished', () => records.publish(record, revision)),
    confirm: (revision) =>
      server.call(process, 'finish', 'finished', () => records.confirm(revision)),
    close: () => connected.close(),
    lease: {
      acquire: (...asked) =>
        server.call(process, 'check', 'checked', () => records.lease.acquire(...asked)),
      acquireWithToken: (owner, ...asked) =>
        server.call(process, 'check', 'checked', async () =>
          records.lease.acquireWithToken?.(owner, ...asked),
        ),
      release: (owner) => server.call(process, 'leave', 'left', () => records.lease.release(owner)),
    },
  };
}

/** @param skewMs how far the clocks of machines are apart at most: kept together by NTP, or not */
function fleetOf({ factory }: Case, seed: number, skewMs = 500): Fleet {
  const fleet = new Fleet({
    seed,
    mutations: {
      coordination: (parts) => {
        const { process, random, world } = parts;
        const index = Number(process.name.slice(1)) - 1;
        const ownSkewMs = random.fork('skew').between(-skewMs, skewMs);
        const beganAt = Date.UTC(2026, 0, 1);
        const clock: Clock = { ...process.clock, now: () => beganAt + world.nowMs + ownSkewMs };
        const times = { intervalMs, jitter, checkMs, leaseMs, random: () => random.next() };
        return factory(index)?.({ records: recordsOf(parts), clock, ...times });
      },
    },
  });
  for (let n = 0; n < INSTANCES; n += 1) fleet.boot();
  return fleet;
}

function expectSafety({ trace, settings }: Fleet): void {
  const facts = {
    settings,
    endMs: Infinity,
    calmFromMs: 0,
    aftermathMs: 0,
    forgetsGrants: false,
    goesBack: false,
    slowestRate: 0.99,
  };
  for (const check of [revisionsGrow, evaluationNeverFails, nothingInvalidIsApplied]) {
    expect(check(trace, facts)).toEqual([]);
  }
}

/** How long it takes until all have the content that the source has from now on. */
async function untilAllHave(fleet: Fleet, limitMs: number): Promise<number> {
  const { content } = fleet.source;
  const fromMs = fleet.world.nowMs;
  await fleet.world.runUntil(fromMs + limitMs);
  const applied = eventsOf(fleet.trace, 'applied');
  const times = fleet.alive.map(
    ({ name }) =>
      applied.find((event) => event.instance === name && event.content === content)?.at ?? Infinity,
  );
  return Math.max(...times) - fromMs;
}

const failing: readonly FaultName[] = ['storeErrors', 'storeHangs', 'wipe', 'headEvicted', 'bodiesEvicted', 'requestsLate', 'answersLost', 'crashAnywhere', 'pauseAnywhere', 'sourceSlow']; // prettier-ignore

describe.each(cases)('a fleet of twenty with $name', (given) => {
  const { freshWithinMs, fetches } = given;

  it.each(seeds)('brings each change to all in the time that it states (seed %i)', async (seed) => {
    const fleet = fleetOf(given, seed);
    await fleet.world.runUntil(2 * MINUTE_MS);
    const before = eventsOf(fleet.trace, 'fetch-started').length;
    for (let change = 0; change < 6; change += 1) {
      await fleet.world.runUntil(fleet.world.nowMs + change * 7_000);
      fleet.source.change();
      expect(await untilAllHave(fleet, freshWithinMs)).toBeLessThanOrEqual(freshWithinMs);
    }
    const intervals = (fleet.world.nowMs - 2 * MINUTE_MS) / intervalMs;
    const asked = (eventsOf(fleet.trace, 'fetch-started').length - before) / intervals;
    expect(asked).toBeGreaterThanOrEqual(fetches[0]);
    expect(asked).toBeLessThanOrEqual(fetches[1]);
    expect(eventsOf(fleet.trace, 'evaluated').length).toBeGreaterThan(INSTANCES * 20);
    expectSafety(fleet);
  });

  it.each(seeds)('goes back nowhere, whatever fails, and recovers (seed %i)', async (seed) => {
    // Clocks a minute apart: then slots keep nobody from anybody, and order must hold all the same.
    const fleet = fleetOf(given, seed, MINUTE_MS);
    const random = fleet.world.random.fork('faults');
    for (let n = 0; n < 8; n += 1) {
      const name = random.pick(failing);
      faults[name](fleet, random.fork(`${n}`), { fromMs: 20_000, toMs: 6 * MINUTE_MS });
    }
    for (let change = 1; change < 10; change += 1) {
      fleet.world.at(change * 40_000, () => fleet.source.change());
    }
    fleet.world.at(7 * MINUTE_MS, () => fleet.heal());
    await fleet.world.runUntil(8 * MINUTE_MS);
    fleet.source.change();
    const limitMs = freshWithinMs + RECOVERY_MS;
    expect(await untilAllHave(fleet, limitMs)).toBeLessThanOrEqual(limitMs);
    expectSafety(fleet);
  });
});

describe('never()', () => {
  const readers: Case = { ...cases.at(-1)!, factory: () => never() };

  it('asks the source not once: with nothing there, and with the store away', async () => {
    const fleet = fleetOf(readers, 1);
    fleet.world.at(2 * MINUTE_MS, () => fleet.store.server.become('errors'));
    await fleet.world.runUntil(5 * MINUTE_MS);
    expect(eventsOf(fleet.trace, 'fetch-started')).toEqual([]);
    const outcomes = eventsOf(fleet.trace, 'turn').map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(
      new Set(['waiting:cache-empty', 'waiting:cache-unavailable']),
    );
  });

  it('keeps what it has while the store is away, and asks nobody for more', async () => {
    const given = cases.at(-1)!;
    const fleet = fleetOf(given, 1);
    await fleet.world.runUntil(MINUTE_MS);
    fleet.store.server.become('errors');
    await fleet.world.runUntil(10 * MINUTE_MS);
    const asked = eventsOf(fleet.trace, 'fetch-started').map(({ instance }) => instance);
    expect(asked.length).toBeGreaterThan(5);
    for (const instance of asked) expect(Number(instance.slice(1)) % 4).toBe(1);
    expectSafety(fleet);
  });
});
