/** Instances with and without codecs over one store: who reads whom, what is refused, how it ends. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordCodec } from '../../../../lib/core/cache/codecs/record-codec.js';
import { sealed } from '../../../../lib/core/cache/codecs/sealed.js';
import { sizeLimited } from '../../../../lib/core/cache/codecs/size-limited.js';
import { createSharedDefinitionCache } from '../../../../lib/core/cache/create-shared-definition-cache.js';
import { MemoryRecordStore } from '../../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../../lib/core/cache/record-store.js';
import { RefreshCycle } from '../../../../lib/core/refresh/refresh-cycle.js';
import type { RefreshOutcome } from '../../../../lib/core/refresh/refresh-outcome.js';
import { SnapshotStore } from '../../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../../lib/testing/manual-clock.js';
import { sealKey } from '../../../support/record-facts.js';
import { refreshSettings } from '../../../support/refresh-settings.js';
import { ScriptedSource, definitions, notModified } from '../../../support/scripted-source.js';

const { intervalMs, checkMs } = refreshSettings;
/** At once: compression off the event loop takes a time of which the clock knows nothing. */
const gzip: RecordCodec = {
  name: 'gzip',
  encode: (bytes) => gzipSync(bytes),
  decode: (bytes) => gunzipSync(bytes),
};
const seal = sealed({ keys: [sealKey('a')] });
let clock: ManualClock;
let records: MemoryRecordStore;
let source: ScriptedSource;

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  source = new ScriptedSource();
  now(['a'], '"1"');
});

/** What the source has from now on. */
function now(keys: readonly string[], etag: string): void {
  source.always = (request) =>
    request.etag === etag ? notModified(etag) : definitions(keys, etag);
}

function instance(codecs: readonly RecordCodec[], maxBodyBytes?: number) {
  const store = new SnapshotStore();
  const times = { clock, random: () => 0.5, intervalMs, jitter: 0, checkMs, leaseMs: 12_000 };
  const limit = maxBodyBytes === undefined ? {} : { maxBodyBytes };
  const cycle = new RefreshCycle({
    source,
    cache: createSharedDefinitionCache({ records, codecs, ...limit }, times),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random: () => 0.5,
  });
  const turn = async (): Promise<RefreshOutcome> => {
    let ended: RefreshOutcome | undefined;
    void cycle.turn().then((outcome) => (ended = outcome));
    for (let n = 0; ended === undefined && n < 600; n += 1) await clock.advance(100);
    if (ended === undefined) throw new Error('the turn did not end');
    return ended;
  };
  return { turn, keys: () => store.current?.keys, instance: cycle };
}

async function head() {
  return (await records.readHead())!;
}

describe('instances with the same codecs', () => {
  it.each([
    [[gzip], 'json+gzip'],
    [[gzip, seal], 'json+gzip+sealed'],
    [[sizeLimited(10_000), gzip, seal, sizeLimited(1_000)], 'json+gzip+sealed'],
    [[sizeLimited(10_000)], 'json'],
  ])('share what one has fetched', async (codecs, codec) => {
    const [leader, follower] = [instance(codecs), instance(codecs)];
    expect(await leader.turn()).toMatchObject({ kind: 'fetched', published: true });
    expect(await head()).toMatchObject({ codec });

    expect(await follower.turn()).toMatchObject({ kind: 'read' });
    expect(follower.keys()).toEqual(['a']);
    expect(source.requests).toHaveLength(1);
  });

  it('know the digest of what they have read, so that it need not be computed again', async () => {
    await instance([gzip, seal]).turn();
    const times = { clock, random: () => 0.5, intervalMs, jitter: 0, checkMs, leaseMs: 12_000 };
    const cache = createSharedDefinitionCache({ records, codecs: [gzip, seal] }, times);
    await cache.look();
    const { digest } = await head();
    expect(await cache.read()).toMatchObject({ digest, etag: '"1"' });
  });
});

describe('an instance with compression among others without', () => {
  it('reads what they have published', async () => {
    await instance([]).turn();
    const young = instance([gzip]);
    expect(await young.turn()).toMatchObject({ kind: 'read' });
    expect(young.keys()).toEqual(['a']);
  });

  it('is told of by them once by name, and they keep what they have', async () => {
    const old = instance([]);
    await old.turn();
    now(['b'], '"2"');
    await clock.advance(2 * intervalMs);
    expect(await instance([gzip]).turn()).toMatchObject({ kind: 'fetched', published: true });
    const reads = jest.spyOn(records, 'readBody');

    const first = await old.turn();
    expect(first).toMatchObject({ kind: 'waiting', why: 'cache-rejected' });
    expect(first.cacheFailures).toEqual([
      expect.objectContaining({
        step: 'read',
        message: expect.stringMatching(
          /lies there as json\+gzip, and this instance expects json\./,
        ),
      }),
    ]);
    await clock.advance(checkMs);
    const second = await old.turn();
    expect(second.cacheFailures[0]?.cause).toBe(first.cacheFailures[0]?.cause);
    expect(reads).toHaveBeenCalledTimes(1);
    expect(old.keys()).toEqual(['a']);
    // It may be good for others, and stays.
    expect(await head()).toMatchObject({ codec: 'json+gzip' });
  });
});

describe('a record that was refused', () => {
  it('is read again when another lies there, also under the same revision', async () => {
    const old = instance([]);
    await old.turn();
    now(['b'], '"2"');
    await clock.advance(2 * intervalMs);
    await instance([gzip]).turn();
    await old.turn();
    const reads = jest.spyOn(records, 'readBody');
    const readHead = records.readHead.bind(records);
    records.readHead = async () => ({ ...(await readHead())!, digest: 'other' });
    await old.turn();
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['of a newer schema', { schema: 99 }, undefined],
    ['that is too large', {}, 4_999],
  ])('%s is moved once, and not at each check', async (_what, facts, maxBodyBytes) => {
    const follower = instance([], maxBodyBytes);
    await instance([]).turn();
    await follower.turn();
    const revision = clock.now() + 1_000_000;
    const record = {
      schema: 1,
      digest: 'd',
      etag: undefined,
      codec: 'json',
      body: ' '.repeat(5_000),
    };
    await records.publish({ ...record, ...facts }, revision);
    const reads = jest.spyOn(records, 'readBody');
    for (let n = 0; n < 4; n += 1) {
      expect(await follower.turn()).toMatchObject({ kind: 'waiting', why: 'cache-rejected' });
      await clock.advance(checkMs);
    }
    expect(reads).toHaveBeenCalledTimes(1);
  });
});

describe('an instance with a seal', () => {
  async function spoilt(change: (body: Buffer) => Buffer | string): Promise<void> {
    const readBody = records.readBody.bind(records);
    const { revision } = await head();
    records.readBody = async (asked) => {
      const read = await readBody(asked);
      if (asked !== revision || read === undefined) return read;
      return { ...read, body: change(Buffer.from(read.body as Uint8Array)) };
    };
  }

  it.each([
    ['was changed', (body: Buffer) => Buffer.concat([body.subarray(0, -1), Buffer.from('!')])],
    ['was replaced by plain JSON', () => '{"flags":[],"cohorts":{}}'],
    ['is empty', () => Buffer.alloc(0)],
  ])('takes over no record that %s, and gets another', async (_what, change) => {
    const [leader, follower] = [instance([seal]), instance([seal])];
    await leader.turn();
    await follower.turn();
    now(['b'], '"2"');
    await clock.advance(intervalMs);
    expect(await leader.turn()).toMatchObject({ kind: 'fetched', published: true });
    const { revision } = await head();
    await spoilt(change);

    const refused = await follower.turn();
    expect(refused).toMatchObject({ kind: 'waiting', why: 'cache-rejected' });
    expect(refused.cacheFailures[0]?.message).toMatch(/seal that does not fit it/);
    expect(follower.keys()).toEqual(['a']);
    await clock.advance(6_000);
    await follower.turn();
    await leader.turn();
    expect((await head()).revision).toBeGreaterThan(revision);
    await follower.turn();
    expect(follower.keys()).toEqual(['b']);
  });

  it('refuses what nobody has sealed, with definitions and without, and seals it', async () => {
    const plain = instance([]);
    await plain.turn();
    const newcomer = instance([seal]);
    // What it has now is its own: fetched, not read.
    expect((await newcomer.turn()).kind).toBe('fetched');
    for (let n = 0; n < 8 && (await head()).codec === 'json'; n += 1) {
      await clock.advance(checkMs);
      await newcomer.turn();
    }
    expect(await head()).toMatchObject({ codec: 'json+sealed' });
    expect(await instance([seal]).turn()).toMatchObject({ kind: 'read' });
  });

  it('refuses a record that was put under another revision', async () => {
    const [leader, follower] = [instance([seal]), instance([seal])];
    await leader.turn();
    await follower.turn();
    now(['b'], '"2"');
    await clock.advance(intervalMs);
    await leader.turn();
    const { body, head: old } = (await records.readBody((await head()).revision))!;
    const { schema, digest, etag, codec } = old;
    await records.publish({ schema, digest, etag, codec, body }, old.revision + 1_000_000);
    const refused = await follower.turn();
    expect(refused.cacheFailures[0]?.message).toMatch(/seal that does not fit it/);
    expect(follower.keys()).toEqual(['a']);
  });

  it('goes on through a change of keys, one instance after the other', async () => {
    const [old, young] = [sealKey('old'), sealKey('young')];
    const rings = [[old], [old, young], [young, old], [young]];
    let before = instance([sealed({ keys: rings[0]! })]);
    await before.turn();
    for (const [n, keys] of rings.slice(1).entries()) {
      const next = instance([sealed({ keys })]);
      expect(await next.turn()).toMatchObject({ kind: 'read' });
      now([`flag-${n}`], `"${n + 2}"`);
      await clock.advance(2 * intervalMs);
      expect(await next.turn()).toMatchObject({ kind: 'fetched', published: true });
      expect(await before.turn()).toMatchObject({ kind: 'read' });
      before = next;
    }
  });
});

describe('definitions that cannot be encoded', () => {
  it('are used by who has fetched them, told of, and tried by the next in its time', async () => {
    const limited = [sizeLimited(10)];
    const [one, other] = [instance(limited), instance(limited)];
    const outcome = await one.turn();
    expect(outcome).toMatchObject({ kind: 'fetched', published: false });
    expect(outcome.cacheFailures).toEqual([
      expect.objectContaining({
        step: 'publish',
        message: expect.stringMatching(/not published: they have \d+ bytes, more than the 10 /),
      }),
    ]);
    expect(one.keys()).toEqual(['a']);
    expect(await records.readHead()).toBeUndefined();

    // The other tries it soon, for it may be able to; then it is one fetch in an interval.
    await clock.advance(1_500);
    expect(await other.turn()).toMatchObject({ kind: 'fetched', published: false });
    expect(other.keys()).toEqual(['a']);
    const asked = source.requests.length;
    for (let ms = 0; ms < 4 * intervalMs; ms += checkMs) {
      await clock.advance(checkMs);
      await one.turn();
      await other.turn();
    }
    expect(source.requests.length - asked).toBeGreaterThanOrEqual(3);
    expect(source.requests.length - asked).toBeLessThanOrEqual(5);
  });
});

describe('records that other programs read', () => {
  const times = { clock: new ManualClock(), random: () => 0.5, intervalMs, jitter: 0, checkMs, leaseMs: 1 }; // prettier-ignore

  it('take no codec that changes them, and one that does not', () => {
    const shared: RecordStore = Object.assign(new MemoryRecordStore(times.clock), {
      isReadByOthers: true,
    });
    const create = (...codecs: RecordCodec[]) =>
      createSharedDefinitionCache({ records: shared, codecs }, times);
    expect(() => create(sizeLimited(1), seal)).toThrow(/codec sealed cannot be used with interop/);
    expect(() => create(gzip)).toThrow(/plain JSON/);
    expect(create(sizeLimited(1))).toBeDefined();
  });
});
