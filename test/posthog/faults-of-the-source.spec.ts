/**
 * What an instance does with the answers of a source that goes wrong: the whole cycle over real
 * HTTP, from the bytes on the wire to the flags in memory and the copy that others read.
 */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import { SharedDefinitionCache } from '../../lib/core/cache/shared-definition-cache.js';
import { ClaimedCoordination } from '../../lib/core/coordination/claimed.js';
import type { FetchFailure } from '../../lib/core/definitions/definition-source.js';
import type { RefreshCycleParts } from '../../lib/core/refresh/refresh-cycle-parts.js';
import { RefreshCycle } from '../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../lib/core/snapshot/snapshot-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import type { PostHogDefinitionSourceOptions } from '../../lib/posthog/posthog-definition-source.options.js';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { DefinitionsServer, type ScriptedAnswer } from '../support/definitions-server.js';
import { definitionsOf, off, on } from '../support/flag-definitions.js';
import { refreshSettings } from '../support/refresh-settings.js';
import { ScriptedCache } from '../support/scripted-cache.js';

const MINUTE_MS = 60_000;
const { intervalMs } = refreshSettings;
const definitions = definitionsOf(on('a'), off('b'), on('c'));

let server: DefinitionsServer;
let clock: ManualClock;
let store: SnapshotStore;

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions }).start();
  clock = new ManualClock();
  store = new SnapshotStore();
});

afterEach(() => server.close());

interface Made {
  readonly parts?: Partial<RefreshCycleParts>;
  readonly source?: Partial<PostHogDefinitionSourceOptions>;
}

function cycleWith({ parts, source }: Made = {}): RefreshCycle {
  const { host, projectApiKey, secretKey } = server;
  return new RefreshCycle({
    source: new PostHogDefinitionSource({ host, projectApiKey, secretKey, ...source }),
    cache: new ScriptedCache(),
    store,
    clock,
    observer: { onEvent: () => undefined },
    settings: { ...refreshSettings, fetchTimeoutMs: 60_000 },
    random: () => 0,
    ...parts,
  });
}

/** An instance of a fleet that shares a store by claims, all by the manual clock. */
function memberOf(records: MemoryRecordStore, held = store): RefreshCycle {
  const settings = { ...refreshSettings, leaseMs: 12_000 };
  const { claims } = records;
  const coordination = new ClaimedCoordination({ claims, settings, clock, random: () => 0.5 });
  const cache = new SharedDefinitionCache({ records, coordination });
  return cycleWith({ parts: { cache, store: held } });
}

async function loaded(made: Made = {}): Promise<RefreshCycle> {
  const cycle = cycleWith(made);
  expect(await cycle.turn()).toMatchObject({ kind: 'fetched', flagCount: 3 });
  return cycle;
}

const keys = () => store.current?.keys;
const statuses = () => server.requests.map(({ status }) => status);
const sentEtags = () => server.requests.map(({ headers }) => headers['if-none-match']);

describe('an answer that must not be taken over', () => {
  const large = JSON.stringify({ ...definitions, filler: ' '.repeat(200_000) });
  const bomb = gzipSync(JSON.stringify({ ...definitions, filler: ' '.repeat(5_000_000) }));

  it.each<[string, FetchFailure['code'], ScriptedAnswer]>([
    [
      'F48: the page of a captive portal',
      'invalid-definitions',
      { body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
    ],
    [
      'F48: a web page that says it is JSON',
      'invalid-definitions',
      { body: '<html>', headers: { 'content-type': 'application/json' } },
    ],
    ['F48: an object without flags', 'invalid-definitions', { body: {} }],
    ['F48: flags that are null', 'invalid-definitions', { body: { flags: null } }],
    ['F48: an error of the API as 200', 'invalid-definitions', { body: { detail: 'Not found.' } }],
    ['F48: null', 'invalid-definitions', { body: 'null' }],
    ['F48: JSON that was cut', 'invalid-definitions', { body: '{"flags":[{"key":"a"' }],
    ['F48: nothing', 'invalid-definitions', { body: '' }],
    ['F48: a connection cut in the body', 'network', { fault: 'cut' }],
    ['F42: more bytes than are allowed', 'invalid-definitions', { body: large }],
    [
      'F42: few bytes that become too many',
      'invalid-definitions',
      { body: bomb, headers: { 'content-encoding': 'gzip' } },
    ],
    ['F50: headers that come, and a body that does not', 'timeout', { fault: 'no-end' }],
    [
      'F51: a redirect to another host',
      'network',
      { status: 302, headers: { location: 'http://127.0.0.1:9/flags/definitions' } },
    ],
  ])('%s leaves flags, etag and shared copy as they are', async (_what, code, answer) => {
    const cache = new ScriptedCache();
    const cycle = await loaded({
      parts: { cache },
      source: { maxBodyBytes: 100_000, requestTimeoutMs: code === 'timeout' ? 3_000 : 60_000 },
    });
    const { etag } = server;
    server.next({ ...answer, headers: { etag: '"wrong"', ...answer.headers } });

    expect(await cycle.turn()).toMatchObject({ kind: 'failed', failure: { code } });
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(cache.stored?.flags).toHaveLength(3);
    expect(await cycle.turn()).toMatchObject({ kind: 'confirmed' });
    expect(sentEtags()).toEqual([undefined, etag, etag]);
  });

  it('F48: with the keys of another project is refused, and nothing of it is stored', async () => {
    let secretKey = server.secretKey;
    const cache = new ScriptedCache();
    const cycle = await loaded({ parts: { cache }, source: { secretKey: () => secretKey } });
    secretKey = 'phs_of_another_project';

    expect(await cycle.turn()).toMatchObject({ failure: { code: 'unauthorized' } });
    expect([keys(), cache.stored?.flags.length]).toEqual([['a', 'b', 'c'], 3]);
  });

  it('F49: without a flag is asked for once more, and dropped when it was a mistake', async () => {
    const cycle = await loaded({ parts: { clock: systemClock } });
    server.definitions = definitionsOf(on('a'), on('b'), on('c'), on('d'));
    server.next({ body: { flags: [] }, headers: { etag: '"nothing"' } });

    expect(await cycle.turn()).toMatchObject({ kind: 'fetched', flagCount: 4 });
    expect(sentEtags().slice(2)).toEqual([undefined]);
    expect(await cycle.turn()).toMatchObject({ kind: 'confirmed' });
  });

  it('F49: without a flag is taken over when the project is empty indeed', async () => {
    const cycle = await loaded({ parts: { clock: systemClock } });
    server.definitions = { flags: [] };

    expect(await cycle.turn()).toMatchObject({ kind: 'fetched', flagCount: 0 });
    expect(keys()).toEqual([]);
    expect(statuses()).toEqual([200, 200, 200]);
  });
});

describe('F47: a source that says when to come back', () => {
  it.each([
    ['as long as it says', '120', 2, 2.2],
    ['no longer than a quarter of an hour', '86400', 15, 16.5],
  ])('is left alone for %s', async (_what, seconds, leastMinutes, mostMinutes) => {
    const cycle = await loaded();
    server.next({ status: 429, headers: { 'retry-after': seconds } });
    await cycle.turn();

    expect(cycle.nextTurnMs).toBeGreaterThanOrEqual(leastMinutes * MINUTE_MS);
    expect(cycle.nextTurnMs).toBeLessThanOrEqual(mostMinutes * MINUTE_MS);
  });

  it('is left alone by the whole fleet', async () => {
    const records = new MemoryRecordStore(clock);
    const [one, other] = [memberOf(records), memberOf(records, new SnapshotStore())];
    await one.turn();
    await other.turn();
    await clock.advance(intervalMs);
    server.next({ status: 503, headers: { 'retry-after': '600' } });
    expect(await one.turn()).toMatchObject({ kind: 'failed' });
    for (let minute = 0; minute < 9; minute += 1) {
      await clock.advance(MINUTE_MS);
      await other.turn();
      await one.turn();
    }
    expect(statuses()).toEqual([200, 503]);
    await clock.advance(2 * MINUTE_MS);
    expect(await other.turn()).toMatchObject({ kind: 'confirmed', role: 'leader' });
  });
});

describe('a source that refuses', () => {
  it('F43: brings the flags back when the quota is back, with the etag of before', async () => {
    const cycle = await loaded();
    server.next({ status: 402, body: { type: 'quota_limited' } });

    expect(await cycle.turn()).toMatchObject({ failure: { code: 'quota-exceeded' } });
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(await cycle.turn()).toMatchObject({ kind: 'fetched', changed: false });
    expect(statuses()).toEqual([200, 402, 200]);
    expect(sentEtags()[2]).toBeUndefined();
  });

  it.each([401, 403])('F46: with %i is asked again for as long as it takes', async (status) => {
    const cycle = await loaded();
    server.next(...Array.from({ length: 20 }, () => ({ status })));
    const waits: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      expect(await cycle.turn()).toMatchObject({ kind: 'failed', failure: { status } });
      waits.push(cycle.nextTurnMs);
    }

    expect(Math.max(...waits)).toBeLessThanOrEqual(5 * MINUTE_MS);
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(await cycle.turn()).toMatchObject({ kind: 'confirmed' });
  });

  it('F46: takes up a key that was rotated at the next fetch', async () => {
    let secretKey = server.secretKey;
    const cycle = await loaded({ source: { secretKey: () => secretKey } });
    server.secretKey = 'phs_rotated';
    expect(await cycle.turn()).toMatchObject({ failure: { code: 'unauthorized' } });
    secretKey = 'phs_rotated';

    expect(await cycle.turn()).toMatchObject({ kind: 'confirmed' });
  });
});

describe('F45: a source that says for an hour that nothing has changed', () => {
  it('keeps the shared copy young, and there for who comes then', async () => {
    const records = new MemoryRecordStore(clock);
    const leader = memberOf(records);
    await leader.turn();
    const ages: number[] = [];
    for (let n = 0; n < 120; n += 1) {
      await clock.advance(intervalMs);
      expect((await leader.turn()).kind).toBe('confirmed');
      ages.push((await records.readHead())?.ageMs ?? Infinity);
    }
    const newcomer = new SnapshotStore();
    const late = await memberOf(records, newcomer).turn();

    expect(Math.max(...ages)).toBe(0);
    expect(late.kind).toBe('read');
    expect(newcomer.current?.keys).toEqual(['a', 'b', 'c']);
    expect(statuses()).toEqual([200, ...Array<number>(120).fill(304)]);
  });
});
