/** The module as an app configures it, where what is around it is slow, away, or there twice. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MemoryRecordStore } from '../lib/core/cache/memory-record-store.js';
import {
  claimed,
  type CoordinationFactory,
  type CoordinationParts,
} from '../lib/core/coordination/coordination-factory.js';
import { systemClock } from '../lib/core/time/clock.js';
import {
  FeatureFlagsModule,
  FileDefinitionSource,
  FlagsService,
  StaticDefinitionSource,
} from '../lib/index.js';
import type { FeatureFlagsModuleOptions } from '../lib/index.js';
import { freePort } from './setup/free-port.mjs';
import { definitionsOf, on } from './support/flag-definitions.js';
import { KeptLog } from './support/kept-log.js';
import { MutableSource } from './support/mutable-source.js';

const source = new StaticDefinitionSource(definitionsOf(on('a')));
const apps: INestApplicationContext[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function start(options: Partial<FeatureFlagsModuleOptions>): Promise<FlagsService> {
  const module = await Test.createTestingModule({
    imports: [FeatureFlagsModule.forRoot({ source, logger: new KeptLog(), ...options })],
  }).compile();
  apps.push(module);
  await module.init();
  return module.get(FlagsService);
}

const ada = { distinctId: 'ada' };

describe('F02: a claim', () => {
  it.each([10, 1_000, 60_000])(
    'outlives a fetch and the two calls of the cache after it, with cacheTimeoutMs %i',
    async (cacheTimeoutMs) => {
      let given: CoordinationParts | undefined;
      const coordination: CoordinationFactory = (parts) => {
        given = parts;
        return claimed()(parts);
      };
      const records = new MemoryRecordStore(systemClock);
      await start({ cache: { records, coordination } as never, cacheTimeoutMs });

      const longestFetchMs = 10_000;
      expect(given?.leaseMs).toBeGreaterThanOrEqual(longestFetchMs + 2 * cacheTimeoutMs);
    },
  );
});

describe('F30: a Redis that is not there', () => {
  it('keeps no app from starting, with its flags, and says so', async () => {
    const logger = new KeptLog();
    const cache = `redis://127.0.0.1:${await freePort()}`;
    const flags = await start({ cache, logger });

    expect(flags.status()).toMatchObject({ ready: true, state: 'solo' });
    expect(flags.local.isEnabled('a', ada)).toBe(true);
    expect(logger.warned.join()).toContain('starting → solo');
  });
});

describe('F70: two configurations of the module in one process', () => {
  it('as two apps poll for themselves, and the end of one leaves the other alone', async () => {
    const [one, other] = [new MutableSource(), new MutableSource()];
    const polling = { intervalMs: 100, jitter: 0 };
    await start({ source: one, polling });
    const flags = await start({ source: other, polling });
    await apps.shift()?.close();
    other.definitions = definitionsOf(on('later'));
    await flags.refresh();

    expect([one.closed, other.closed]).toEqual([1, 0]);
    expect(flags.local.isEnabled('later', ada)).toBe(true);
  });

  it('with one shared store fetch as one fleet', async () => {
    const records = new MemoryRecordStore(systemClock);
    const sources = [1, 2, 3].map(() => new MutableSource(definitionsOf(on('a'))));
    for (const each of sources) {
      const flags = await start({ source: each, cache: { records } as never });
      expect(flags.local.isEnabled('a', ada)).toBe(true);
    }

    expect(sources.map(({ fetches }) => fetches)).toEqual([1, 0, 0]);
  });
});

describe('F30: a Redis that is not there, and no source either', () => {
  it('are told once each, also when the app ends', async () => {
    const logger = new KeptLog();
    const cache = `redis://127.0.0.1:${await freePort()}`;
    const missing = new FileDefinitionSource('no-such-file.json');
    await start({ cache, source: missing, logger, polling: { enabled: false } });
    await apps.splice(0)[0]?.close();

    expect(logger.warned).toEqual([
      expect.stringMatching(/^The definition cache cannot say who fetches\. .*No flags are loaded yet\.$/), // prettier-ignore
    ]);
    expect(logger.failed).toEqual([expect.stringContaining('no-such-file.json')]);
  });
});
