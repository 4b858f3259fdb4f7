/** Each state of an instance, reached through the whole module, and left again. */
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { CLOCK } from '../lib/feature-flags.tokens.js';
import { FeatureFlagsModule, FlagsService } from '../lib/index.js';
import type { FeatureFlagsModuleOptions, FlagsStatus } from '../lib/index.js';
import { ManualClock } from '../lib/testing.js';
import { KeptLog } from './support/kept-log.js';
import { ScriptedCache } from './support/scripted-cache.js';
import {
  definitions,
  documentOf,
  failed,
  never,
  ScriptedSource,
} from './support/scripted-source.js';

const INTERVAL_MS = 30_000;
const ada = { distinctId: 'ada' };

let clock: ManualClock;
let source: ScriptedSource;
let cache: ScriptedCache;
let log: KeptLog;
let module: TestingModule;
let starting: Promise<unknown>;
let flags: FlagsService;

beforeEach(() => {
  clock = new ManualClock();
  source = new ScriptedSource(definitions(['a'], '"1"'));
  cache = new ScriptedCache();
  log = new KeptLog();
});

afterEach(() => module.close());

/** Starts the app, and lets time pass: as much as the start may take, or less. */
async function start(options: Partial<FeatureFlagsModuleOptions> = {}, ms = 3_000): Promise<void> {
  const all = { source, cache, logger: log, polling: { intervalMs: INTERVAL_MS }, ...options };
  module = await Test.createTestingModule({ imports: [FeatureFlagsModule.forRoot(all)] })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  starting = module.init();
  flags = module.get(FlagsService);
  await clock.advance(ms);
  if (ms === 3_000) await starting;
}

const pass = (ms: number): Promise<void> => clock.advance(ms);
const status = (): FlagsStatus => flags.status();
const refuse = (): never => {
  throw new Error('No connection.');
};

describe('the state', () => {
  it('is starting until there are definitions, or the time for them is over', async () => {
    source.always = never;
    await start({}, 2_999);
    expect(status()).toMatchObject({ state: 'starting', ready: false, role: undefined });
    await clock.advance(1);
    await starting;
    expect(status().state).toBe('empty');
  });

  it('is empty while no source has given any, and evaluation answers all the same', async () => {
    source.always = failed('timeout');
    await start();
    await pass(3_000);
    expect(status()).toMatchObject({
      state: 'empty',
      ready: false,
      revision: undefined,
      lastError: { where: 'source', code: 'timeout', isOver: false },
    });
    expect(flags.local.evaluate('a', ada).reason).toBe('not_ready');
    source.always = definitions(['a']);
    await pass(INTERVAL_MS);
    expect(status().state).toBe('fresh');
  });

  it('is fresh while somebody confirms them', async () => {
    await start();
    await pass(10 * INTERVAL_MS);
    expect(status()).toMatchObject({ state: 'fresh', role: 'leader', lastError: undefined });
    expect(status().ageMs).toBeLessThan(1.2 * INTERVAL_MS);
  });

  it('is stale when three refreshes in a row have not confirmed them, and expired after an hour', async () => {
    await start();
    source.always = failed('server-error');
    await pass(2 * INTERVAL_MS);
    expect(status()).toMatchObject({ state: 'fresh', lastError: { code: 'server-error' } });
    await pass(INTERVAL_MS + 3_000);
    expect(status()).toMatchObject({ state: 'stale', lastOutcome: { kind: 'failed' } });
    await pass(3_600_000);
    expect(status()).toMatchObject({ state: 'expired', ready: true });
    expect(flags.local.isEnabled('a', ada)).toBe(true);
    expect(log.warned.filter((line) => line.startsWith('fresh → stale after'))).toHaveLength(1);
    expect(log.failed).toEqual([expect.stringMatching(/^stale → expired after \d+ min: /)]);
  });

  it('is solo while the cache does not answer', async () => {
    await start();
    cache.faults.should = refuse;
    await pass(2 * INTERVAL_MS);
    expect(status()).toMatchObject({
      state: 'solo',
      ready: true,
      lastError: { where: 'cache', code: 'shouldFetch', message: 'No connection.', isOver: false },
    });
    expect(log.warned).toEqual([expect.stringMatching(/^fresh → solo after .* No connection\.$/)]);
    delete cache.faults.should;
    await pass(2 * INTERVAL_MS);
    expect(status()).toMatchObject({ state: 'fresh', lastError: { isOver: true } });
    expect(log.logged.at(-1)).toMatch(/^solo → fresh after /);
  });

  it('knows the role of one that fetches for itself', async () => {
    cache.faults.should = refuse;
    await start();
    expect(status()).toMatchObject({ state: 'solo', role: 'solo', cache: 'ScriptedCache' });
  });

  it.each(['unauthorized', 'forbidden', 'quota-exceeded'] as const)(
    'is denied while the source refuses: %s',
    async (code) => {
      await start();
      source.always = failed(code);
      await pass(2 * INTERVAL_MS);
      expect(status()).toMatchObject({ state: 'denied', ready: true, lastError: { code } });
      expect(flags.local.isEnabled('a', ada)).toBe(true);
      expect(log.failed).toEqual([
        expect.stringMatching(new RegExp(`^fresh → denied after .* It failed: ${code}\\.$`)),
      ]);
      source.always = definitions(['b']);
      await pass(330_000);
      expect(status().state).toBe('fresh');
    },
  );

  it('is poisoned when the source gives what is no definitions document', async () => {
    await start();
    source.always = { kind: 'definitions', body: { hello: 'world' } };
    await pass(2 * INTERVAL_MS);
    expect(status()).toMatchObject({
      state: 'poisoned',
      lastError: { where: 'source', code: 'invalid-definitions' },
    });
    expect(log.failed).toEqual([expect.stringMatching(/^fresh → poisoned after /)]);
    expect(flags.local.isEnabled('a', ada)).toBe(true);
  });

  it('is poisoned when the cache does', async () => {
    cache.leads = false;
    cache.stored = documentOf(['a']);
    await start();
    expect(status()).toMatchObject({ state: 'fresh', role: 'follower' });
    cache.faults.read = () => ({ flags: 'none' });
    await pass(2 * INTERVAL_MS);
    expect(status()).toMatchObject({
      state: 'poisoned',
      lastError: { where: 'cache', code: 'invalid-definitions' },
    });
    expect(log.failed).toHaveLength(1);
  });
});

it('an observer hears of each change of the state, between the outcome and the log', async () => {
  const heard: string[] = [];
  await start({
    observers: [{ onEvent: (event) => heard.push(event.type === 'health-changed' ? event.to : event.type) }], // prettier-ignore
  });
  source.always = failed('unauthorized');
  await pass(2 * INTERVAL_MS);
  expect(heard.filter((type) => type !== 'turn-finished')).toEqual([
    'definitions-changed',
    'fresh',
    'denied',
  ]);
});

it('a fleet that nobody counts is this instance alone, and says so', async () => {
  await start();
  const view = await flags.fleet();
  expect(view).toMatchObject({ complete: false, incomplete: 'cache-cannot-tell', agrees: false });
  expect(view.instances).toMatchObject([{ instance: status().instance, isThis: true }]);
  const waited = flags.waitForConvergence(status().revision ?? 0, { timeoutMs: 1_000 });
  expect(await waited).toMatchObject({ converged: false, endedBy: 'fleet-unknown' });
});
