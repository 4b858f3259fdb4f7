/** Requests whose flags only PostHog can decide: over real HTTP, with `/flags` behind. */
import { Controller, Get } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  FeatureFlag,
  FlagEnabled,
  FlagResult,
  FlagsService,
  PostHogRemoteEvaluator,
} from '../../lib/index.js';
import type { FeatureFlagsModuleOptions, FlagEvaluation } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { definitionsOf, on, unresolvable } from '../support/flag-definitions.js';
import { KeptLog } from '../support/kept-log.js';
import { planted } from '../support/planted.js';
import { RedisServer } from '../support/redis-server.js';
import { closeApps, platforms, startApp } from './platforms.js';

@Controller()
class Shop {
  constructor(private readonly flags: FlagsService) {}

  @FeatureFlag('open')
  @Get('guarded')
  guarded() {
    return this.flags.local.evaluate('open');
  }

  @FeatureFlag({ all: ['open', 'open-too'] })
  @FeatureFlag('on')
  @FeatureFlag({ any: ['on', 'fourth'] })
  @Get('several')
  several(@FlagEnabled('open') open: boolean, @FlagResult('third') third: FlagEvaluation) {
    return [open, third.value, third.origin];
  }

  @FeatureFlag('on')
  @Get('local')
  local(@FlagEnabled('on') isOn: boolean) {
    return [isOn];
  }

  @FeatureFlag({ any: ['open', 'on'] })
  @Get('any')
  any() {
    return [];
  }

  @FeatureFlag({ all: ['open', { not: 'on' }] })
  @Get('none')
  none() {
    return [];
  }

  @Get('at-once')
  atOnce() {
    const { flags } = this;
    const soon = async () => {
      await Promise.resolve();
      return (await this.isThird()) ? 'blue' : undefined;
    };
    const open = flags.isEnabled('open');
    return Promise.all([open, flags.isEnabled('open-too'), flags.variant('open-too'), soon()]).then(
      ([first, second, third, fourth]) => [first, second, third, fourth === 'blue'],
    );
  }

  /** As a service would be that looks up something first. */
  private async isThird(): Promise<boolean> {
    await Promise.resolve();
    return this.flags.isEnabled('third');
  }

  @Get('all')
  async all() {
    const all = await this.flags.evaluateAll();
    return Object.fromEntries(
      [...all].map(([key, { value, origin }]) => [key, [value ?? null, origin]]),
    );
  }

  @FeatureFlag('open')
  @Get('guarded-all')
  async guardedAll() {
    const all = await this.flags.evaluateAll();
    const after = this.flags.local.evaluate('third');
    return [all.get('open')?.origin, after.origin];
  }

  @Get('default')
  async byDefault() {
    return this.flags.evaluate('open', undefined, { default: 'blue' });
  }
}

/** The flags of each question, in order. */
function keysAsked(): unknown[] {
  return posthog.flagRequests.map(({ body }) => Reflect.get(Object(body), 'flag_keys_to_evaluate'));
}

let posthog: DefinitionsServer;
let log: KeptLog;

beforeEach(async () => {
  posthog = await new DefinitionsServer().start();
  posthog.flags = () => ({ body: { flags: answers } });
  log = new KeptLog();
});

afterEach(async () => {
  await closeApps();
  await posthog.close();
});

/** The same for all instances. */
const definitions = definitionsOf(
  on('on'),
  unresolvable('open'),
  unresolvable('open-too'),
  unresolvable('third'),
  unresolvable('fourth'),
);

const answers = {
  open: { enabled: true, reason: { code: 'condition_match', condition_index: 3 } },
  'open-too': { enabled: true, variant: 'blue' },
  third: { enabled: false },
};

/** Patient, for a busy machine is not to be taken for a server that hangs. */
function remoteWith(timeoutMs = 30_000): PostHogRemoteEvaluator {
  const { host, projectApiKey } = posthog;
  return new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs });
}

function start(
  platform: (typeof platforms)[number],
  options: Partial<FeatureFlagsModuleOptions> = {},
) {
  return startApp(platform, {
    controllers: [Shop],
    definitions,
    options: {
      context: () => ({
        distinctId: planted.distinctId,
        personProperties: { email: planted.value },
      }),
      remote: remoteWith(),
      cacheTimeoutMs: 30_000,
      logger: log,
      ...options,
    },
  });
}

describe.each(platforms)('a request on %s', (platform) => {
  it('passes a guard by what PostHog has decided, and sees the same everywhere', async () => {
    const { http } = await start(platform);
    const { body } = await http.get('/guarded').expect(200);
    expect(body).toMatchObject({ value: true, origin: 'remote', conditionIndex: 3 });
    expect(posthog.flagRequests).toHaveLength(1);
  });

  it('asks for all flags of its gates and its parameters in one question', async () => {
    const { http } = await start(platform);
    await http.get('/several').expect(200, [true, false, 'remote']);
    expect(keysAsked()).toEqual([['fourth', 'open', 'open-too', 'third']]);
  });

  it('asks in one question for what its handler wants to know at the same time', async () => {
    const { http } = await start(platform);
    await http.get('/at-once').expect(200, [true, true, 'blue', false]);
    expect(keysAsked()).toEqual([['open', 'open-too', 'third']]);
  });

  it.each(['any', 'none'])('asks nothing where what is decided here decides: %s', async (route) => {
    const { http } = await start(platform);
    await http.get(`/${route}`).expect(route === 'any' ? 200 : 404);
    expect(posthog.flagRequests).toEqual([]);
  });

  it('asks nothing where all is decided here', async () => {
    const { http } = await start(platform);
    await http.get('/local').expect(200, [true]);
    expect(posthog.flagRequests).toEqual([]);
  });

  it('evaluates all flags with one question, for those that are not decided here', async () => {
    const { http } = await start(platform);
    await http.get('/all').expect(200, {
      on: [true, 'local'],
      open: [true, 'remote'],
      'open-too': ['blue', 'remote'],
      third: [false, 'remote'],
      fourth: [null, 'local'],
    });
    expect(posthog.flagRequests).toHaveLength(1);
  });
});

describe('all flags of a request', () => {
  it('are those that its guard has seen, are not asked for twice, and stand for the rest of it', async () => {
    const { http } = await start('Express');
    await http.get('/guarded-all').expect(200, ['remote', 'remote']);
    expect(keysAsked()).toEqual([['open'], ['fourth', 'open-too', 'third']]);
  });
});

describe('when PostHog cannot be asked', () => {
  it.each([
    ['fails', { status: 503 }],
    ['says nothing', { fault: 'no-headers' }],
    ['speaks nonsense', { body: '<html>' }],
    ['breaks off', { fault: 'cut', body: { flags: answers } }],
    ['has no quota left', { body: { flags: {}, quotaLimited: ['feature_flags'] } }],
  ] as const)(
    'because it %s, a guard refuses, and the default is the last word',
    async (_what, scripted) => {
      posthog.flags = () => scripted;
      const isSilent = 'fault' in scripted && scripted.fault === 'no-headers';
      const { http } = await start('Express', isSilent ? { remote: remoteWith(300) } : {});
      await http.get('/guarded').expect(404);
      const { body } = await http.get('/default').expect(200);
      expect(body).toMatchObject({ value: 'blue', variant: 'blue', origin: 'default' });
      expect(log.warned.filter((line) => line.includes('decided remotely'))).toHaveLength(1);
    },
  );

  it('the last known answer is served, and the log says when it began and ended', async () => {
    const { http } = await start('Express', { fallbackCache: 'memory://local/?ttl=300' });
    await http.get('/guarded').expect(200);
    posthog.flags = () => ({ status: 500 });
    const { body } = await http.get('/guarded').expect(200);
    expect(body).toMatchObject({ value: true, origin: 'fallback-cache' });
    posthog.flags = () => ({ body: { flags: answers } });
    await http.get('/guarded').expect(200);
    expect(log.logged.filter((line) => line.includes('decided remotely again'))).toHaveLength(1);
  });

  it('a fallback cache in Redis serves what another instance has learnt, and its death breaks nothing', async () => {
    const redis = await RedisServer.start();
    try {
      const fallbackCache = `${redis.url()}?ttl=300`;
      const first = await start('Express', { fallbackCache });
      const second = await start('Express', { fallbackCache });
      await first.http.get('/guarded').expect(200);
      // Nobody waits for the writing.
      expect(await eventually(async () => (await redis.run(['DBSIZE'])) === 4)).toBe(true);
      posthog.flags = () => ({ status: 500 });
      const { body } = await second.http.get('/guarded').expect(200);
      expect(body).toMatchObject({ origin: 'fallback-cache' });
      await redis.stop();
      await second.http.get('/guarded').expect(404);
      await second.http.get('/guarded').expect(404);
      expect(log.warned.filter((line) => line.includes('fallback cache'))).toHaveLength(1);
    } finally {
      await redis.stop();
    }
  });
});
