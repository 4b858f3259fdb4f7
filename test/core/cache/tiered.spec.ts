/** A near store over a far one: what is read where, and what happens when either is away. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { tiered } from '../../../lib/core/cache/tiered.js';
import { claimed, leased, unclaimed } from '../../../lib/core/coordination/coordination-factory.js';
import type { CoordinationFactory } from '../../../lib/core/coordination/coordination-factory.js';
import { never } from '../../../lib/core/coordination/self-chosen-factory.js';
import { FlagsError } from '../../../lib/core/errors/flags-error.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import type { RefreshOutcome } from '../../../lib/core/refresh/refresh-outcome.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { definitions, ScriptedSource } from '../../support/scripted-source.js';

type Fault = 'none' | 'away' | 'hangs';

/** A store in memory that can be away, and says what it was asked for. */
class Place {
  readonly records: MemoryRecordStore;
  readonly calls: string[] = [];
  fault: Fault = 'none';

  constructor(readonly clock: ManualClock) {
    this.records = new MemoryRecordStore(clock);
  }

  get store(): RecordStore {
    const { records } = this;
    const { claims, lease } = records;
    return {
      description: 'a place',
      claims: {
        check: (request) => this.ask('check', () => claims.check(request)),
        finish: (request) => this.ask('finish', () => claims.finish(request)),
        leave: (instance) => this.ask('leave', () => claims.leave(instance)),
        members: () => this.ask('members', () => claims.members()),
      },
      lease: {
        acquire: (owner, leaseMs) => this.ask('acquire', () => lease.acquire(owner, leaseMs)),
        release: (owner) => this.ask('release', () => lease.release(owner)),
      },
      readHead: () => this.ask('readHead', () => records.readHead()),
      readBody: (revision) => this.ask('readBody', () => records.readBody(revision)),
      publish: (record, revision) => this.ask('publish', () => records.publish(record, revision)),
      confirm: (revision) => this.ask('confirm', () => records.confirm(revision)),
      watch: (onChanged) => records.watch(onChanged),
      close: () => this.ask('close', () => records.close()),
    };
  }

  private ask<T>(name: string, call: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    if (this.fault === 'hangs') return new Promise(() => undefined);
    return this.fault === 'away' ? Promise.reject(new Error(`${name}: away`)) : call();
  }
}

const record = (digest: string) => ({
  schema: 1,
  digest,
  etag: undefined,
  codec: 'json',
  body: `{"digest":"${digest}"}`,
});

let clock: ManualClock;
let near: Place;
let far: Place;
let records: RecordStore;

async function open(farStore = far.store): Promise<RecordStore> {
  return tiered(near.store, farStore).open({
    identity: undefined,
    commandTimeoutMs: 1_000,
    clock,
  });
}

beforeEach(async () => {
  clock = new ManualClock();
  near = new Place(clock);
  far = new Place(clock);
  records = await open();
});

function cycleOver(store: RecordStore, factory: CoordinationFactory = claimed()) {
  const source = new ScriptedSource(definitions(['a'], '"1"'));
  const random = (): number => 0.5;
  const settings = { ...refreshSettings, leaseMs: 62_000 };
  const snapshots = new SnapshotStore();
  const cycle = new RefreshCycle({
    source,
    cache: new SharedDefinitionCache({
      records: store,
      coordination: factory({ records: store, clock, random, ...settings }),
    }),
    store: snapshots,
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random,
  });
  return { cycle, source, keys: () => snapshots.current?.keys };
}

/** One turn, letting time pass until it ends. */
async function turnOf(cycle: RefreshCycle): Promise<RefreshOutcome> {
  let outcome: RefreshOutcome | undefined;
  void cycle.turn().then((ended) => (outcome = ended));
  for (let tick = 0; outcome === undefined && tick < 600; tick += 1) await clock.advance(100);
  if (outcome === undefined) throw new Error('the turn did not end within a minute');
  return outcome;
}

/** Waits for what nobody waits for. */
async function settled(): Promise<void> {
  await clock.advance(0);
}

describe('records in two tiers', () => {
  it('go to the far one first, and lie near when it has taken them', async () => {
    expect(await records.publish(record('v1'), 7)).toBe(true);
    await settled();
    expect(await near.records.readHead()).toMatchObject({ digest: 'v1', revision: 7 });
    expect(await records.publish(record('v0'), 6)).toBe(false);
    await settled();
    expect(await near.records.readHead()).toMatchObject({ digest: 'v1' });
  });

  it('have the head of the far one, and the body of the near one', async () => {
    await records.publish(record('v1'), 7);
    await settled();
    await clock.advance(20_000);
    await far.records.confirm(7);
    await clock.advance(5_000);
    far.calls.length = 0;
    expect(await records.readHead()).toMatchObject({ revision: 7, ageMs: 5_000 });
    const read = await records.readBody(7);
    expect(read?.body).toBe(record('v1').body);
    // By what the far one has said, not since it was laid down near.
    expect(read?.head.ageMs).toBe(5_000);
    expect(far.calls).toEqual(['readHead']);
  });

  it('lay down near what was read from afar, unless its age would be forgotten', async () => {
    await far.records.publish(record('v1'), 7);
    await clock.advance(5 * 60_000 + 1);
    await records.readBody(7);
    await settled();
    expect(await near.records.readHead()).toBeUndefined();
    await far.records.confirm(7);
    await records.readBody(7);
    await settled();
    expect(await near.records.readHead()).toMatchObject({ digest: 'v1', revision: 7 });
  });

  it('do not take for good what lies near under the same revision and is something else', async () => {
    await far.records.publish(record('v1'), 7);
    await near.records.publish(record('other'), 7);
    await records.readHead();
    expect((await records.readBody(7))?.body).toBe(record('v1').body);
  });

  it('are published and confirmed near when a claim has ended', async () => {
    const { cycle } = cycleOver(records);
    await turnOf(cycle);
    await settled();
    const { revision } = (await far.records.readHead())!;
    expect(await near.records.readHead()).toMatchObject({ revision });
    await clock.advance(refreshSettings.intervalMs);
    await turnOf(cycle);
    await settled();
    expect((await near.records.readHead())?.ageMs).toBeLessThan(1_000);
  });

  it('say that they are two, and can what the far one can', async () => {
    expect(records.description).toBe('a place, with a place near');
    expect(Object.keys(records)).toEqual(expect.arrayContaining(['claims', 'lease', 'watch']));
    const { lease: _lease, ...without } = far.store;
    expect(await open(without)).not.toHaveProperty('lease');
    let pushed = 0;
    records.watch?.(() => (pushed += 1));
    await far.records.publish(record('v1'), 7);
    expect(pushed).toBe(1);
  });

  it('close both, also when the near one cannot be', async () => {
    near.fault = 'hangs';
    const closed = records.close();
    await clock.advance(1_000);
    await closed;
    expect([near.calls, far.calls]).toEqual([['close'], ['close']]);
  });
});

describe.each<Fault>(['away', 'hangs'])('a near store that is not there (%s)', (fault) => {
  it('is as if there were none, and is left alone for a while', async () => {
    near.fault = fault;
    await far.records.publish(record('v1'), 7);
    const read = records.readBody(7);
    await clock.advance(250);
    expect((await read)?.body).toBe(record('v1').body);
    await records.readBody(7);
    await records.publish(record('v2'), 8);
    await settled();
    expect(near.calls).toEqual(['readBody']);

    near.fault = 'none';
    await clock.advance(30_000);
    await records.readBody(8);
    await settled();
    expect(await near.records.readHead()).toMatchObject({ revision: 8 });
  });
});

describe('a far store that is away', () => {
  beforeEach(async () => {
    await turnOf(cycleOver(records).cycle);
    await settled();
    far.fault = 'away';
  });

  it.each([
    ['claimed', claimed()],
    ['leased', leased()],
    ['never', never()],
    ['unclaimed', unclaimed()],
  ])(
    'leaves what lies near to an instance that starts, with its age (%s)',
    async (_name, factory) => {
      await clock.advance(20_000);
      const { cycle, source, keys } = cycleOver(await open(), factory);
      expect(await turnOf(cycle)).toMatchObject({ kind: 'read' });
      expect(keys()).toEqual(['a']);
      expect(cycle.status().ageMs).toBeGreaterThanOrEqual(20_000);
      expect(source.requests).toHaveLength(0);
    },
  );

  it('is away for who has definitions, so that it keeps to the budget of the fleet', async () => {
    const { cycle } = cycleOver(await open());
    await turnOf(cycle);
    expect(await turnOf(cycle)).toMatchObject({ kind: 'waiting', why: 'cache-unavailable' });
    for (const factory of [never(), leased()]) {
      const other = cycleOver(await open(), factory);
      await turnOf(other.cycle);
      expect(await turnOf(other.cycle)).toMatchObject({
        kind: 'waiting',
        why: 'cache-unavailable',
      });
      expect(other.keys()).toEqual(['a']);
    }
  });

  it('is an error where nothing lies near, and for everything that writes', async () => {
    near = new Place(clock);
    const empty = await open();
    await expect(empty.readHead()).rejects.toThrow('readHead: away');
    await expect(empty.readBody(7)).rejects.toThrow('readBody: away');
    await expect(empty.publish(record('v2'), Number.MAX_SAFE_INTEGER)).rejects.toThrow('away');
    await expect(empty.confirm(7)).rejects.toThrow('confirm: away');
  });

  it('is followed again when it is back', async () => {
    const { cycle } = cycleOver(await open());
    await turnOf(cycle);
    far.fault = 'none';
    expect(await turnOf(cycle)).toMatchObject({ kind: 'unchanged' });
  });
});

describe('what is wrong', () => {
  const settings = () => ({ identity: undefined, commandTimeoutMs: 1_000, clock });
  const backendOf = (store: RecordStore, mistakes: string[] = []) => ({
    mistakes,
    open: async () => store,
  });

  it('with either tier is told of both', () => {
    const wrong = tiered(
      backendOf(near.store, ['It is full.']),
      backendOf(far.store, ['No host.']),
    );
    expect(wrong.mistakes).toEqual(['near: It is full.', 'far: No host.']);
    expect(tiered(undefined as never, far.store).mistakes).toEqual([
      'near: got no records, expected a store of records, or for example redisCache(client).',
    ]);
    expect(tiered(near.store, far.store).mistakes).toEqual([]);
  });

  it('with the place of the near one keeps nobody from starting; a wrong option does', async () => {
    const failing = (error: Error) => ({ open: () => Promise.reject(error) });
    const alone = await tiered(failing(new Error('no such folder')), far.store).open(settings());
    await far.records.publish(record('v1'), 7);
    expect(await alone.readHead()).toMatchObject({ revision: 7 });

    const mistake = new FlagsError('It is wrong.', { code: 'invalid-options' });
    const opened = tiered(failing(mistake), backendOf(far.store)).open(settings());
    await expect(opened).rejects.toBe(mistake);
    expect(far.calls).toContain('close');
  });
});
