/** What looks like a mistake of the source, through the whole cycle, alone and under claims. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryDefinitionCache } from '../../../lib/core/cache/memory-definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import type { DefinitionSourceAnswer } from '../../../lib/core/definitions/definition-source.js';
import type { DefinitionsDoubted, FlagsEvent } from '../../../lib/core/observe/flags-event.js';
import type { RefreshCycleParts } from '../../../lib/core/refresh/refresh-cycle-parts.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import type { RefreshOutcome } from '../../../lib/core/refresh/refresh-outcome.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { ScriptedCache } from '../../support/scripted-cache.js';
import {
  definitions,
  documentOf,
  failed,
  notModified,
  ScriptedSource,
} from '../../support/scripted-source.js';

const ten = Array.from({ length: 10 }, (_, n) => `flag-${n}`);
const full = definitions(ten, '"full"');
const nothing = definitions([], '"nothing"');
const few = definitions(ten.slice(0, 4), '"few"');

let clock: ManualClock;
let store: SnapshotStore;
let source: ScriptedSource;
let events: FlagsEvent[];

beforeEach(() => {
  clock = new ManualClock();
  store = new SnapshotStore();
  source = new ScriptedSource(full);
  events = [];
});

function cycleWith(parts: Partial<RefreshCycleParts> = {}): RefreshCycle {
  return new RefreshCycle({
    source,
    cache: new MemoryDefinitionCache(),
    store,
    clock,
    observer: { onEvent: (event) => events.push(event) },
    settings: refreshSettings,
    random: () => 0.5,
    ...parts,
  });
}

async function turnOf(cycle: RefreshCycle): Promise<RefreshOutcome> {
  let outcome: RefreshOutcome | undefined;
  void cycle.turn().then((ended) => (outcome = ended));
  for (let step = 0; outcome === undefined && step < 600; step += 1) await clock.advance(100);
  if (outcome === undefined) throw new Error('the turn did not end within a minute');
  return outcome;
}

/** A cycle that holds ten flags. */
async function loaded(parts?: Partial<RefreshCycleParts>): Promise<RefreshCycle> {
  const cycle = cycleWith(parts);
  expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', flagCount: 10 });
  return cycle;
}

const keys = () => store.current?.keys;
const etags = () => source.requests.map(({ etag }) => etag);
const doubts = () =>
  events.filter((event): event is DefinitionsDoubted => event.type === 'definitions-doubted');
const versions = (version: number, etag: string): DefinitionSourceAnswer => ({
  kind: 'definitions',
  body: { flags: documentOf(['a', 'b']).flags.map((flag) => ({ ...flag, version })) },
  etag,
});
/** Answers after so long. */
const slowly = (ms: number, answer: DefinitionSourceAnswer) => () =>
  new Promise<DefinitionSourceAnswer>((resolve) => clock.setTimer(ms, () => resolve(answer)));

describe('F49: an answer without most of the flags', () => {
  it.each([
    ['none at all', nothing, 0],
    ['fewer than half', few, 4],
  ])('counts when a second fetch says the same: %s', async (_what, answer, flagCount) => {
    const cycle = await loaded();
    source.reply(answer, answer);

    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', changed: true, flagCount });
    expect(keys()).toHaveLength(flagCount);
    expect(etags()).toEqual([undefined, '"full"', undefined]);
    expect(doubts()).toEqual([
      {
        type: 'definitions-doubted',
        why: 'fewer-flags',
        verdict: 'confirmed',
        flagCount,
        heldFlagCount: 10,
        keys: ten.slice(flagCount),
      },
    ]);
  });

  it('is forgotten when the second fetch brings what is held', async () => {
    const cycle = await loaded();
    const before = store.current;
    source.reply(nothing, full, notModified());

    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', changed: false });
    expect(store.current).toBe(before);
    expect(doubts()).toMatchObject([{ verdict: 'withdrawn', flagCount: 0 }]);
    await turnOf(cycle);
    expect(etags().at(-1)).toBe('"full"');
  });

  it('gives way to the second when that is new and whole', async () => {
    const cycle = await loaded();
    source.reply(nothing, definitions([...ten, 'new'], '"new"'), notModified());
    await turnOf(cycle);

    expect(keys()).toHaveLength(11);
    await turnOf(cycle);
    expect(etags().at(-1)).toBe('"new"');
  });

  it('is published only once it counts', async () => {
    const cache = new ScriptedCache();
    const cycle = await loaded({ cache });
    source.reply(nothing, full);
    await turnOf(cycle);

    expect(cache.stored?.flags).toHaveLength(10);
    source.reply(nothing, nothing);
    await turnOf(cycle);
    expect(cache.stored?.flags).toHaveLength(0);
  });

  it('is not believed at the first load, nor doubted: there is nothing to lose', async () => {
    source.reply(nothing);

    expect(await turnOf(cycleWith())).toMatchObject({ kind: 'fetched', flagCount: 0 });
    expect(source.requests).toHaveLength(1);
    expect(doubts()).toEqual([]);
  });

  it('counts at once where confirmDropAbove is 1', async () => {
    const cycle = await loaded({ settings: { ...refreshSettings, confirmDropAbove: 1 } });
    source.reply(nothing);
    await turnOf(cycle);

    expect(keys()).toEqual([]);
    expect(source.requests).toHaveLength(2);
  });

  it('is asked for again within a second: who empties a file does not wait', async () => {
    const cycle = await loaded();
    source.reply(nothing, nothing);

    expect((await turnOf(cycle)).durationMs).toBeLessThanOrEqual(750);
  });

  it.each([
    ['fails', failed('server-error'), 'server-error'],
    ['is not modified, though no etag was sent', notModified(), 'unconfirmed'],
    ['is no document', { kind: 'definitions', body: '<html>' } as const, 'invalid-definitions'],
    ['is another that looks wrong as well', few, 'unconfirmed'],
  ])('keeps the flags when the second fetch %s', async (_what, second, code) => {
    const cycle = await loaded();
    source.reply(nothing, second);

    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed', failure: { code } });
    expect(keys()).toHaveLength(10);
    expect(doubts()).toMatchObject([{ verdict: 'open' }]);
    expect(cycle.status().failuresInARow).toBe(1);
  });

  it('tells of the later of two that both look wrong', async () => {
    const cycle = await loaded();
    source.reply(nothing, few);
    await turnOf(cycle);

    expect(doubts()).toMatchObject([{ flagCount: 4, keys: ten.slice(4), verdict: 'open' }]);
  });

  it('heeds what the source asks for at the second fetch', async () => {
    const cycle = await loaded();
    source.reply(nothing, failed('rate-limited', { retryAfterMs: 120_000 }));
    await turnOf(cycle);

    expect(cycle.nextTurnMs).toBeGreaterThanOrEqual(120_000);
  });

  it('counts in the next turn, when the second fetch failed and it comes again', async () => {
    const cycle = await loaded();
    source.reply(nothing, failed('timeout'), nothing);
    await turnOf(cycle);
    await turnOf(cycle);

    expect(keys()).toEqual([]);
    expect(source.requests).toHaveLength(4);
    expect(doubts().map(({ verdict }) => verdict)).toEqual(['open', 'confirmed']);
  });

  it('is doubted anew when the source has said meanwhile that nothing has changed', async () => {
    const cycle = await loaded();
    source.reply(nothing, failed('timeout'), notModified(), nothing, full);
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(keys()).toHaveLength(10);
    expect(doubts().map(({ verdict }) => verdict)).toEqual(['open', 'withdrawn']);
  });

  it('is doubted anew when a good answer came in between', async () => {
    const cycle = await loaded();
    const eleven = definitions([...ten, 'new'], '"new"');
    source.reply(nothing, failed('timeout'), eleven, nothing, eleven);
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(keys()).toHaveLength(11);
    expect(doubts().map(({ verdict }) => verdict)).toEqual(['open', 'withdrawn']);
  });

  it('names what is wrong with some of its flags once, though it is read twice', async () => {
    const cycle = await loaded();
    const spoilt = { kind: 'definitions', body: { flags: [{ key: 5 }] } } as const;
    source.reply(spoilt, spoilt);
    await turnOf(cycle);

    expect(events.filter(({ type }) => type === 'definition-issues-found')).toHaveLength(1);
  });

  it('is dropped when the app shuts down meanwhile', async () => {
    const cycle = await loaded();
    source.reply(nothing, nothing);
    const turn = cycle.turn();
    await clock.advance(100);
    const closing = cycle.close();
    await clock.advance(0);
    await closing;

    expect((await turn).kind).toBe('closed');
    expect(keys()).toHaveLength(10);
    expect(source.requests).toHaveLength(2);
    expect(doubts()).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});

describe('F52: an older copy after a newer one', () => {
  it('never shows from a cache on the way that serves both in turn', async () => {
    source.always = versions(3, '"3"');
    const cycle = cycleWith();
    await turnOf(cycle);
    for (let n = 0; n < 3; n += 1) {
      source.reply(versions(2, '"2"'), versions(3, '"3"'));
      expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', changed: false });
    }

    expect(doubts()).toHaveLength(3);
    expect(doubts()).toMatchObject([{ why: 'older-flags', verdict: 'withdrawn', keys: ['a', 'b'] }, {}, {}]); // prettier-ignore
    expect(events.filter(({ type }) => type === 'definitions-changed')).toHaveLength(1);
  });

  it('counts when the second fetch says the same: somebody may have gone back', async () => {
    source.reply(versions(3, '"3"'), versions(2, '"2"'), versions(2, '"2"'));
    const cycle = cycleWith();
    await turnOf(cycle);
    const { revision } = store.current!;

    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', changed: true });
    expect(store.current!.revision).toBeGreaterThan(revision);
    expect(doubts()).toMatchObject([{ why: 'older-flags', verdict: 'confirmed' }]);
  });
});

describe('a second look under a claim', () => {
  const leaseMs = 12_000;
  const settings = { ...refreshSettings, fetchTimeoutMs: 10_000 };
  let records: MemoryRecordStore;

  beforeEach(() => {
    records = new MemoryRecordStore(clock);
  });

  function memberWith(parts: Partial<RefreshCycleParts> = {}): RefreshCycle {
    const { claims } = records;
    const coordination = new ClaimedCoordination({
      claims,
      clock,
      random: () => 0.5,
      settings: { ...settings, leaseMs },
    });
    const cache = new SharedDefinitionCache({ records, coordination });
    return cycleWith({ cache, settings, ...parts });
  }

  async function loadedMember(): Promise<RefreshCycle> {
    const cycle = memberWith();
    await turnOf(cycle);
    await clock.advance(settings.intervalMs);
    return cycle;
  }

  it('publishes what was confirmed under the same claim', async () => {
    const cycle = await loadedMember();
    source.reply(nothing, nothing);

    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', role: 'leader', published: true });
    expect((await records.readHead())?.etag).toBe('"nothing"');
  });

  it('ends before the lease does, however slow the source', async () => {
    const cycle = await loadedMember();
    source.reply(slowly(9_000, nothing), slowly(9_000, nothing));
    const outcome = await turnOf(cycle);

    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'timeout' } });
    expect(outcome.durationMs).toBeLessThan(leaseMs);
    // The claim was ended, and not left to its lease.
    expect(records.claimState).toMatchObject({ holder: undefined, failuresInARow: 1 });
    expect((await records.readHead())?.etag).toBe('"full"');
  });

  it('is left to the next turn when no time is left for it', async () => {
    const cycle = await loadedMember();
    source.reply(slowly(9_800, nothing));

    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed', failure: { code: 'unconfirmed' } });
    expect(source.requests).toHaveLength(2);
    await clock.advance(120_000);
    source.reply(slowly(9_800, nothing));
    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', flagCount: 0, published: true });
    expect(source.requests).toHaveLength(3);
  });

  it('reaches the followers as one that was made: they ask nobody', async () => {
    const leader = await loadedMember();
    const followers = new SnapshotStore();
    const follower = memberWith({ store: followers });
    await turnOf(follower);
    source.reply(nothing, nothing);
    await turnOf(leader);
    await turnOf(follower);

    expect(followers.current?.keys).toEqual([]);
    expect(source.requests).toHaveLength(3);
  });
});
