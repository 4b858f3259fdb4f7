/** A store that is measured: what is counted, and that nothing else is different. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CacheMeter,
  LATENCY_BOUNDS_MS,
  type CacheMeasurement,
} from '../../../lib/core/cache/cache-meter.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { metered } from '../../../lib/core/cache/metered.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { claimed } from '../../../lib/core/coordination/coordination-factory.js';
import { never } from '../../../lib/core/coordination/self-chosen-factory.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { definitions, ScriptedSource } from '../../support/scripted-source.js';

let clock: ManualClock;
let store: MemoryRecordStore;
let meter: CacheMeter;
let told: CacheMeasurement[];

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryRecordStore(clock);
  told = [];
  meter = new CacheMeter({ clock, onMeasured: (measurement) => told.push(measurement) });
});

function cycleOver(records: RecordStore, factory = claimed()) {
  const settings = { ...refreshSettings, leaseMs: 62_000 };
  const random = () => 0.5;
  return new RefreshCycle({
    source: new ScriptedSource(definitions(['a'], '"1"')),
    cache: new SharedDefinitionCache({
      records,
      coordination: factory({ records, clock, random, ...settings }),
    }),
    store: new SnapshotStore(),
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random,
  });
}

const record = { schema: 1, digest: 'v1', etag: undefined, codec: 'json', body: '{"ä":1}' };

describe('a meter', () => {
  it('counts looks, grants, bodies and publications of two instances', async () => {
    const leader = cycleOver(metered(store, meter));
    await leader.turn();
    const size = (await store.readHead())?.sizeBytes;
    expect(meter.read()).toMatchObject({
      hits: 0,
      misses: 1,
      grants: 1,
      publications: 1,
      bytesWritten: size,
      bodyReads: 0,
      failures: 0,
    });
    await leader.turn();
    await leader.turn();
    const follower = cycleOver(metered(store, meter));
    await follower.turn();

    const measures = meter.read();
    expect(measures).toMatchObject({ hits: 2, misses: 2, hitRate: 0.5, bodyReads: 1, bytesRead: size }); // prettier-ignore
    expect(measures.steps.check?.count).toBe(4);
    expect(told.map(({ step }) => step)).toEqual(['check', 'finish', 'check', 'check', 'check', 'readBody']); // prettier-ignore
  });

  it('counts a head that a reader has seen already as a hit', async () => {
    await cycleOver(store).turn();
    const reader = cycleOver(metered(store, meter), never());
    await reader.turn();
    await reader.turn();
    expect(meter.read()).toMatchObject({ hits: 1, misses: 1, grants: 0 });
  });

  it('counts what the store does not take as refused, and what it confirms', async () => {
    const records = metered(store, meter);
    expect(await records.publish(record, 7)).toBe(true);
    expect(await records.publish(record, 6)).toBe(false);
    expect(await records.confirm(7)).toBe(true);
    expect(await records.confirm(6)).toBe(false);
    expect(await records.readBody(6)).toBeUndefined();
    expect(meter.read()).toMatchObject({
      publications: 1,
      bytesWritten: Buffer.byteLength(record.body),
      confirmations: 1,
      refusals: 2,
      bodyReads: 1,
      bodiesMissing: 1,
    });
  });

  it('measures how long each step takes, by the monotonic clock', async () => {
    const slow = { ...recordsOf(store), readHead: () => waiting(30) };
    const records = metered(slow, meter);
    const read = records.readHead();
    clock.jumpWallClock(-3_600_000);
    await clock.advance(30);
    await read;
    const { readHead } = meter.read().steps;
    expect(readHead).toMatchObject({ count: 1, sumMs: 30, maxMs: 30, failures: 0 });
    expect(readHead?.latencies.map(({ upToMs }) => upToMs)).toEqual([...LATENCY_BOUNDS_MS, Infinity]); // prettier-ignore
    expect(readHead?.latencies.filter(({ count }) => count > 0)).toEqual([{ upToMs: 50, count: 1 }]); // prettier-ignore
    expect(told[0]).toMatchObject({ step: 'readHead', durationMs: 30, ok: true });
  });

  it('counts what is slower than every bound', async () => {
    const records = metered({ ...recordsOf(store), readHead: () => waiting(60_000) }, meter);
    const read = records.readHead();
    await clock.advance(60_000);
    await read;
    expect(meter.read().steps.readHead?.latencies.at(-1)).toEqual({ upToMs: Infinity, count: 1 });
  });

  it('counts an error and hands it on as it is', async () => {
    const error = new Error('away');
    const failing = { ...recordsOf(store), confirm: () => Promise.reject(error) };
    await expect(metered(failing, meter).confirm(7)).rejects.toBe(error);
    expect(meter.read()).toMatchObject({ failures: 1, confirmations: 0, refusals: 0 });
    expect(meter.read().steps.confirm).toMatchObject({ count: 1, failures: 1 });
  });

  it('is not heard of when its observer throws or rejects', async () => {
    const thrower = new CacheMeter({
      clock,
      onMeasured: () => {
        throw new Error('no such metric');
      },
    });
    const rejecter = new CacheMeter({
      clock,
      onMeasured: (() => Promise.reject(new Error('no such metric'))) as () => never,
    });
    expect(await metered(store, thrower).readHead()).toBeUndefined();
    expect(await metered(store, rejecter).readHead()).toBeUndefined();
    expect([thrower.read().misses, rejecter.read().misses]).toEqual([1, 1]);
  });

  it('gives a value that does not change any more', async () => {
    const records = metered(store, meter);
    await records.readHead();
    const before = meter.read();
    await records.readHead();
    expect([before.misses, before.steps.readHead?.count]).toEqual([1, 1]);
  });
});

describe('a store that is measured', () => {
  it('can what the store beneath can, and no more', async () => {
    const plain = metered(recordsOf(store), meter);
    expect(Object.keys(plain).sort()).toEqual(['close', 'confirm', 'description', 'publish', 'readBody', 'readHead']); // prettier-ignore
    const lease = { isOpenToAll: true, acquire: async () => true, release: async () => undefined };
    const rich = metered({ ...recordsOf(store), key: 'k', isInThisProcess: true, isForThreads: true, caveat: 'Rarely.', claims: store.claims, lease, watch: () => () => undefined }, meter); // prettier-ignore
    expect(rich).toMatchObject({
      key: 'k',
      isInThisProcess: true,
      isForThreads: true,
      caveat: 'Rarely.',
      lease: { isOpenToAll: true },
    });
    expect(await rich.lease?.acquire('a', 1)).toBe(true);
    expect(Object.keys(rich.lease ?? {}).sort()).toEqual(['acquire', 'isOpenToAll', 'release']);
    expect(await rich.claims?.members()).toEqual([]);
    expect(Object.keys(rich)).toContain('watch');
  });

  it('counts who asks for the lease, with a token or without', async () => {
    const { lease } = metered(store, meter);
    expect(await lease?.acquireWithToken?.('a', 60_000, 0)).toBeGreaterThan(0);
    expect(await lease?.acquireWithToken?.('b', 60_000, 0)).toBeUndefined();
    expect(await lease?.acquire('b', 60_000)).toBe(false);
    await lease?.release('a');
    const { acquire, release } = meter.read().steps;
    expect([acquire?.count, release?.count]).toEqual([3, 1]);
  });

  it('pushes what the store beneath pushes, until nobody listens', async () => {
    const records = metered(store, meter);
    let pushed = 0;
    const stop = records.watch?.(() => (pushed += 1));
    await records.publish(record, 7);
    stop?.();
    await records.publish(record, 8);
    expect(pushed).toBe(1);
  });

  it('passes on that pushes are not heard', () => {
    const deaf: RecordStore = {
      ...recordsOf(store),
      watch: (_onChanged, onTrouble) => {
        onTrouble?.({ kind: 'recovered' });
        return () => undefined;
      },
    };
    const told: unknown[] = [];
    metered(deaf, meter).watch?.(
      () => undefined,
      (trouble) => told.push(trouble),
    );
    expect(told).toEqual([{ kind: 'recovered' }]);
  });

  it('may be a backend, whose mistakes are told as they are', async () => {
    const backend = metered({ mistakes: ['It is wrong.'], open: async () => store }, meter);
    expect(backend.mistakes).toEqual(['It is wrong.']);
    const opened = await backend.open({ identity: undefined, commandTimeoutMs: 100, clock });
    await opened.readHead();
    expect(meter.read().misses).toBe(1);
    expect(metered({ open: async () => store }, meter)).not.toHaveProperty('mistakes');
  });
});

/** The least that a store is. */
function recordsOf(records: RecordStore): RecordStore {
  return {
    description: records.description,
    readHead: () => records.readHead(),
    readBody: (revision) => records.readBody(revision),
    publish: (given, revision) => records.publish(given, revision),
    confirm: (revision) => records.confirm(revision),
    close: () => records.close(),
  };
}

function waiting(ms: number): Promise<undefined> {
  return new Promise((resolve) => clock.setTimer(ms, () => resolve(undefined)));
}
