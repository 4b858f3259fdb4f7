import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FlagDefinitionCacheProvider } from '../../../lib/core/cache/flag-definition-cache-provider.js';
import type { FlagsEvent } from '../../../lib/core/observe/flags-event.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import type { RefreshOutcome } from '../../../lib/core/refresh/refresh-outcome.js';
import type { RefreshSettings } from '../../../lib/core/refresh/refresh-settings.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { ScriptedCache } from '../../support/scripted-cache.js';
import {
  definitions,
  documentOf,
  failed,
  never,
  notModified,
  ScriptedSource,
} from '../../support/scripted-source.js';

let clock: ManualClock;
let store: SnapshotStore;
let source: ScriptedSource;
let cache: ScriptedCache;
let events: FlagsEvent[];

beforeEach(() => {
  clock = new ManualClock();
  store = new SnapshotStore();
  source = new ScriptedSource();
  cache = new ScriptedCache();
  events = [];
});

function cycleWith(
  changed: Partial<RefreshSettings> = {},
  provider: FlagDefinitionCacheProvider = cache,
): RefreshCycle {
  return new RefreshCycle({
    source,
    cache: provider,
    store,
    clock,
    observer: { onEvent: (event) => events.push(event) },
    settings: { ...refreshSettings, ...changed },
    random: () => 0.5,
  });
}

/** Runs one turn, letting time pass until it ends (at most a minute). */
async function turnOf(cycle: RefreshCycle): Promise<RefreshOutcome> {
  let outcome: RefreshOutcome | undefined;
  void cycle.turn().then((ended) => (outcome = ended));
  for (let second = 0; outcome === undefined && second < 600; second += 1) await clock.advance(100);
  if (outcome === undefined) throw new Error('the turn did not end within a minute');
  return outcome;
}

const keys = () => store.current?.keys;

describe('a turn as the leader', () => {
  it('fetches, publishes both spellings, and swaps the snapshot', async () => {
    source.reply(definitions(['a', 'b'], 'W/"1"'));

    const outcome = await turnOf(cycleWith());

    expect(outcome).toMatchObject({
      kind: 'fetched',
      role: 'leader',
      flagCount: 2,
      published: true,
    });
    expect(outcome.cacheFailures).toEqual([]);
    expect(keys()).toEqual(['a', 'b']);
    expect(cache.calls).toEqual(['should', 'store']);
    expect(cache.stored).toMatchObject({
      group_type_mapping: {},
      groupTypeMapping: {},
      cohorts: {},
    });
  });

  it('asks conditionally with the etag that came with what it holds', async () => {
    source.reply(definitions(['a'], 'W/"1"'), notModified());
    const cycle = cycleWith();
    await turnOf(cycle);

    const second = await turnOf(cycle);

    expect(second.kind).toBe('confirmed');
    expect(source.requests.map((request) => request.etag)).toEqual([undefined, 'W/"1"']);
  });

  it('takes the etag of a 304 for the next request', async () => {
    source.reply(definitions(['a'], '"1"'), notModified('"2"'), notModified());
    const cycle = cycleWith();
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(source.requests.map((request) => request.etag)).toEqual([undefined, '"1"', '"2"']);
  });

  it('asks unconditionally when the source stops sending an etag', async () => {
    source.reply(definitions(['a'], '"1"'), definitions(['b']), definitions(['b']));
    const cycle = cycleWith();
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(source.requests.map((request) => request.etag)).toEqual([undefined, '"1"', undefined]);
  });

  it('keeps the revision and swaps nothing when the source sends the same content again', async () => {
    source.always = definitions(['a']);
    const cycle = cycleWith();
    await turnOf(cycle);
    const before = store.current;

    const outcome = await turnOf(cycle);

    expect(outcome).toMatchObject({ kind: 'fetched', changed: false });
    expect(store.current).toBe(before);
  });

  it('gives every change a higher revision, also when the wall clock jumps back', async () => {
    source.reply(definitions(['a']), definitions(['b']), definitions(['c']));
    const cycle = cycleWith();
    const revisions: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      await turnOf(cycle);
      revisions.push(store.current!.revision);
      clock.jumpWallClock(-3_600_000);
    }

    expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
    expect(new Set(revisions).size).toBe(3);
  });

  it('names what was added, removed and changed', async () => {
    const changed = { ...documentOf(['a']).flags[0]!, active: false };
    source.reply(definitions(['a', 'gone']), {
      kind: 'definitions',
      body: { ...documentOf([]), flags: [changed, documentOf(['new']).flags[0]] },
    });
    const cycle = cycleWith();
    await turnOf(cycle);
    const { revision: previousRevision } = store.current!;
    await turnOf(cycle);

    expect(events.filter((event) => event.type === 'definitions-changed')).toEqual([
      expect.objectContaining({ previousRevision: undefined, added: ['a', 'gone'], flagCount: 2 }),
      expect.objectContaining({
        previousRevision,
        added: ['new'],
        removed: ['gone'],
        changed: ['a'],
      }),
    ]);
  });

  it('keeps what did not change the same object, so that only the rest is compiled anew', async () => {
    source.reply(definitions(['a', 'b']), {
      kind: 'definitions',
      body: { ...documentOf(['a']), flags: [...documentOf(['a']).flags, { key: 'b' }] },
    });
    const cycle = cycleWith();
    await turnOf(cycle);
    const before = store.current!;
    await turnOf(cycle);

    expect(store.current!.revision).toBeGreaterThan(before.revision);
    expect(store.current!.definition('a')).toBe(before.definition('a'));
    expect(store.current!.definition('b')).toEqual({ key: 'b' });
  });

  it('says whether a change came from the source or from the cache', async () => {
    source.reply(definitions(['a']));
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.leads = false;
    cache.stored = documentOf(['b']);
    await turnOf(cycle);

    const changes = events.filter((event) => event.type === 'definitions-changed');
    expect(changes.map(({ where, added }) => [where, added])).toEqual([
      ['source', ['a']],
      ['cache', ['b']],
    ]);
  });

  it('joins a turn in flight instead of starting another', async () => {
    const cycle = cycleWith();
    const [first, second] = [cycle.turn(), cycle.turn()];
    await clock.advance(0);

    expect(await first).toBe(await second);
    expect(source.requests).toHaveLength(1);
  });

  it('on refresh() begins a turn after the one in flight, which may have asked too early', async () => {
    const cycle = cycleWith();
    const [turn, refresh] = [cycle.turn(), cycle.refresh()];
    await clock.advance(0);

    expect(await refresh).not.toBe(await turn);
    expect(source.requests).toHaveLength(2);
  });
});

describe('a turn as a follower', () => {
  beforeEach(() => {
    cache.leads = false;
    cache.stored = documentOf(['shared']);
  });

  it('reads what the leader has published and asks the source nothing', async () => {
    const outcome = await turnOf(cycleWith());

    expect(outcome).toMatchObject({ kind: 'read', flagCount: 1 });
    expect(keys()).toEqual(['shared']);
    expect(source.requests).toEqual([]);
  });

  it('does not swap when the shared copy is what it holds', async () => {
    const cycle = cycleWith();
    await turnOf(cycle);
    const before = store.current;

    expect((await turnOf(cycle)).kind).toBe('unchanged');
    expect(store.current).toBe(before);
  });

  it('reads the camelCase spelling of older SDKs', async () => {
    cache.stored = { flags: documentOf(['x']).flags, groupTypeMapping: { '0': 'company' } };
    await turnOf(cycleWith());

    expect(store.current!.definitions.group_type_mapping).toEqual({ '0': 'company' });
  });

  it('keeps what it holds when the shared copy is gone', async () => {
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.stored = undefined;

    expect(await turnOf(cycle)).toMatchObject({ kind: 'waiting', why: 'cache-empty' });
    expect(keys()).toEqual(['shared']);
    expect(source.requests).toEqual([]);
  });

  it('with nothing in memory waits for the first publication before it asks the source', async () => {
    cache.stored = undefined;
    const cycle = cycleWith();
    const turn = cycle.turn();
    await clock.advance(150);
    cache.stored = documentOf(['published']);
    await clock.advance(2_000);

    expect(await turn).toMatchObject({ kind: 'read' });
    expect(source.requests).toEqual([]);
  });

  it('takes over while it waits, when the cache says that it may', async () => {
    cache.stored = undefined;
    const cycle = cycleWith();
    const turn = cycle.turn();
    await clock.advance(150);
    cache.leads = true;
    await clock.advance(2_000);

    expect(await turn).toMatchObject({ kind: 'fetched', role: 'leader', published: true });
  });

  it('fetches for itself when the wait is over, and does not store without permission', async () => {
    cache.stored = undefined;

    const outcome = await turnOf(cycleWith());

    expect(outcome).toMatchObject({ kind: 'fetched', role: 'solo', published: false });
    expect(keys()).toEqual(['a']);
    expect(cache.calls).not.toContain('store');
  });

  it('F44: leads with no etag after it has read what another published (A-B-A)', async () => {
    cache.leads = true;
    source.reply(definitions(['a'], '"A"'), definitions(['a'], '"A"'));
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.leads = false;
    cache.stored = documentOf(['b']);
    await turnOf(cycle);
    cache.leads = true;
    await turnOf(cycle);

    expect(source.requests.map((request) => request.etag)).toEqual([undefined, undefined]);
    expect(keys()).toEqual(['a']);
  });
});

describe('a cache that fails', () => {
  const faults: [string, () => unknown][] = [
    ['throws', () => { throw new Error('connection refused'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('connection refused'))],
    ['hangs', () => never()],
  ];

  describe.each(faults)('shouldFetch %s', (_name, fault) => {
    it('F30: fetches at once when nothing is in memory', async () => {
      cache.faults.should = fault;

      const outcome = await turnOf(cycleWith());

      expect(outcome).toMatchObject({ kind: 'fetched', role: 'solo', published: false });
      expect(outcome.cacheFailures).toMatchObject([{ step: 'shouldFetch' }]);
      expect(keys()).toEqual(['a']);
    });

    it('F53: with flags in memory keeps them and fetches only on the slow solo schedule', async () => {
      const cycle = cycleWith();
      await turnOf(cycle);
      cache.faults.should = fault;
      const kinds: string[] = [];
      for (let minute = 0; minute < 20; minute += 1) {
        kinds.push((await turnOf(cycle)).kind);
        await clock.advance(30_000);
      }

      // Twenty turns in ten minutes: a naive instance would have fetched twenty times.
      expect(kinds.filter((kind) => kind === 'fetched')).toHaveLength(2);
      expect(kinds.filter((kind) => kind === 'waiting')).toHaveLength(18);
      expect(keys()).toEqual(['a']);
    });
  });

  it('F53: waits twice as long each time where the provider cannot tell how many share it', async () => {
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.faults.should = () => Promise.reject(new Error('connection refused'));
    const minutes: number[] = [];
    for (let minute = 0; minute < 240; minute += 1) {
      if ((await turnOf(cycle)).kind === 'fetched') minutes.push(minute);
      await clock.advance(60_000);
    }

    expect(minutes).toEqual([3, 8, 16, 32, 64, 104, 144, 184, 224]);
  });

  it('F53: refresh() fetches at once though the cache is away', async () => {
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.faults.should = () => Promise.reject(new Error('connection refused'));
    source.always = definitions(['b'], '"2"');

    expect((await turnOf(cycle)).kind).toBe('waiting');
    expect(await cycle.refresh()).toMatchObject({ kind: 'fetched', role: 'solo', changed: true });
    expect((await turnOf(cycle)).kind).toBe('waiting');
  });

  it.each(faults)('F26: a read that %s keeps what is in memory', async (_name, fault) => {
    const cycle = cycleWith();
    await turnOf(cycle);
    cache.leads = false;
    cache.faults.read = fault;

    const outcome = await turnOf(cycle);

    expect(outcome).toMatchObject({ kind: 'waiting', why: 'cache-unavailable' });
    expect(outcome.cacheFailures).toMatchObject([{ step: 'read' }]);
    expect(source.requests).toHaveLength(1);
    expect(keys()).toEqual(['a']);
  });

  it.each(faults)(
    'F10: a store that %s keeps the flags, and the next turn stores again',
    async (_name, fault) => {
      source.reply(definitions(['a'], '"1"'), notModified());
      cache.faults.store = fault;
      const cycle = cycleWith();
      const first = await turnOf(cycle);
      delete cache.faults.store;
      const second = await turnOf(cycle);

      expect(first).toMatchObject({ kind: 'fetched', published: false });
      expect(first.cacheFailures).toMatchObject([{ step: 'publish' }]);
      expect(second.kind).toBe('confirmed');
      expect(cache.stored?.flags).toHaveLength(1);
    },
  );

  it.each([
    ['a string', '<html>'],
    ['an object without flags', {}],
    ['flags that are null', { flags: null }],
    ['an array', []],
  ])(
    'F48: a shared copy that is %s is refused and the last good one kept',
    async (_name, poison) => {
      const cycle = cycleWith();
      await turnOf(cycle);
      cache.leads = false;
      cache.faults.read = () => poison;

      await turnOf(cycle);

      expect(keys()).toEqual(['a']);
      expect(events.some((event) => event.type === 'definitions-rejected')).toBe(true);
    },
  );

  it('a shared copy with one bad flag lives with the others and names the bad one', async () => {
    cache.leads = false;
    cache.faults.read = () => ({ flags: [...documentOf(['good']).flags, { key: 5 }] });
    await turnOf(cycleWith());

    expect(keys()).toEqual(['good']);
    expect(events.find((event) => event.type === 'definition-issues-found')).toBeDefined();
  });

  it('F56: a hanging step never stops the turns after it', async () => {
    cache.faults.should = () => never();
    const cycle = cycleWith();
    await turnOf(cycle);
    await turnOf(cycle);
    delete cache.faults.should;

    expect(await turnOf(cycle)).toMatchObject({ kind: 'fetched', role: 'leader' });
  });
});

describe('a source that fails', () => {
  it.each([
    'unauthorized',
    'forbidden',
    'rate-limited',
    'server-error',
    'timeout',
    'network',
  ] as const)('F46: %s keeps the flags and never stops asking', async (code) => {
    source.reply(definitions(['a'], '"1"'), failed(code), failed(code));
    const cycle = cycleWith();
    await turnOf(cycle);

    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed', failure: { code } });
    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed' });
    expect(cycle.status().failuresInARow).toBe(2);
    expect(keys()).toEqual(['a']);
    expect((await turnOf(cycle)).kind).toBe('fetched');
    expect(cycle.status().failuresInARow).toBe(0);
  });

  it('F43: after 402 asks unconditionally, so that the end of the quota brings the flags back', async () => {
    source.reply(definitions(['a'], '"1"'), failed('quota-exceeded'), definitions(['a'], '"1"'));
    const cycle = cycleWith();
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(source.requests.map((request) => request.etag)).toEqual([undefined, '"1"', undefined]);
    expect(keys()).toEqual(['a']);
  });

  it("F43: after 402 with onQuotaExceeded 'clear' every flag is unknown until the quota is back", async () => {
    source.reply(definitions(['a'], '"1"'), failed('quota-exceeded'), definitions(['a'], '"1"'));
    const cycle = cycleWith({ onQuotaExceeded: 'clear' });
    await turnOf(cycle);
    await turnOf(cycle);
    expect(keys()).toEqual([]);
    expect(store.current!.evaluate('a', { distinctId: 'x' }).reason).toBe('unknown_flag');

    await turnOf(cycle);
    expect(keys()).toEqual(['a']);
  });

  it('F44: a 304 that was not asked for is a failure, not a confirmation', async () => {
    source.reply(notModified());

    expect(await turnOf(cycleWith())).toMatchObject({
      kind: 'failed',
      failure: { code: 'invalid-definitions' },
    });
  });

  it('F48: a document that is none is refused and the last good one kept', async () => {
    source.reply(definitions(['a'], '"1"'), { kind: 'definitions', body: '<html>', etag: '"2"' });
    const cycle = cycleWith();
    await turnOf(cycle);

    expect(await turnOf(cycle)).toMatchObject({
      kind: 'failed',
      failure: { code: 'invalid-definitions' },
    });
    expect(keys()).toEqual(['a']);
    await turnOf(cycle);
    expect(source.requests.at(-1)!.etag).toBe('"1"');
  });

  it('tells the provider of the failure, when it wants to know', async () => {
    source.always = failed('forbidden');
    const told: string[] = [];
    const provider = Object.assign(new ScriptedCache(), {
      onFetchFailed: (failure: { code: string }) => void told.push(failure.code),
    });
    await turnOf(cycleWith({}, provider));

    expect(told).toEqual(['forbidden']);
  });

  it('turns a source that throws, or never settles, into a failure', async () => {
    source.reply(
      () => { throw new Error('broken'); }, // prettier-ignore
      () => never(),
    );
    const cycle = cycleWith({ fetchTimeoutMs: 5_000 });

    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed', failure: { code: 'network' } });
    expect(await turnOf(cycle)).toMatchObject({ kind: 'failed', failure: { code: 'timeout' } });
    expect(source.requests.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it.each([
    ['nothing', null],
    ['a document itself', { flags: [] }],
    ['a failure without facts', { kind: 'failed' }],
  ])('turns an answer that is none into a failure: %s', async (_what, answer) => {
    source.reply(() => answer as never);

    expect(await turnOf(cycleWith())).toMatchObject({
      kind: 'failed',
      failure: { code: 'invalid-definitions', message: expect.stringContaining('must resolve') },
    });
  });

  it('outlives a cache that throws what cannot be printed', async () => {
    cache.faults.should = () => {
      throw Object.create(null);
    };

    const outcome = await turnOf(cycleWith());

    expect(outcome.cacheFailures).toMatchObject([{ message: expect.stringContaining('printed') }]);
    expect(keys()).toEqual(['a']);
  });

  it('does not believe a 304 that was not asked for: neither age nor etag come from it', async () => {
    source.reply(definitions(['a']), notModified('"foreign"'), definitions(['a']));
    const cycle = cycleWith();
    await turnOf(cycle);
    await clock.advance(60_000);

    expect((await turnOf(cycle)).kind).toBe('failed');
    expect(cycle.status().ageMs).toBeGreaterThanOrEqual(60_000);
    await turnOf(cycle);
    expect(source.requests.map(({ etag }) => etag)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a confirmation (304)', () => {
  it('F45: renews the copy of a provider that can renew', async () => {
    source.reply(definitions(['a'], '"1"')).always = notModified();
    let renewals = 0;
    const provider = Object.assign(cache, {
      onFlagDefinitionsConfirmed: () => void (renewals += 1),
    });
    const cycle = cycleWith({}, provider);
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(renewals).toBe(2);
    expect(cache.calls.filter((call) => call === 'store')).toHaveLength(1);
  });

  it('F45: stores again with a provider that cannot, so that its copy does not expire', async () => {
    source.reply(definitions(['a'], '"1"')).always = notModified();
    const cycle = cycleWith();
    for (let n = 0; n < 3; n += 1) await turnOf(cycle);

    expect(cache.calls.filter((call) => call === 'store')).toHaveLength(3);
  });

  it('makes the definitions young again', async () => {
    source.reply(definitions(['a'], '"1"'), notModified());
    const cycle = cycleWith();
    await turnOf(cycle);
    await clock.advance(30_000);
    const before = cycle.status().ageMs!;
    await turnOf(cycle);

    expect(before).toBeGreaterThanOrEqual(30_000);
    expect(cycle.status().ageMs!).toBeLessThan(1_000);
  });
});

describe('the wait before the next turn', () => {
  it('is the interval with its jitter after a good turn', async () => {
    const cycle = cycleWith();
    await turnOf(cycle);

    expect(cycle.nextTurnMs).toBe(30_000);
  });

  it('F47: is at least what the source asked for', async () => {
    source.always = failed('rate-limited', { retryAfterMs: 120_000 });
    const cycle = cycleWith();
    await turnOf(cycle);

    expect(cycle.nextTurnMs).toBeGreaterThanOrEqual(120_000);
  });

  it('grows with each failure and has an end', async () => {
    source.always = failed('server-error');
    const cycle = cycleWith();
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      await turnOf(cycle);
      waits.push(cycle.nextTurnMs);
    }

    expect(waits).toEqual([...waits].sort((one, other) => one - other));
    expect(waits.at(-1)!).toBeLessThanOrEqual(60_000);
  });
});

describe('close()', () => {
  it('F57: aborts the fetch in flight, stores nothing afterwards, and shuts the cache down once', async () => {
    let release: (() => void) | undefined;
    source.always = () =>
      new Promise((resolve) => (release = () => resolve(definitions(['late'], '"1"'))));
    const cycle = cycleWith();
    const turn = cycle.turn();
    await clock.advance(0);
    const closing = Promise.all([cycle.close(), cycle.close()]);
    release!();
    await clock.advance(0);
    await closing;

    expect(source.requests[0]!.signal.aborted).toBe(true);
    expect((await turn).kind).toBe('closed');
    expect(keys()).toBeUndefined();
    expect(cache.calls).toEqual(['should', 'shutdown']);
    expect(source.closed).toBe(1);
  });

  it('F57: takes no longer than the deadlines when cache and source hang', async () => {
    cache.faults.should = () => never();
    cache.faults.shutdown = () => never();
    const cycle = cycleWith();
    void cycle.turn();
    await clock.advance(10);
    let closed = false;
    void cycle.close().then(() => (closed = true));
    await clock.advance(1_000);

    expect(closed).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it('says when the cache could not be shut down', async () => {
    cache.faults.shutdown = () => {
      throw new Error('connection lost');
    };
    await cycleWith().close();

    expect(events).toContainEqual({ type: 'cache-shutdown-failed', message: 'connection lost' });
  });

  it('answers closed to later turns and asks nobody', async () => {
    const cycle = cycleWith();
    await cycle.close();

    expect((await turnOf(cycle)).kind).toBe('closed');
    expect(source.requests).toEqual([]);
  });
});

it('leaves no timer behind after a turn', async () => {
  await turnOf(cycleWith());
  expect(clock.timers).toBe(0);
});
