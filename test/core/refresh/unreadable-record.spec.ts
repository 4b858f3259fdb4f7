/** A shared record that lies there and cannot be read: its owners confirm it, newcomers need it. */
import { describe, expect, it } from '@jest/globals';
import { createSharedDefinitionCache } from '../../../lib/core/cache/create-shared-definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { FlagsError } from '../../../lib/core/errors/flags-error.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { refreshSettings } from '../../support/refresh-settings.js';
import { ScriptedSource, definitions, notModified } from '../../support/scripted-source.js';

const clock = new ManualClock();

function instanceOn(records: RecordStore, source: ScriptedSource) {
  const store = new SnapshotStore();
  const times = { clock, random: () => 0.5, intervalMs: 30_000, jitter: 0, checkMs: 5_000, leaseMs: 12_000 }; // prettier-ignore
  const cycle = new RefreshCycle({
    source,
    cache: createSharedDefinitionCache({ records }, times),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: refreshSettings,
    random: () => 0.5,
  });
  const turn = async () => {
    let kind: string | undefined;
    void cycle.turn().then((outcome) => (kind = outcome.kind));
    for (let n = 0; kind === undefined && n < 600; n += 1) await clock.advance(100);
    return kind;
  };
  return { turn, store };
}

describe('a record whose body was spoilt', () => {
  it.each([
    ['is no record', () => Promise.reject(new Error('It was left as it is.'))],
    ['is no definitions document', undefined],
  ])('that %s keeps no newcomer empty, and is published anew', async (_what, spoilt) => {
    const records = new MemoryRecordStore(clock);
    const source = new ScriptedSource();
    source.reply(definitions(['a'], '"1"')).always = ({ etag }) =>
      etag === '"1"' ? notModified('"1"') : definitions(['a'], '"1"');
    const leader = instanceOn(records, source);
    expect(await leader.turn()).toBe('fetched');
    const { revision = 0 } = (await records.readHead()) ?? {};

    const readBody = records.readBody.bind(records);
    records.readBody = async (asked) => {
      const read = await readBody(asked);
      if (asked !== revision || read === undefined) return read;
      return spoilt === undefined ? { ...read, body: '{"flags":"none"}' } : spoilt();
    };
    const newcomer = instanceOn(records, source);
    expect(await newcomer.turn()).toBe('fetched');
    expect(newcomer.store.current?.keys).toEqual(['a']);

    // It holds: what lies there may be older than what it has fetched.
    expect(await newcomer.turn()).toBe('waiting');
    await clock.advance(6_000);
    await leader.turn();
    expect(await newcomer.turn()).toBe('unchanged');
    expect((await records.readHead())?.revision).toBeGreaterThan(revision);
    expect(await instanceOn(records, source).turn()).toBe('read');
  });

  it.each([
    ['is not ours', () => foreign()],
    ['is no JSON', () => ({ body: 'spoilt' })],
    ['is no definitions document', () => ({ body: '{"flags":"none"}' })],
    ['is gone, though it seems to lie there', () => undefined],
  ])('that %s is published anew for those who hold older content', async (_what, spoil) => {
    const records = new MemoryRecordStore(clock);
    const source = new ScriptedSource();
    source.always = ({ etag }) => (etag === '"1"' ? notModified('"1"') : definitions(['a'], '"1"'));
    const [leader, follower] = [instanceOn(records, source), instanceOn(records, source)];
    expect(await leader.turn()).toBe('fetched');
    expect(await follower.turn()).toBe('read');

    source.always = ({ etag }) => (etag === '"2"' ? notModified('"2"') : definitions(['b'], '"2"'));
    await clock.advance(30_000);
    expect(await leader.turn()).toBe('fetched');
    const { revision = 0 } = (await records.readHead()) ?? {};
    const readBody = records.readBody.bind(records);
    records.readBody = async (asked) => {
      const read = await readBody(asked);
      if (asked !== revision || read === undefined) return read;
      const spoilt = spoil();
      return spoilt && { ...read, ...spoilt };
    };

    expect(await follower.turn()).toBe('waiting');
    await clock.advance(6_000);
    await follower.turn();
    await leader.turn();
    expect((await records.readHead())?.revision).toBeGreaterThan(revision);
    expect(await follower.turn()).toBe('read');
    expect(follower.store.current?.keys).toEqual(['b']);
  });

  it('in a newer schema is nothing to mend: who knows it reads it', async () => {
    const records = new MemoryRecordStore(clock);
    const source = new ScriptedSource();
    source.always = ({ etag }) => (etag === '"1"' ? notModified('"1"') : definitions(['a'], '"1"'));
    const [leader, follower] = [instanceOn(records, source), instanceOn(records, source)];
    await leader.turn();
    await follower.turn();
    source.always = ({ etag }) => (etag === '"2"' ? notModified('"2"') : definitions(['b'], '"2"'));
    await clock.advance(30_000);
    await leader.turn();
    const { revision = 0 } = (await records.readHead()) ?? {};
    const readBody = records.readBody.bind(records);
    records.readBody = async (asked) => {
      const read = await readBody(asked);
      return read && { ...read, head: { ...read.head, schema: 99 } };
    };

    for (let n = 0; n < 10; n += 1) {
      await follower.turn();
      await clock.advance(5_000);
      await leader.turn();
    }
    expect((await records.readHead())?.revision).toBe(revision);
  });
});

function foreign(): never {
  throw new FlagsError('It was left as it is.', { code: 'foreign-value' });
}
