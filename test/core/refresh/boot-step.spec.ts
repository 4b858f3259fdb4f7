/** What a snapshot file gives at start: better than nothing, and less than anything else. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedDefinitionCache } from '../../../lib/core/cache/create-shared-definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import type { SnapshotFile } from '../../../lib/core/refresh/snapshot-file.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { ScriptedSource, definitions, documentOf, failed } from '../../support/scripted-source.js';

const { intervalMs, checkMs } = refreshSettings;
let clock: ManualClock;
let records: MemoryRecordStore;
let source: ScriptedSource;

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  source = new ScriptedSource(failed('network'));
});

function baked(keys: readonly string[], ageMs = 5_000): SnapshotFile {
  return { description: 'a file', read: async () => ({ ok: true, document: documentOf(keys), ageMs }) }; // prettier-ignore
}

function instance(snapshotFile: SnapshotFile | undefined) {
  const store = new SnapshotStore();
  const times = { clock, random: () => 0.5, intervalMs, jitter: 0, checkMs, leaseMs: 12_000 };
  const cycle = new RefreshCycle({
    source,
    cache: createSharedDefinitionCache({ records }, times),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random: () => 0.5,
    snapshotFile,
  });
  const turn = async (): Promise<string> => {
    let kind: string | undefined;
    void cycle.turn().then((outcome) => (kind = outcome.kind));
    for (let n = 0; kind === undefined && n < 600; n += 1) await clock.advance(100);
    return String(kind);
  };
  return { cycle, turn, keys: () => store.current?.keys };
}

it('the age of a snapshot file is told by the clock of the app', async () => {
  const asked: number[] = [];
  const read: SnapshotFile['read'] = async (nowMs) => {
    asked.push(nowMs);
    return { ok: false, message: 'none' };
  };
  await instance({ description: 'a file', read }).cycle.boot();
  expect(asked).toEqual([clock.now()]);
});

describe('an instance that has booted from a snapshot file', () => {
  it('holds it under the revision 0 and with its age, and publishes nothing of it', async () => {
    const { cycle, turn, keys } = instance(baked(['a']));
    expect(await turn()).toBe('failed');
    expect(await cycle.boot()).toMatchObject({ kind: 'loaded', flagCount: 1, ageMs: 5_000 });
    expect(cycle.status()).toMatchObject({ revision: 0, loadedFrom: 'snapshot-file', ageMs: 5_000 }); // prettier-ignore
    await clock.advance(intervalMs);
    await turn();
    expect(keys()).toEqual(['a']);
    expect(cycle.status()).toMatchObject({ revision: 0, loadedFrom: 'snapshot-file' });
    expect(await records.readHead()).toBeUndefined();
  });

  it('reads what another has published, though it was taken before the file', async () => {
    source.always = definitions(['older'], '"1"');
    const young = instance(baked(['newer'], 0));
    await young.cycle.boot();
    await instance(undefined).turn();
    expect(await young.turn()).toBe('read');
    expect(young.keys()).toEqual(['older']);
    expect(young.cycle.status()).toMatchObject({ loadedFrom: 'cache' });
  });

  it('has the shared revision as soon as what is shared is what it holds', async () => {
    source.always = definitions(['a'], '"1"');
    await instance(undefined).turn();
    const young = instance(baked(['a']));
    await young.cycle.boot();
    expect(await young.turn()).toBe('unchanged');
    const { revision } = (await records.readHead())!;
    expect(young.cycle.status()).toMatchObject({ revision, loadedFrom: 'cache' });
  });

  it.each([
    ['the same', ['a', 'b', 'c', 'd']],
    ['others, and most of them gone, which is no mistake against a file', ['z']],
  ])('publishes what it fetches, asking once: %s', async (_what, keys) => {
    const young = instance(baked(['a', 'b', 'c', 'd']));
    await young.cycle.boot();
    source.always = definitions(keys, '"1"');
    expect(await young.turn()).toBe('fetched');
    expect(source.requests).toEqual([expect.not.objectContaining({ etag: expect.anything() })]);
    const { revision } = (await records.readHead())!;
    expect(young.cycle.status()).toMatchObject({ revision, loadedFrom: 'source' });
    expect(young.keys()).toEqual(keys);
  });

  it('fetches for itself at once when the cache is away, as one that has nothing', async () => {
    const young = instance(baked(['a']));
    records.claims.check = () => Promise.reject(new Error('away'));
    expect(await young.turn()).toBe('failed');
    await young.cycle.boot();
    source.always = definitions(['a'], '"1"');
    for (let n = 0; n < 10 && source.requests.length < 2; n += 1) {
      await clock.advance(checkMs);
      await young.turn();
    }
    expect(young.cycle.status()).toMatchObject({ loadedFrom: 'source' });
    expect(young.cycle.status().revision).toBeGreaterThan(0);
  });
});

describe('booting', () => {
  it('does nothing without a file, and when there are definitions', async () => {
    expect(await instance(undefined).cycle.boot()).toEqual({ kind: 'none' });
    source.always = definitions(['a']);
    const loaded = instance(baked(['b']));
    await loaded.turn();
    expect(await loaded.cycle.boot()).toEqual({ kind: 'none' });
    expect(loaded.keys()).toEqual(['a']);
  });

  it('loses against definitions that come while the file is read', async () => {
    source.always = definitions(['a']);
    let read: (() => void) | undefined;
    const slow: SnapshotFile = {
      description: 'a slow disk',
      read: () => new Promise((resolve) => { read = () => resolve({ ok: true, document: documentOf(['b']), ageMs: 0 }); }), // prettier-ignore
    };
    const { cycle, turn, keys } = instance(slow);
    const booting = cycle.boot();
    await turn();
    read?.();
    expect(await booting).toEqual({ kind: 'none' });
    expect(keys()).toEqual(['a']);
  });

  it('refuses what is no definitions document, and what cannot be read', async () => {
    const none: SnapshotFile = {
      description: 'a file',
      read: async () => ({ ok: true, document: { flags: 'none' }, ageMs: 0 }),
    };
    expect(await instance(none).cycle.boot()).toMatchObject({ kind: 'refused' });
    const gone: SnapshotFile = {
      description: 'a file',
      read: async () => ({ ok: false, message: 'It is gone.' }),
    };
    const { cycle, keys } = instance(gone);
    expect(await cycle.boot()).toEqual({ kind: 'refused', message: 'It is gone.' });
    expect(keys()).toBeUndefined();
  });
});
