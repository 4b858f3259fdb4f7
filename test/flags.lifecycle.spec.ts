import { Injectable, Module } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { MemoryDefinitionCache } from '../lib/core/cache/memory-definition-cache.js';
import { CLOCK } from '../lib/feature-flags.tokens.js';
import { FeatureFlagsModule, FlagsService, POLLER_NAME } from '../lib/index.js';
import type { DefinitionsChanged, FeatureFlagsModuleOptions, FlagsEvent } from '../lib/index.js';
import { ManualClock } from '../lib/testing.js';
import { KeptLog } from './support/kept-log.js';
import { ScriptedSource, definitions, failed, never } from './support/scripted-source.js';

const running: TestingModule[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((module) => module.close()));
});

async function compile(
  options: Partial<FeatureFlagsModuleOptions> & { readonly source: ScriptedSource },
  ...imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>
) {
  const clock = new ManualClock();
  const log = new KeptLog();
  const flagsModule = FeatureFlagsModule.forRoot({ logger: log, ...options });
  const module = await Test.createTestingModule({ imports: [...imports, flagsModule] })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  running.push(module);
  return { module, clock, log, flags: module.get(FlagsService) };
}

const ada = { distinctId: 'ada' };
const steady = { jitter: 0 };

describe('the start of an app', () => {
  it('waits for the first definitions, so that every later hook can ask for flags', async () => {
    const asked: boolean[] = [];

    @Injectable()
    class Eager implements OnModuleInit {
      constructor(private readonly flags: FlagsService) {}

      onModuleInit() {
        asked.push(this.flags.local.isEnabled('a', ada));
      }
    }

    @Module({ providers: [Eager] })
    class EagerModule {}
    const { module, log } = await compile({ source: new ScriptedSource() }, EagerModule);
    await module.init();
    expect(asked).toEqual([true]);
    expect(log.warned).toEqual([]);
    expect(log.logged).toEqual([
      expect.stringMatching(/^No cache is configured/),
      expect.stringContaining('loaded from the scripted source'),
    ]);
  });

  it('does not wait longer than initialLoadTimeoutMs, says what that means, and goes on', async () => {
    let answer = (_with: ReturnType<typeof definitions>): void => undefined;
    const source = new ScriptedSource(() => new Promise((resolve) => (answer = resolve)));
    const { module, clock, log, flags } = await compile({ source, initialLoadTimeoutMs: 500 });
    let isStarted = false;
    const starting = module.init().then(() => (isStarted = true));
    await clock.advance(499);
    expect(isStarted).toBe(false);
    await clock.advance(1);
    await starting;
    expect(log.failed).toEqual([
      "The app starts without flag definitions: the scripted source has given none within 500 ms. Until they are loaded every flag is unresolved (not_ready), and guarded routes are refused unless they say whenUnresolved: 'allow'. Loading goes on.",
    ]);
    expect(flags.local.evaluate('a', ada)).toMatchObject({ value: undefined, reason: 'not_ready' });
    expect(flags.status().ready).toBe(false);

    answer(definitions(['a']));
    await clock.advance(1);
    expect(flags.local.isEnabled('a', ada)).toBe(true);
    expect(source.requests).toHaveLength(1);
    expect(log.logged).toEqual([
      expect.stringMatching(/^No cache is configured/),
      expect.stringContaining('loaded from the scripted source'),
    ]);
  });

  it('does not wait at all for a source that has failed already', async () => {
    const source = new ScriptedSource(failed('unauthorized')).reply(failed('unauthorized'));
    const { module, clock, log, flags } = await compile({ source });
    await module.init();
    expect(clock.monotonicMs()).toBe(0);
    expect(log.failed).toEqual([
      expect.stringContaining('The app starts without flag definitions: It failed: unauthorized.'),
    ]);
    source.always = definitions(['a']);
    await clock.advance(60_000);
    expect(flags.local.isEnabled('a', ada)).toBe(true);
  });

  it('starts nothing when it is compiled but never initialised', async () => {
    const source = new ScriptedSource();
    const { module, clock } = await compile({ source });
    await clock.advance(60_000);
    await module.close();
    expect(source.requests).toHaveLength(0);
  });
});

describe('polling', () => {
  it.each([
    ['without ScheduleModule', []],
    ['with ScheduleModule.forRoot() of the app', [ScheduleModule.forRoot()]],
  ])('refreshes every intervalMs, %s', async (_how, imports) => {
    const source = new ScriptedSource();
    const polling = { intervalMs: 1_000, ...steady };
    const { module, clock, flags } = await compile({ source, polling }, ...imports);
    await module.init();
    expect(source.requests).toHaveLength(1);
    source.always = definitions(['a', 'b']);
    await clock.advance(999);
    expect(flags.local.isEnabled('b', ada)).toBe(false);
    await clock.advance(1);
    expect(flags.local.isEnabled('b', ada)).toBe(true);
    await clock.advance(3_000);
    expect(source.requests).toHaveLength(5);
  });

  it('goes ahead of its time when the source or the cache hints at a change', async () => {
    let hintOfSource = (): void => undefined;
    let hintOfCache = (): void => undefined;
    const source = Object.assign(new ScriptedSource(), {
      watch: (onChanged: () => void) => {
        hintOfSource = onChanged;
        return () => undefined;
      },
    });
    const cache = Object.assign(new MemoryDefinitionCache(), {
      watch: (onChanged: () => void) => {
        hintOfCache = onChanged;
        return () => undefined;
      },
    });
    const { module, clock, flags } = await compile({ source, cache });
    await module.init();
    for (const [key, hint] of [
      ['b', () => hintOfSource()],
      ['c', () => hintOfCache()],
    ] as const) {
      source.always = definitions([key]);
      hint();
      await clock.advance(1_000);
      expect(flags.local.isEnabled(key, ada)).toBe(true);
    }
  });

  it('is off with polling.enabled: false; the flags are refreshed on demand', async () => {
    const source = new ScriptedSource();
    const { module, clock, flags } = await compile({ source, polling: { enabled: false } });
    await module.init();
    await clock.advance(600_000);
    expect(source.requests).toHaveLength(1);
    source.always = definitions(['b']);
    expect(await flags.refresh()).toMatchObject({ kind: 'fetched', changed: true });
    expect(flags.local.isEnabled('b', ada)).toBe(true);
  });

  it("stands in the app's SchedulerRegistry, and leaves the app's own jobs alone", async () => {
    let runs = 0;

    @Injectable()
    class Jobs {
      @Interval('job', 20)
      job() {
        runs += 1;
        done();
      }
    }

    @Module({ providers: [Jobs] })
    class JobsModule {}
    let done = (): void => undefined;
    const firstRun = new Promise<void>((resolve) => (done = resolve));
    const { module } = await compile(
      { source: new ScriptedSource() },
      ScheduleModule.forRoot(),
      JobsModule,
    );
    await module.init();
    const registry = module.get(SchedulerRegistry, { strict: false });
    expect(registry.getIntervals().sort()).toEqual(['job', POLLER_NAME].sort());
    await firstRun;
    // A job that is registered twice would run twice in this turn of the timers.
    await setImmediate();
    expect(runs).toBe(1);
    const modules = [...module.get(ModulesContainer, { strict: false }).values()];
    expect(modules.filter(({ metatype }) => metatype === ScheduleModule)).toHaveLength(1);
    await module.close();
    expect(registry.getIntervals()).toEqual([]);
  });
});

describe('the shutdown of an app', () => {
  it('begins no turn, ends the one in flight, closes source and cache, and tells who waits', async () => {
    const source = new ScriptedSource().reply(definitions(['a']));
    let closedCaches = 0;
    const cache = {
      getFlagDefinitions: () => undefined,
      shouldFetchFlagDefinitions: () => true,
      onFlagDefinitionsReceived: () => undefined,
      shutdown: () => {
        closedCaches += 1;
      },
    };
    const polling = { intervalMs: 1_000, ...steady };
    const { module, clock, flags } = await compile({ source, cache, polling });
    await module.init();
    const completed = new Promise<void>((resolve) =>
      flags.changes.subscribe({ complete: resolve }),
    );

    let given: AbortSignal | undefined;
    source.always = ({ signal }) => {
      given = signal;
      return never();
    };
    await clock.advance(1_000);
    expect(given?.aborted).toBe(false);
    await module.close();
    expect(given?.aborted).toBe(true);
    await completed;
    expect([source.closed, closedCaches, clock.timers]).toEqual([1, 1, 0]);

    await clock.advance(60_000);
    expect(source.requests).toHaveLength(2);
    expect(await flags.refresh()).toMatchObject({ kind: 'closed' });
    // Others may still be answering their last requests.
    expect(flags.local.isEnabled('a', ada)).toBe(true);
  });

  it('ends the wait of whenReady', async () => {
    const source = new ScriptedSource(() => never());
    const { module, flags } = await compile({ source, initialLoadTimeoutMs: 0 });
    const waiting = flags.whenReady();
    await module.close();
    expect(await waiting).toBe(false);
    expect(await flags.whenReady()).toBe(false);
  });

  it('leaves the flags to other modules until these are done', async () => {
    const seen: boolean[] = [];

    @Injectable()
    class Late implements OnModuleDestroy {
      constructor(private readonly flags: FlagsService) {}

      onModuleDestroy() {
        seen.push(this.flags.local.isEnabled('a', ada));
      }
    }

    @Module({ providers: [Late] })
    class LateModule {}
    const { module } = await compile({ source: new ScriptedSource() }, LateModule);
    await module.init();
    await module.close();
    expect(seen).toEqual([true]);
  });
});

describe('who listens', () => {
  it('is told of every change, and of every event by the observers; one that throws hurts nobody', async () => {
    const events: FlagsEvent['type'][] = [];
    const broken = {
      onEvent() {
        throw new Error('broken observer');
      },
    };
    const observer = { onEvent: (event: FlagsEvent) => void events.push(event.type) };
    const source = new ScriptedSource();
    const { module, flags, log } = await compile({
      source,
      observers: [broken, observer],
      polling: { enabled: false },
    });
    const changes: DefinitionsChanged[] = [];
    flags.changes.subscribe((change) => changes.push(change));
    await module.init();
    source.always = definitions(['b']);
    await flags.refresh();
    await flags.refresh();
    expect(changes).toEqual([
      expect.objectContaining({ previousRevision: undefined, added: ['a'], flagCount: 1 }),
      expect.objectContaining({ added: ['b'], removed: ['a'] }),
    ]);
    expect(events).toEqual([
      'definitions-changed',
      'health-changed',
      'turn-finished',
      'definitions-changed',
      'turn-finished',
      'turn-finished',
    ]);
    expect(log.failed).toEqual([
      'The observer Object threw: broken observer Its further errors are not told; the flags are not affected.',
    ]);
  });

  it('waits for the flags with whenReady, as long as it likes', async () => {
    const source = new ScriptedSource(failed('network'));
    const { module, clock, flags } = await compile({ source });
    await module.init();
    const patient = flags.whenReady();
    const hasty = flags.whenReady(10);
    await clock.advance(10);
    expect(await hasty).toBe(false);
    source.always = definitions(['a']);
    await clock.advance(120_000);
    expect(await patient).toBe(true);
    expect(await flags.whenReady(0)).toBe(true);
  });
});
