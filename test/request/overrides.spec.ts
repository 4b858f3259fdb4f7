/** Overrides in requests: in code on both platforms, in every way in which a flag is asked for. */
import { Controller, Get, Param } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  FeatureFlag,
  FlagEnabled,
  FlagPayload,
  FlagResult,
  FlagsService,
  FlagVariant,
} from '../../lib/index.js';
import type { FallbackCache, FeatureFlagsModuleOptions, FlagEvaluation } from '../../lib/index.js';
import { definitionsOf, off, on, unresolvable, variant } from '../support/flag-definitions.js';
import { flags as answered, ScriptedRemote } from '../support/scripted-remote.js';
import { closeApps, platforms, startApp } from './platforms.js';

const definitions = definitionsOf(
  off('off'),
  on('on'),
  variant('theme', 'light'),
  unresolvable('open'),
  unresolvable('open-too'),
);

@Controller()
class Shop {
  constructor(private readonly flags: FlagsService) {}

  @FeatureFlag('off')
  @FeatureFlag('theme', { variant: 'dark' })
  @Get('everywhere')
  async everywhere(
    @FlagEnabled('off') enabled: boolean,
    @FlagVariant('theme') theme: string | undefined,
    @FlagPayload('theme') payload: unknown,
    @FlagResult('theme') result: FlagEvaluation,
  ) {
    const { flags } = this;
    return {
      parameters: [enabled, theme, payload, result.origin, result.reason],
      service: [await flags.isEnabled('off'), await flags.variant('theme'), await flags.payload('theme')], // prettier-ignore
      local: [flags.local.isEnabled('off'), flags.local.variant('theme'), flags.local.payload('theme')], // prettier-ignore
      all: (await flags.evaluateAll()).get('theme')?.value,
      allHere: flags.local.evaluateAll(undefined, ['off']).get('off')?.origin,
      forAnother: (await flags.evaluate('theme', { distinctId: 'bob' })).value,
      explained: flags.explain('off').summary,
    };
  }

  @Get('value/:key')
  async value(@Param('key') key: string) {
    const { value, origin } = await this.flags.evaluate(key);
    return [value ?? null, origin];
  }

  /** Asks, overrides, and asks again. */
  @Get('twice')
  twice() {
    const before = this.flags.local.isEnabled('off');
    const undo = this.flags.override({ off: true, on: false });
    const after = [this.flags.local.isEnabled('off'), this.flags.local.isEnabled('on')];
    return [before, ...after, undo === undefined];
  }

  @Get('default')
  byDefault() {
    return this.flags.evaluate('on', undefined, { default: 'blue' });
  }
}

afterEach(closeApps);

const start = (
  platform: (typeof platforms)[number] = 'Express',
  options: Partial<FeatureFlagsModuleOptions> = {},
) =>
  startApp(platform, {
    controllers: [Shop],
    definitions,
    options: { context: () => ({ distinctId: 'ada' }), ...options },
  });

describe.each(platforms)('flags that are overridden in code on %s', (platform) => {
  it('are so in guards, parameters, both faces, all flags and explanations', async () => {
    const { http, flags } = await start(platform);
    await http.get('/everywhere').expect(404);
    const payload = { color: 'black' };
    const undo = flags.override({ off: true, theme: { value: 'dark', payload } });
    const { body } = await http.get('/everywhere').expect(200);
    expect(body).toEqual({
      parameters: [true, 'dark', payload, 'override', 'override'],
      service: [true, 'dark', payload],
      local: [true, 'dark', payload],
      all: 'dark',
      allHere: 'override',
      forAnother: 'dark',
      explained: expect.stringMatching(/^"off" is on: it was overridden in code\. Without that:/),
    });
    undo();
    await http.get('/everywhere').expect(404);
  });

  it('hold from the next request on: one that has asked keeps what it sees', async () => {
    const { http } = await start(platform);
    await http.get('/twice').expect(200, [false, false, true, false]);
    await http.get('/value/off').expect(200, [true, 'override']);
    await http.get('/value/on').expect(200, [false, 'override']);
  });
});

describe('flags that are overridden in code', () => {
  it('are so outside of requests', async () => {
    const { flags } = await start();
    flags.override({ off: true, unheard: 'of' });
    expect(flags.local.evaluate('off')).toMatchObject({ value: true, origin: 'override' });
    expect(await flags.variant('unheard', { distinctId: 'ada' })).toBe('of');
    expect([...flags.local.evaluateAll().keys()]).toContain('unheard');
  });

  it('are counted by the status and named by the log, without their values', async () => {
    const { flags, log } = await start();
    const first = flags.override({ theme: 'canary-value', off: true });
    const second = flags.override({ theme: { value: 'dark', payload: 'canary-payload' } });
    expect(flags.status().overrideCount).toBe(2);
    first();
    expect(flags.status().overrideCount).toBe(1);
    second();
    expect(flags.status().overrideCount).toBe(0);
    const lines = log.logged.filter((line) => /overridden/i.test(line));
    expect(lines).toEqual([
      'Overridden in code: theme, off.',
      'Overridden in code: theme.',
      'Nothing is overridden in code any more.',
    ]);
  });

  it('do not fill the log when every request overrides', async () => {
    const { flags, log } = await start();
    for (let request = 0; request < 1_000; request += 1) flags.override({ off: true })();
    expect(log.logged.filter((line) => /overridden/i.test(line)).length).toBeLessThan(20);
  });

  it('and away get the default of who asks', async () => {
    const { http, flags } = await start();
    flags.override({ on: undefined });
    const { body } = await http.get('/default').expect(200);
    expect(body).toMatchObject({ value: 'blue', origin: 'default', reason: 'unknown_flag' });
  });

  it('wrongly are told with all mistakes', async () => {
    const { flags } = await start();
    expect(() => flags.override({ a: 1, b: null } as never)).toThrow(
      /^FlagsService\.override: 2 things are wrong\.\n {2}1\. a: got a number.*\n {2}2\. b: got null/,
    );
  });
});

describe('where PostHog could be asked', () => {
  class KeptAnswers implements FallbackCache {
    readonly description = 'the test';
    readonly written: string[] = [];
    read = () => new Map();
    write = (_person: string, answers: readonly { key: string }[]) => {
      this.written.push(...answers.map(({ key }) => key));
    };
    clear = () => undefined;
  }

  const startWith = async (options: Partial<FeatureFlagsModuleOptions> = {}) => {
    const remote = new ScriptedRemote();
    remote.answer = () => answered({ open: true, 'open-too': true, off: true });
    const fallbackCache = new KeptAnswers();
    const started = await start('Express', { remote, fallbackCache, ...options }); // prettier-ignore
    return { ...started, remote, fallbackCache };
  };

  it('an overridden flag is not asked for, nor kept in the fallback cache', async () => {
    const { http, flags, remote, fallbackCache } = await startWith();
    flags.override({ open: false, 'open-too': undefined });
    await http.get('/value/open').expect(200, [false, 'override']);
    await http.get('/value/open-too').expect(200, [null, 'override']);
    expect(await flags.isEnabled('open', { distinctId: 'bob' })).toBe(false);
    const all = await flags.evaluateAll({ distinctId: 'bob' });
    expect(all.get('open')?.origin).toBe('override');
    expect(remote.questions).toEqual([]);
    expect(fallbackCache.written).toEqual([]);
  });

  it('the others are asked for among all flags, and are not overridden', async () => {
    const { flags, remote, fallbackCache } = await startWith();
    flags.override({ open: false });
    const all = await flags.evaluateAll({ distinctId: 'bob' });
    expect(remote.questions.map(({ keys }) => keys)).toEqual([['open-too']]);
    expect(all.get('open')?.value).toBe(false);
    expect(all.get('open-too')).toMatchObject({ value: true, origin: 'remote' });
    expect(fallbackCache.written).toContain('open-too');
  });

  it('the server that gives all flags, for want of definitions, gives no overridden one', async () => {
    const source = { description: 'none', fetch: () => Promise.reject(new Error('no source')) };
    const { flags, remote } = await startWith({ source, initialLoadTimeoutMs: 0 });
    flags.override({ open: false, 'open-too': undefined });
    const all = await flags.evaluateAll({ distinctId: 'bob' });
    expect(remote.questions).toHaveLength(1);
    expect(Object.fromEntries([...all].map(([key, { value, origin }]) => [key, [value, origin]]))).toEqual({ open: [false, 'override'], off: [true, 'remote'] }); // prettier-ignore
  });
});
