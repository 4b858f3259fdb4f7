/** An app that starts where a copy lies that it cannot read: what it says of itself, and does. */
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { sealed, type RecordCodec } from '../lib/caches.js';
import { MemoryRecordStore } from '../lib/core/cache/memory-record-store.js';
import { CLOCK } from '../lib/feature-flags.tokens.js';
import { FeatureFlagsModule, FlagsService } from '../lib/index.js';
import { ManualClock } from '../lib/testing.js';
import { KeptLog } from './support/kept-log.js';
import { definitions, notModified, ScriptedSource } from './support/scripted-source.js';

const INTERVAL_MS = 30_000;
const sealedWith = (letter: string): RecordCodec =>
  sealed({ keys: [{ id: 'one', secret: letter.repeat(32) }] });

let clock: ManualClock;
let records: MemoryRecordStore;
let source: ScriptedSource;
let modules: TestingModule[];

beforeEach(() => {
  clock = new ManualClock();
  records = new MemoryRecordStore(clock);
  source = new ScriptedSource();
  now(['a'], '"1"');
  modules = [];
});

afterEach(async () => {
  for (const module of modules) await module.close();
});

function now(keys: readonly string[], etag: string): void {
  source.always = (request) =>
    request.etag === etag ? notModified(etag) : definitions(keys, etag);
}

async function start(codecs: readonly RecordCodec[]) {
  const log = new KeptLog();
  const options = { source, cache: { records, codecs }, logger: log };
  const module = await Test.createTestingModule({
    imports: [FeatureFlagsModule.forRoot({ ...options, polling: { intervalMs: INTERVAL_MS } })],
  })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  modules.push(module);
  const starting = module.init();
  await clock.advance(5_000);
  await starting;
  const flags = module.get(FlagsService);
  const alarms = (): readonly string[] => [...log.warned, ...log.failed];
  return { module, flags, log, alarms };
}

describe.each<[string, readonly RecordCodec[], RegExp]>([
  ['is sealed with another secret', [sealedWith('b')], /different secrets under one key id/],
  ['has codecs that are unknown here', [], /lies there as json\+sealed/],
])('a copy that %s', (_what, codecs, why) => {
  it('is told as refused at the start, once, and not as a cache that does not answer', async () => {
    await start([sealedWith('a')]);
    const { flags, log, alarms } = await start(codecs);
    await clock.advance(10_000);

    expect(flags.status()).toMatchObject({
      ready: true,
      lastError: {
        where: 'cache',
        code: 'invalid-definitions',
        message: expect.stringMatching(why),
      },
    });
    expect(alarms()).toEqual([expect.stringMatching(/^starting → poisoned after /)]);
    expect(alarms()[0]).toMatch(why);
    expect(
      [...log.logged, ...log.warned].filter((line) => /works again|does not answer/.test(line)),
    ).toEqual([]);
  });
});

describe('an instance that has fetched for itself because the copy is refused', () => {
  it('stays poisoned while it cannot read it, and says so once', async () => {
    await start([sealedWith('a')]);
    const { flags, alarms } = await start([]);
    // Nobody else could: this one would publish in its own way as soon as it led.
    records.publish = async () => false;
    for (let n = 0; n < 24; n += 1) {
      await clock.advance(5_000);
      expect(flags.status()).toMatchObject({ state: 'poisoned', lastError: { isOver: false } });
    }
    expect(alarms().filter((line) => line.includes('poisoned'))).toHaveLength(1);
  });

  it('is fresh again when one lies there that it can read', async () => {
    const other = await start([sealedWith('a')]);
    const { flags, log } = await start([]);
    expect(flags.status().state).toBe('poisoned');
    await other.module.close();
    modules.shift();
    await start([]);
    now(['b'], '"2"');
    await clock.advance(3 * INTERVAL_MS);
    expect(flags.status()).toMatchObject({ state: 'fresh', lastError: { isOver: true } });
    expect(log.logged).toContainEqual(expect.stringMatching(/^poisoned → fresh after /));
  });
});
