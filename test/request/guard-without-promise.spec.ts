/**
 * Whether a request has to wait for its guard: what the guard of a running app has given to Nest,
 * which waits for every promise, also for one that is fulfilled already.
 */
import { Controller, Get } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FeatureFlag, FeatureFlagGuard, FlagsService } from '../../lib/index.js';
import type { FeatureFlagsModuleOptions } from '../../lib/index.js';
import { definitionsOf, off, on, unresolvable } from '../support/flag-definitions.js';
import { flags, ScriptedRemote } from '../support/scripted-remote.js';
import { closeApps, platforms, startApp } from './platforms.js';
import type { Platform } from './platforms.js';

const definitions = definitionsOf(on('on'), on('on-too'), off('off'), unresolvable('open'));
const ada = { distinctId: 'ada' };

@Controller()
class Shop {
  constructor(private readonly flags: FlagsService) {}

  @FeatureFlag('on')
  @Get('one')
  one() {
    return [this.flags.local.isEnabled('on')];
  }

  @FeatureFlag('off')
  @Get('off')
  off() {
    return [];
  }

  @FeatureFlag('on')
  @FeatureFlag('on-too')
  @Get('two')
  two() {
    return [true];
  }

  @FeatureFlag({ any: ['open', 'on'] })
  @Get('any')
  any() {
    return [true];
  }

  @FeatureFlag({ all: ['on', { not: 'off' }] })
  @Get('all')
  all() {
    return [true];
  }

  @FeatureFlag('open')
  @Get('open')
  open() {
    return [true];
  }

  @FeatureFlag('off', { otherwise: { handler: 'instead' } })
  @Get('elsewhere')
  elsewhere() {
    return [];
  }

  instead() {
    return [true];
  }
}

@FeatureFlag('on')
@Controller('both')
class ClassAndMethod {
  @FeatureFlag('on-too')
  @Get()
  get() {
    return [true];
  }
}

afterEach(closeApps);

/** An app that tells what its guard has answered for each gate. */
async function start(platform: Platform, options: Partial<FeatureFlagsModuleOptions>) {
  const { app, http } = await startApp(platform, {
    controllers: [Shop, ClassAndMethod],
    definitions,
    options,
  });
  const guard = app.get(FeatureFlagGuard);
  const canActivate = guard.canActivate.bind(guard);
  const answers: unknown[] = [];
  guard.canActivate = (...given) => {
    answers.push('thrown');
    const answer = canActivate(...given);
    answers.splice(-1, 1, typeof answer === 'boolean' ? answer : 'promise');
    return answer;
  };
  return { http, answers };
}

/** What is decided here, with how a request fares and what each of its gates answers. */
const decidedHere = [
  ['one flag that is on', '/one', 200, [true]],
  ['one flag that is off', '/off', 404, ['thrown']],
  ['one flag that is off, with a fallback', '/elsewhere', 200, [true]],
  ['two flags', '/two', 200, [true]],
  ['flags of class and method', '/both', 200, [true, true]],
  ['an `any` that one flag decides', '/any', 200, [true]],
  ['an `all`', '/all', 200, [true]],
] as const;

describe.each(platforms)('a guard on %s', (platform) => {
  it.each(decidedHere)('answers at once for %s', async (_what, path, status, expected) => {
    const { http, answers } = await start(platform, { context: () => ada });
    await http.get(path).expect(status);
    expect(answers).toEqual(expected);
  });

  it.each(decidedHere)(
    'answers at once for %s where others could be asked',
    async (_what, path, status, expected) => {
      const remote = new ScriptedRemote();
      const context = () => ada;
      const { http, answers } = await start(platform, {
        context,
        remote,
        fallbackCache: 'memory://local/?ttl=300',
      });
      await http.get(path).expect(status);
      expect(answers).toEqual(expected);
      expect(remote.questions).toEqual([]);
    },
  );

  it('answers at once for an unresolved flag that nobody can be asked for', async () => {
    const { http, answers } = await start(platform, { context: () => ada });
    await http.get('/open').expect(404);
    expect(answers).toEqual(['thrown']);
  });

  it('answers with a promise where the server has to be asked', async () => {
    const remote = new ScriptedRemote();
    remote.answer = () => flags({ open: true });
    const { http, answers } = await start(platform, { context: () => ada, remote });
    await http.get('/open').expect(200);
    expect(answers).toEqual(['promise']);
  });

  it('answers with a promise while the resolver is at work, and at once when it has answered', async () => {
    const { http, answers } = await start(platform, { context: async () => ada });
    await http.get('/both').expect(200);
    await http.get('/one').expect(200, [true]);
    expect(answers).toEqual(['promise', true, 'promise']);
  });

  it('answers at once where the resolver was waited for before the guards', async () => {
    const { http, answers } = await start(platform, {
      context: async () => ada,
      contextTiming: 'before-guards',
    });
    await http.get('/one').expect(200);
    expect(answers).toEqual([true]);
  });
});
