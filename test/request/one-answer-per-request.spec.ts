import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { Controller, Get, Injectable, Module, Param, Req } from '@nestjs/common';
import type { MiddlewareConsumer, NestModule } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  FeatureFlag,
  FlagEnabled,
  FlagPayload,
  FlagResult,
  FlagVariant,
  FlagsService,
} from '../../lib/index.js';
import type { EvaluationContext, FlagEvaluation } from '../../lib/index.js';
import {
  definitionsOf,
  off,
  on,
  onFor,
  unresolvable,
  variant,
} from '../support/flag-definitions.js';
import { planted } from '../support/planted.js';
import { closeApps, platforms, startApp } from './platforms.js';

/** Where no request is at work. */
const elsewhere = new AsyncResource('elsewhere');

afterEach(closeApps);

describe.each(platforms)('one request on %s', (platform) => {
  it('evaluates a flag once, for guard, parameters and services together', async () => {
    let looks = 0;
    // Evaluation itself reads the property: this counts evaluations, not calls.
    const context = (): EvaluationContext => ({
      distinctId: 'ada',
      personProperties: {
        get team() {
          looks += 1;
          return 'staff';
        },
      },
    });

    @Injectable()
    class Prices {
      constructor(private readonly flags: FlagsService) {}

      ask() {
        return this.flags.local.isEnabled('staff');
      }
    }

    @FeatureFlag('staff')
    @Controller()
    class Shop {
      constructor(
        private readonly prices: Prices,
        private readonly flags: FlagsService,
      ) {}

      @FeatureFlag('staff')
      @Get('once')
      async once(@FlagEnabled('staff') a: boolean, @FlagResult('staff') b: FlagEvaluation) {
        return [a, b.enabled, this.prices.ask(), await this.flags.isEnabled('staff')];
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      providers: [Prices],
      definitions: definitionsOf(onFor('staff', 'team', 'staff')),
      options: { context },
    });
    await http.get('/once').expect(200, [true, true, true, true]);
    const looksOfOne = looks;
    await http.get('/once').expect(200);
    expect(looks).toBe(2 * looksOfOne);
    expect(looksOfOne).toBe(1);
  });

  it('evaluates a flag once where middleware has left the asynchronous context of the request', async () => {
    let asked = 0;

    @FeatureFlag('a')
    @Controller()
    class Shop {
      constructor(private readonly flags: FlagsService) {}

      @FeatureFlag('a')
      @Get('left')
      left(@FlagEnabled('a') parameter: boolean) {
        return [parameter, this.flags.local.evaluate('a').reason];
      }
    }

    @Module({})
    class Leaving implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        if (platform === 'Fastify') return;
        const leave = (_request: unknown, _response: unknown, next: () => void) =>
          elsewhere.runInAsyncScope(next);
        consumer.apply(leave).forRoutes('left');
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      imports: [Leaving],
      definitions: definitionsOf(on('a')),
      options: {
        context: () => {
          asked += 1;
          return { distinctId: 'ada' };
        },
      },
      setUp: (app) => {
        if (platform === 'Express') return;
        const leave = (_request: unknown, _reply: unknown, done: () => void) =>
          elsewhere.runInAsyncScope(done);
        app.getHttpAdapter().getInstance().addHook('preHandler', leave);
      },
    });
    // The service alone cannot know: it is given no request.
    await http.get('/left').expect(200, [true, 'missing_distinct_id']);
    expect(asked).toBe(1);
  });

  it('shows nothing of what it knows to whoever logs or copies the request', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('a')
      @Get('logged')
      logged(@Req() request: { readonly raw?: object }) {
        const raw: object = request.raw ?? request;
        const told = inspect(raw, { showHidden: true, depth: 6, maxArrayLength: null });
        return [told.includes(planted.distinctId), told.includes('/logged')];
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      definitions: definitionsOf(on('a')),
      options: { context: () => ({ distinctId: planted.distinctId }) },
    });
    await http.get('/logged').expect(200, [false, true]);
  });

  it('sees one snapshot: a refresh in its middle changes nothing for it', async () => {
    let refresh = async (): Promise<void> => undefined;

    @Controller()
    class Shop {
      constructor(private readonly flags: FlagsService) {}

      @Get('long')
      async long(@FlagEnabled('a') parameter: boolean) {
        await refresh();
        const other: EvaluationContext = { distinctId: 'bob' };
        return {
          parameter,
          sameFlag: await this.flags.isEnabled('a'),
          otherFlag: this.flags.local.isEnabled('b'),
          otherPerson: this.flags.local.isEnabled('a', other),
          all: [...(await this.flags.evaluateAll()).values()].map(({ enabled }) => enabled),
          explained: this.flags.explain('a').evaluation.enabled,
        };
      }
    }
    const { http, flags, source } = await startApp(platform, {
      controllers: [Shop],
      definitions: definitionsOf(on('a'), on('b')),
      options: { context: () => ({ distinctId: 'ada' }) },
    });
    refresh = async () => {
      source.definitions = definitionsOf(off('a'), off('b'));
      await flags.refresh();
    };
    await http.get('/long').expect(200, {
      parameter: true,
      sameFlag: true,
      otherFlag: true,
      otherPerson: true,
      all: [true, true],
      explained: true,
    });
    expect(flags.local.isEnabled('a', { distinctId: 'ada' })).toBe(false);
    refresh = async () => undefined;
    const { body } = await http.get('/long').expect(200);
    expect(body.sameFlag).toBe(false);
  });

  it('lets what it has started, and what goes on after it, see the present flags', async () => {
    let endOfWork = (_isEnabled: boolean): void => undefined;
    const work = new Promise<boolean>((resolve) => (endOfWork = resolve));
    let goOn = (): void => undefined;
    const wait = new Promise<void>((resolve) => (goOn = resolve));

    @Controller()
    class Shop {
      constructor(private readonly flags: FlagsService) {}

      @FeatureFlag('a')
      @Get('start')
      start() {
        void wait.then(() => endOfWork(this.flags.local.isEnabled('a')));
        return 'started';
      }
    }
    const { http, flags, source } = await startApp(platform, {
      controllers: [Shop],
      definitions: definitionsOf(on('a')),
      options: { context: () => ({ distinctId: 'ada' }) },
    });
    await http.get('/start').expect(200);
    source.definitions = definitionsOf(off('a'));
    await flags.refresh();
    goOn();
    expect(await work).toBe(false);
  });

  it('hands flags to parameters: on or off, variant, payload, the whole evaluation', async () => {
    @Controller()
    class Shop {
      @Get('parameters/:id')
      parameters(
        @FlagEnabled('prices') enabled: boolean,
        @FlagVariant('prices') variantOfPrices: string | undefined,
        @FlagPayload('prices') payload: { factor: number } | undefined,
        @FlagResult('prices') result: FlagEvaluation,
        @Param('id') id: string,
      ) {
        return { enabled, variantOfPrices, payload, reason: result.reason, id };
      }

      @Get('unresolved')
      unresolved(
        @FlagEnabled('open') enabled: unknown,
        @FlagVariant('open') variantOfOpen: unknown,
        @FlagPayload('open') payload: unknown,
        @FlagResult('open') result: FlagEvaluation,
      ) {
        return [enabled, variantOfOpen === undefined, payload === undefined, result.reason];
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      definitions: definitionsOf(variant('prices', 'high', { factor: 2 }), unresolvable('open')),
      options: { context: () => ({ distinctId: 'ada' }) },
    });
    await http.get('/parameters/7').expect(200, {
      enabled: true,
      variantOfPrices: 'high',
      payload: { factor: 2 },
      reason: 'condition_match',
      id: '7',
    });
    await http.get('/unresolved').expect(200, [false, true, true, 'experience_continuity']);
  });

  it('has its flag parameters left alone by pipes that walk through everything', async () => {
    @Controller()
    class Shop {
      @Get('parameters')
      parameters(@FlagEnabled('a') enabled: boolean) {
        return { enabled };
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      definitions: definitionsOf(on('a')),
      options: { context: () => ({ distinctId: 'ada' }) },
      setUp: (app) => app.useGlobalPipes({ transform: trimmed }),
    });
    await http.get('/parameters').expect(200, { enabled: true });
  });
});

/** Trims the texts of a value in place, however deep; runs for ever on anything circular. */
function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'object' || value === null) return value;
  for (const [name, part] of Object.entries(value)) Reflect.set(value, name, trimmed(part));
  return value;
}
