/** Records of other versions of this package, and records that are too large, in one fleet. */
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { compressed } from '../../../lib/core/cache/codecs/compressed.js';
import type { RecordCodec } from '../../../lib/core/cache/codecs/record-codec.js';
import { sealed } from '../../../lib/core/cache/codecs/sealed.js';
import { sizeLimited } from '../../../lib/core/cache/codecs/size-limited.js';
import { RECORD_SCHEMA, type NewRecord } from '../../../lib/core/cache/definition-record.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import { leased, unclaimed } from '../../../lib/core/coordination/coordination-factory.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { definitions, documentOf, ScriptedSource } from '../../support/scripted-source.js';

const { intervalMs, checkMs } = refreshSettings;
let clock: ManualClock;
let records: MemoryRecordStore;
let source: ScriptedSource;

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  source = new ScriptedSource(definitions(['a'], '"1"'));
});

function instance(name: string, maxBodyBytes?: number) {
  const settings = { ...refreshSettings, leaseMs: 12_000 };
  const { claims } = records;
  const parts = { claims, settings, clock, random: () => 0.5, instance: name };
  const coordination = new ClaimedCoordination(parts);
  const limit = maxBodyBytes === undefined ? {} : { maxBodyBytes };
  const store = new SnapshotStore();
  const cycle = new RefreshCycle({
    source,
    cache: new SharedDefinitionCache({ records, coordination, ...limit }),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random: () => 0.5,
  });
  return { cycle, keys: () => store.current?.keys };
}

/** A publication as another version of this package makes it. */
function publish(document: object, facts: Partial<NewRecord> = {}): Promise<boolean> {
  const body = JSON.stringify(document);
  const revision = clock.now() + 1_000_000;
  const record = { schema: RECORD_SCHEMA, digest: body.slice(0, 40), codec: 'json', body };
  return records.publish({ ...record, etag: undefined, ...facts }, revision);
}

describe('what a cache says of itself', () => {
  const sharingWith = (codecs: readonly RecordCodec[]) => {
    const { jitter } = refreshSettings;
    const times = { intervalMs, jitter, checkMs, leaseMs: 12_000 };
    const coordination = leased()({ ...times, records, clock, random: Math.random });
    return new SharedDefinitionCache({ records, coordination, codecs }).sharing;
  };

  it('names the codecs that change bytes, in their order, and none where there is none', () => {
    const sign = sealed({ keys: [{ id: 'a', secret: 'x'.repeat(32) }] });
    expect(sharingWith([compressed(), sign, sizeLimited(1_000)])).toMatchObject({
      codec: 'json+gzip+sealed',
    });
    expect(sharingWith([sizeLimited(1_000)])).not.toHaveProperty('codec');
  });

  it('names the lease where one decides who fetches', () => {
    expect(sharingWith([])).toMatchObject({ isExclusive: true, whoFetches: 'one instance fetches for all while it keeps its lease' }); // prettier-ignore
  });
});

describe('the digest of a body', () => {
  /** What a reader is told of the body that lies there. */
  async function digestRead(): Promise<string | undefined> {
    const cache = new SharedDefinitionCache({ records, coordination: unclaimed()(parts()) });
    await cache.look();
    return (await cache.read())?.digest;
  }

  function parts() {
    return { ...refreshSettings, leaseMs: 12_000, records, clock, random: () => 0.5 };
  }

  it('is known to who reads what an instance has published', async () => {
    await instance('leader').cycle.turn();

    expect(await digestRead()).toBe((await records.readHead())?.digest);
  });

  it('is left to the reader where another has written the body, or something is wrong', async () => {
    await publish(documentOf(['b']));

    expect(await records.readHead()).toBeDefined();
    expect(await digestRead()).toBeUndefined();
  });

  it('keeps a follower from reading again what it holds', async () => {
    await instance('leader').cycle.turn();
    const follower = instance('follower').cycle;
    const reads = jest.spyOn(records, 'readBody');

    expect(await follower.turn()).toMatchObject({ kind: 'read' });
    expect(await follower.turn()).toMatchObject({ kind: 'unchanged' });
    expect(reads).toHaveBeenCalledTimes(1);
  });
});

describe('F18: versions of an app that share a cache', () => {
  it('keep the fields that they do not know, of the document and of a flag', async () => {
    const [flag] = documentOf(['a']).flags;
    const body = { ...documentOf([]), flags: [{ ...flag, of_tomorrow: [1] }], also_new: { x: 1 } };
    source.always = { kind: 'definitions', body };
    await instance('old').cycle.turn();

    const stored = await records.readBody((await records.readHead())!.revision);
    expect(JSON.parse(String(stored?.body))).toMatchObject({
      flags: [{ key: 'a', of_tomorrow: [1] }],
      also_new: { x: 1 },
    });
  });

  it('read what an older schema has written', async () => {
    const { cycle, keys } = instance('new');
    await instance('other').cycle.turn();
    await publish(documentOf(['of', 'yesterday']), { schema: RECORD_SCHEMA - 1 });

    expect(await cycle.turn()).toMatchObject({ kind: 'read' });
    expect(keys()).toEqual(['of', 'yesterday']);
  });

  it('refuse what a higher schema has written, say what to do, and keep their flags', async () => {
    const { cycle, keys } = instance('old');
    await cycle.turn();
    await publish(documentOf(['of', 'tomorrow']), { schema: RECORD_SCHEMA + 1 });
    const before = records.claimState.record;
    await clock.advance(checkMs);
    const outcome = await cycle.turn();

    expect(outcome).toMatchObject({ kind: 'waiting', cacheFailures: [{ step: 'read' }] });
    expect(outcome.cacheFailures[0]?.message).toMatch(/schema 2, .*knows 1.*Update this instance/);
    expect(keys()).toEqual(['a']);
    expect(records.claimState.record).toEqual(before);
    expect(source.requests).toHaveLength(1);
  });

  it('publish over a higher schema only what is newer, in the one that all can read', async () => {
    const { cycle, keys } = instance('old');
    await cycle.turn();
    await publish(documentOf(['of', 'tomorrow']), { schema: RECORD_SCHEMA + 1 });
    const revision = records.claimState.record?.revision ?? 0;
    source.always = definitions(['newest'], '"2"');
    await clock.advance(2 * intervalMs);

    expect(await cycle.turn()).toMatchObject({ kind: 'fetched', role: 'leader', published: true });
    expect(records.claimState.record).toMatchObject({ schema: RECORD_SCHEMA, etag: '"2"' });
    expect(records.claimState.record!.revision).toBeGreaterThan(revision);
    expect(keys()).toEqual(['newest']);
  });
});

describe('F42: a shared record that is too large', () => {
  const large = documentOf(['é'.repeat(50), 'b']);
  const bytes = Buffer.byteLength(JSON.stringify(large));

  it.each([
    [bytes, 'read'],
    [bytes - 1, 'waiting'],
  ])('is measured in bytes: with %i allowed the turn ends as %s', async (maxBodyBytes, kind) => {
    const { cycle } = instance('small', maxBodyBytes);
    await instance('other').cycle.turn();
    await cycle.turn();
    await publish(large);

    expect((await cycle.turn()).kind).toBe(kind);
  });

  it('is refused by name of its size, and what is held is kept', async () => {
    const { cycle, keys } = instance('small', bytes - 1);
    await cycle.turn();
    await publish(large);
    const { cacheFailures } = await cycle.turn();

    expect(cacheFailures[0]?.message).toContain(`has ${bytes} bytes, more than the ${bytes - 1} allowed`); // prettier-ignore
    expect(keys()).toEqual(['a']);
  });
});
