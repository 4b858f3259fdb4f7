/**
 * Fleets of twenty whose instances are led, settle who fetches by themselves, or only read, each
 * watched through a time of its own; `coordinations.spec.ts` says what must come of it.
 */
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
import type { Violation } from './invariants/violation.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet } from './world/fleet.js';
import type { VirtualInstanceParts } from './world/virtual-instance.js';

export const INSTANCES = 20;
const MINUTE_MS = 60_000;
const { intervalMs, checkMs, leaseMs, jitter } = defaultSettings;
/** A look, the fetch, and the push or the next look that brings it to all. */
const LOOK_MS = 1.2 * checkMs * 1.01;
const FETCH_MS = 500;
const READERS = 'never(), beside five with claims';
/** What the longest back-off of a failure that time heals may add, and clocks that are apart. */
export const RECOVERY_MS = 3 * MINUTE_MS;

interface Case {
  readonly name: string;
  /** Who fetches, for the instance with this number; undefined for one with claims. */
  readonly factory: (index: number) => CoordinationFactory | undefined;
  /** Longest time from a change of the source until all have it. */
  readonly freshWithinMs: number;
  /** Fetches per interval in a healthy fleet, at least and at most. */
  readonly fetches: readonly [number, number];
}

export const cases: readonly Case[] = [
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
    name: READERS,
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

/** What went back, failed or was invalid. */
function violationsOf({ trace, settings }: Fleet): readonly Violation[] {
  const facts = {
    settings,
    endMs: Infinity,
    calmFromMs: 0,
    aftermathMs: 0,
    forgetsGrants: false,
    goesBack: false,
    slowestRate: 0.99,
  };
  const checks = [revisionsGrow, evaluationNeverFails, nothingInvalidIsApplied];
  return checks.flatMap((check) => check(trace, facts));
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

export interface Watched {
  /** How long each change took until all had it. */
  readonly tookMs: readonly number[];
  readonly fetchesPerInterval: number;
  /** How often an instance evaluated. */
  readonly evaluations: number;
  readonly violations: readonly Violation[];
}

/** All is well, and the source changes six times. */
export async function watchChanges(name: string, seed: number): Promise<Watched> {
  const given = named(name);
  const fleet = fleetOf(given, seed);
  await fleet.world.runUntil(2 * MINUTE_MS);
  const before = eventsOf(fleet.trace, 'fetch-started').length;
  const tookMs: number[] = [];
  for (let change = 0; change < 6; change += 1) {
    await fleet.world.runUntil(fleet.world.nowMs + change * 7_000);
    fleet.source.change();
    tookMs.push(await untilAllHave(fleet, given.freshWithinMs));
  }
  const intervals = (fleet.world.nowMs - 2 * MINUTE_MS) / intervalMs;
  return {
    tookMs,
    fetchesPerInterval: (eventsOf(fleet.trace, 'fetch-started').length - before) / intervals,
    evaluations: eventsOf(fleet.trace, 'evaluated').length,
    violations: violationsOf(fleet),
  };
}

/** Eight faults while the source changes; then all is healed, and it changes once more. */
export async function watchFaults(
  name: string,
  seed: number,
): Promise<Pick<Watched, 'tookMs' | 'violations'>> {
  const given = named(name);
  // Clocks a minute apart: then slots keep nobody from anybody, and order must hold all the same.
  const fleet = fleetOf(given, seed, MINUTE_MS);
  const random = fleet.world.random.fork('faults');
  for (let n = 0; n < 8; n += 1) {
    const fault = random.pick(failing);
    faults[fault](fleet, random.fork(`${n}`), { fromMs: 20_000, toMs: 6 * MINUTE_MS });
  }
  for (let change = 1; change < 10; change += 1) {
    fleet.world.at(change * 40_000, () => fleet.source.change());
  }
  fleet.world.at(7 * MINUTE_MS, () => fleet.heal());
  await fleet.world.runUntil(8 * MINUTE_MS);
  fleet.source.change();
  const tookMs = [await untilAllHave(fleet, given.freshWithinMs + RECOVERY_MS)];
  return { tookMs, violations: violationsOf(fleet) };
}

/** Nobody writes, and after a while the store is away. */
export async function watchReadersAlone(): Promise<{ asked: number; outcomes: readonly string[] }> {
  const fleet = fleetOf({ ...named(READERS), factory: () => never() }, 1);
  fleet.world.at(2 * MINUTE_MS, () => fleet.store.server.become('errors'));
  await fleet.world.runUntil(5 * MINUTE_MS);
  const outcomes = eventsOf(fleet.trace, 'turn').map(({ outcome }) => outcome);
  return { asked: eventsOf(fleet.trace, 'fetch-started').length, outcomes };
}

/** The store goes away under readers and those who write. */
export async function watchReadersInOutage(): Promise<{
  readonly askedBy: readonly string[];
  readonly violations: readonly Violation[];
}> {
  const fleet = fleetOf(named(READERS), 1);
  await fleet.world.runUntil(MINUTE_MS);
  fleet.store.server.become('errors');
  await fleet.world.runUntil(10 * MINUTE_MS);
  const askedBy = eventsOf(fleet.trace, 'fetch-started').map(({ instance }) => instance);
  return { askedBy, violations: violationsOf(fleet) };
}

function named(wanted: string): Case {
  const found = cases.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`There is no case "${wanted}".`);
  return found;
}
