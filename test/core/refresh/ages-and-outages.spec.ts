/** How old the definitions are said to be, and what is left when everything around is away. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import type { RefreshCycleParts } from '../../../lib/core/refresh/refresh-cycle-parts.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { FlagsHealth } from '../../../lib/flags.health.js';
import { DefinitionPoller } from '../../../lib/polling/definition-poller.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { ScriptedCache } from '../../support/scripted-cache.js';
import { definitions, failed, never, notModified, ScriptedSource } from '../../support/scripted-source.js'; // prettier-ignore

const { intervalMs, checkMs } = refreshSettings;
const HOUR_MS = 3_600_000;

let clock: ManualClock;
let source: ScriptedSource;

beforeEach(() => {
  clock = new ManualClock();
  source = new ScriptedSource(definitions(['a'], '"1"'));
});

function instance(parts: Partial<RefreshCycleParts> = {}) {
  const store = new SnapshotStore();
  const cycle = new RefreshCycle({
    source,
    cache: new ScriptedCache(),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: { ...refreshSettings, fetchTimeoutMs: 10_000 },
    random: () => 0.5,
    ...parts,
  });
  const observer = { onEvent: () => undefined };
  const health = new FlagsHealth({
    cycle,
    clock,
    initialLoadTimeoutMs: 3_000,
    intervalMs,
    observer,
  });
  const poller = new DefinitionPoller({ cycle, clock, registry: undefined, watched: [] });
  const keys = () => store.current?.keys;
  return { cycle, poller, keys, state: () => health.state(), ageMs: () => cycle.status().ageMs };
}

function memberOf(records: MemoryRecordStore) {
  const settings = { ...refreshSettings, leaseMs: 12_000 };
  const { claims } = records;
  const coordination = new ClaimedCoordination({ claims, settings, clock, random: () => 0.5 });
  return instance({ cache: new SharedDefinitionCache({ records, coordination }) });
}

describe('F69: the age of the definitions', () => {
  it('is known to a follower, which has never asked the source', async () => {
    const records = new MemoryRecordStore(clock);
    const [leader, follower] = [memberOf(records), memberOf(records)];
    await leader.cycle.turn();
    await clock.advance(20_000);
    await follower.cycle.turn();
    expect(follower.ageMs()).toBe(20_000);

    await clock.advance(15_000);
    source.always = notModified();
    await leader.cycle.turn();
    await clock.advance(2_000);
    await follower.cycle.turn();
    expect(source.requests).toHaveLength(2);
    expect(follower.ageMs()).toBe(2_000);
  });

  it('makes leader and follower stale and expired, while nobody reaches the source', async () => {
    const records = new MemoryRecordStore(clock);
    const members = [memberOf(records), memberOf(records)];
    for (const { cycle, poller } of members) {
      await cycle.turn();
      poller.start();
    }
    source.always = failed('server-error');
    const states: string[][] = [];
    for (const ms of [intervalMs, 3 * intervalMs, HOUR_MS]) {
      await clock.advance(ms);
      states.push(members.map(({ state }) => state()));
    }
    expect(states).toEqual([
      ['fresh', 'fresh'],
      ['stale', 'stale'],
      ['expired', 'expired'],
    ]);

    source.always = notModified();
    await clock.advance(5 * 60_000);
    expect(members.map(({ state }) => state())).toEqual(['fresh', 'fresh']);
    for (const { poller } of members) await poller.stop();
  });
});

describe('F14: a wall clock that jumps', () => {
  it.each([HOUR_MS, -HOUR_MS])('by %i ms changes no age, no state and no wait', async (jumpMs) => {
    const { cycle, state, ageMs } = instance();
    await cycle.turn();
    await clock.advance(10_000);
    const before = [ageMs(), state(), cycle.nextTurnMs];
    clock.jumpWallClock(jumpMs);

    expect([ageMs(), state(), cycle.nextTurnMs]).toEqual(before);
    source.always = notModified();
    expect((await cycle.turn()).kind).toBe('confirmed');
    expect(ageMs()).toBe(0);
  });
});

describe('F54: store and source both away', () => {
  it('leave the flags in memory as they are, and the first that is back is found', async () => {
    const cache = new ScriptedCache();
    const { cycle, poller, keys, state } = instance({ cache });
    await cycle.turn();
    poller.start();
    cache.faults.should = () => never();
    cache.faults.read = () => never();
    source.always = failed('network');
    await clock.advance(2 * HOUR_MS);
    expect(keys()).toEqual(['a']);
    expect(state()).toBe('expired');

    source.always = definitions(['b'], '"2"');
    await clock.advance(90 * 60_000);
    expect(keys()).toEqual(['b']);
    await poller.stop();
  });
});

describe('F08: a loop in which something throws', () => {
  const broken = (): never => {
    throw new Error('a bug');
  };

  it.each<[string, (cache: ScriptedCache) => void]>([
    ['the question who fetches', ({ faults }) => (faults.should = broken)],
    ['the fetch', () => (source.always = broken)],
    ['the publication', ({ faults }) => (faults.store = broken)],
    ['the reading', (cache) => Object.assign(cache, { leads: false, faults: { read: broken } })],
    ['an answer that cannot be read', () => (source.always = unreadable)],
  ])('goes on: %s', async (_what, breakIt) => {
    const cache = new ScriptedCache();
    const { cycle, poller, keys } = instance({ cache });
    await cycle.turn();
    breakIt(cache);
    poller.start();
    await clock.advance(10 * 60_000);
    for (const step of ['should', 'read', 'store'] as const) delete cache.faults[step];
    cache.leads = true;
    source.always = definitions(['b'], '"2"');
    await clock.advance(5 * 60_000);

    expect(keys()).toEqual(['b']);
    await poller.stop();
  });

  it('takes a turn again within a check, under claims too', async () => {
    const records = new MemoryRecordStore(clock);
    const { cycle, poller, keys } = memberOf(records);
    await cycle.turn();
    const working = { ...records.claims };
    Object.assign(records.claims, { check: broken });
    poller.start();
    await clock.advance(60_000);
    Object.assign(records.claims, working);
    source.always = definitions(['b'], '"2"');
    await clock.advance(intervalMs + 2 * checkMs);

    expect(keys()).toEqual(['b']);
    await poller.stop();
  });
});

/** An answer that throws when it is looked into. */
const unreadable = () => ({
  kind: 'definitions' as const,
  get body(): unknown {
    throw new Error('a bug');
  },
});
