import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { CallHandler, CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { FeatureFlag, FlagEnabled, FlagsService } from '../../lib/index.js';
import type { ContextResolver, EvaluationContext } from '../../lib/index.js';
import { definitionsOf, off, on, onFor } from '../support/flag-definitions.js';
import { closeApps, platforms, startApp } from './platforms.js';

const definitions = definitionsOf(on('on'), off('off'), onFor('staff', 'team', 'staff'));

interface AppRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: { readonly id: string; readonly team: string };
}

const requestOf = (ctx: ExecutionContext): AppRequest => ctx.switchToHttp().getRequest();

/** What an authentication guard does: it finds out who asks, and notes it on the request. */
@Injectable()
class Authentication implements CanActivate {
  async canActivate(ctx: ExecutionContext): Promise<boolean> {
    await setImmediate();
    const request = requestOf(ctx);
    const team = request.headers['x-session'];
    if (team !== undefined) request.user = { id: 'ada', team };
    return true;
  }
}

const byUser = (ctx: ExecutionContext): EvaluationContext | undefined => {
  const { user } = requestOf(ctx);
  return user && { distinctId: user.id, personProperties: { team: user.team } };
};

const byUserLater = async (ctx: ExecutionContext): Promise<EvaluationContext | undefined> => {
  await setImmediate();
  return byUser(ctx);
};

/** A service that is told nothing of the request. */
@Injectable()
class Prices {
  constructor(private readonly flags: FlagsService) {}

  isStaffNow(): boolean {
    return this.flags.local.isEnabled('staff');
  }

  isStaff(): Promise<boolean> {
    return this.flags.isEnabled('staff');
  }
}

@Controller()
class Shop {
  constructor(private readonly prices: Prices) {}

  @FeatureFlag('staff')
  @Get('guarded')
  guarded() {
    return { now: this.prices.isStaffNow() };
  }

  @Get('free')
  async free() {
    return { now: this.prices.isStaffNow(), later: await this.prices.isStaff() };
  }

  @Post('posted')
  posted(@Body() body: unknown, @FlagEnabled('staff') parameter: boolean) {
    return { now: this.prices.isStaffNow(), parameter, body };
  }
}

afterEach(closeApps);

describe.each(platforms)('the evaluation context of a request on %s', (platform) => {
  describe.each([
    ['a synchronous resolver', byUser],
    ['an asynchronous resolver', byUserLater],
  ])('with %s', (_name, context) => {
    const start = (options = {}) =>
      startApp(platform, {
        controllers: [Shop],
        providers: [Prices, { provide: APP_GUARD, useClass: Authentication }],
        definitions,
        options: { context, ...options },
      });

    it('is what an authentication guard before the flag has found out', async () => {
      const { http } = await start();
      await http.get('/guarded').set('x-session', 'staff').expect(200, { now: true });
      await http.get('/guarded').set('x-session', 'customers').expect(404);
      await http.get('/guarded').expect(404);
    });

    it('is known to services, on routes that have no flag of their own too', async () => {
      const { http } = await start();
      await http.get('/free').set('x-session', 'staff').expect(200, { now: true, later: true });
      await http
        .get('/free')
        .set('x-session', 'customers')
        .expect(200, { now: false, later: false });
    });

    it('is known after a body was read', async () => {
      const { http } = await start();
      await http
        .post('/posted')
        .set('x-session', 'staff')
        .send({ a: 1 })
        .expect(201, { now: true, parameter: true, body: { a: 1 } });
    });

    it('is the request\u2019s own while many run at once', async () => {
      const { http } = await start();
      const teams = Array.from({ length: 40 }, (_, index) => (index % 2 ? 'staff' : 'customers'));
      const answers = await Promise.all(
        teams.map((team) => http.post('/posted').set('x-session', team).send({ team })),
      );
      expect(answers.map(({ body }) => body)).toEqual(
        teams.map((team) => ({
          now: team === 'staff',
          parameter: team === 'staff',
          body: { team },
        })),
      );
    });

    it('is asked for before the guards where the app says so', async () => {
      const { http } = await start({ contextTiming: 'before-guards' });
      // Too early: the user is not known yet, and the answer holds for the whole request.
      await http.get('/guarded').set('x-session', 'staff').expect(404);
    });
  });

  it('is known under a global prefix and a version too', async () => {
    @Controller({ path: 'shop', version: '2' })
    class Versioned {
      constructor(private readonly flags: FlagsService) {}

      @Get()
      get() {
        return { now: this.flags.local.isEnabled('on') };
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Versioned],
      definitions,
      options: { context: () => ({ distinctId: 'ada' }) },
      setUp: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning();
      },
    });
    await http.get('/api/v2/shop').expect(200, { now: true });
  });

  it('is resolved once, whoever asks and however often', async () => {
    let calls = 0;
    const context = async () => {
      calls += 1;
      await setImmediate();
      return { distinctId: 'ada', personProperties: { team: 'staff' } };
    };

    @FeatureFlag('staff')
    @Controller()
    class Busy {
      constructor(
        private readonly prices: Prices,
        private readonly flags: FlagsService,
      ) {}

      @FeatureFlag({ all: ['on', { not: 'off' }] })
      @Get('busy')
      async busy(@FlagEnabled('staff') a: boolean, @FlagEnabled('on') b: boolean) {
        const all = await this.flags.evaluateAll();
        return [a, b, this.prices.isStaffNow(), await this.prices.isStaff(), all.size];
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Busy],
      providers: [Prices],
      definitions,
      options: { context },
    });
    await http.get('/busy').expect(200, [true, true, true, true, 3]);
    expect(calls).toBe(1);
    await http.get('/busy').expect(200);
    expect(calls).toBe(2);
  });

  it('is there for guards of the app that name no context, those before all others included', async () => {
    const seen: unknown[] = [];

    @Injectable()
    class First implements CanActivate {
      constructor(private readonly flags: FlagsService) {}

      async canActivate() {
        seen.push(['global', this.flags.local.isEnabled('staff')]);
        seen.push(['global, awaited', await this.flags.isEnabled('staff')]);
        return true;
      }
    }

    @Injectable()
    class OfTheRoute implements CanActivate {
      constructor(private readonly flags: FlagsService) {}

      canActivate() {
        seen.push(['route', this.flags.local.isEnabled('staff')]);
        return true;
      }
    }

    @Controller()
    class Plain {
      @UseGuards(OfTheRoute)
      @Post('plain')
      plain() {
        return 'plain';
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Plain],
      providers: [{ provide: APP_GUARD, useClass: First }],
      definitions,
      options: { context: () => ({ distinctId: 'ada', personProperties: { team: 'staff' } }) },
    });
    await http.post('/plain').send({ a: 1 }).expect(201);
    expect(seen).toEqual([
      ['global', true],
      ['global, awaited', true],
      ['route', true],
    ]);
  });

  it('is there for guards when the body comes after the headers', async () => {
    const seen: boolean[] = [];

    @Injectable()
    class Asking implements CanActivate {
      constructor(private readonly flags: FlagsService) {}

      canActivate() {
        seen.push(this.flags.local.isEnabled('on'));
        return true;
      }
    }

    @Controller()
    class Plain {
      @UseGuards(Asking)
      @Post('plain')
      plain(@Body() body: unknown) {
        return body;
      }
    }
    const { app } = await startApp(platform, {
      controllers: [Plain],
      definitions,
      options: { context: () => ({ distinctId: 'ada' }) },
    });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': '7' };
      const sending = request({ port, method: 'POST', path: '/plain', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
      sending.flushHeaders();
      // The server has the headers once it is about to read; then the body may come.
      app.getHttpServer().once('request', () => setTimeout(() => sending.end('{"a":1}'), 20));
    });
    expect([status, seen]).toEqual([201, [true]]);
  });

  it('is there for interceptors of the app, even when the resolver is asynchronous', async () => {
    @Injectable()
    class Marked implements NestInterceptor {
      constructor(private readonly flags: FlagsService) {}

      intercept(_ctx: ExecutionContext, next: CallHandler) {
        marked.push(this.flags.local.isEnabled('staff'));
        return next.handle();
      }
    }
    const marked: boolean[] = [];

    @Controller()
    class Plain {
      @UseInterceptors(Marked)
      @Post('plain')
      plain() {
        return 'plain';
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Plain],
      definitions,
      options: {
        context: async () => ({ distinctId: 'ada', personProperties: { team: 'staff' } }),
      },
    });
    await http.post('/plain').send({ a: 1 }).expect(201);
    expect(marked).toEqual([true]);
  });

  it('comes from a class: one that the app provides, with its dependencies, or one made for the purpose', async () => {
    @Injectable()
    class Teams {
      teamOf(request: AppRequest): string {
        return request.headers['x-session'] ?? 'nobody';
      }
    }

    @Injectable()
    class ByTeam implements ContextResolver {
      constructor(private readonly teams: Teams) {}

      resolve(ctx: ExecutionContext): EvaluationContext {
        const team = this.teams.teamOf(requestOf(ctx));
        return { distinctId: 'ada', personProperties: { team } };
      }
    }

    @Module({ providers: [Teams, ByTeam] })
    class Provided {}
    const { http } = await startApp(platform, {
      controllers: [Shop],
      providers: [Prices],
      imports: [Provided],
      definitions,
      options: { context: ByTeam },
    });
    await http.get('/guarded').set('x-session', 'staff').expect(200);
    await http.get('/guarded').expect(404);

    class Constant implements ContextResolver {
      resolve() {
        return { distinctId: 'ada', personProperties: { team: 'staff' } };
      }
    }
    const created = await startApp(platform, {
      controllers: [Shop],
      providers: [Prices],
      definitions,
      options: { context: Constant },
    });
    await created.http.get('/guarded').expect(200);
  });

  describe.each([
    [
      'throws',
      () => {
        throw new Error('the session store is away');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the session store is away'))],
    [
      'rejects later',
      () => setImmediate().then(() => Promise.reject(new Error('the session store is away'))),
    ],
  ])('when the resolver %s', (_how, context) => {
    it('is nobody: guards refuse, evaluations are unresolved, the log says why', async () => {
      @Controller()
      class Failing {
        constructor(private readonly flags: FlagsService) {}

        @FeatureFlag('on')
        @Get('guarded')
        guarded() {
          return 'x';
        }

        @Get('asked')
        async asked(@FlagEnabled('on') parameter: boolean) {
          const { value, reason } = await this.flags.evaluate('on');
          return { parameter, value: value ?? null, reason };
        }

        @Get('plain')
        plain() {
          return 'plain';
        }
      }
      const { http, log } = await startApp(platform, {
        controllers: [Failing],
        definitions,
        options: { context },
      });
      await http.get('/plain').expect(200);
      expect(log.failed).toEqual([]);
      await http.get('/guarded').expect(404);
      await http.get('/guarded').expect(404);
      await http
        .get('/asked')
        .expect(200, { parameter: false, value: null, reason: 'missing_distinct_id' });
      expect(log.failed).toEqual([
        expect.stringContaining(
          'The context resolver failed on Failing.guarded: the session store is away',
        ),
        expect.stringContaining(
          'The context resolver failed on Failing.asked: the session store is away',
        ),
      ]);
    });
  });

  it('is nobody when the resolver answers no context, and the log says what it answered', async () => {
    const { http, log } = await startApp(platform, {
      controllers: [Shop],
      providers: [Prices],
      definitions,
      options: { context: (() => 'ada') as never },
    });
    await http.get('/guarded').expect(404);
    expect(log.failed).toEqual([expect.stringContaining('The context resolver answered string')]);
  });

  it('is nobody when no resolver is configured, and the log says so at start', async () => {
    const { http, log } = await startApp(platform, {
      controllers: [Shop],
      providers: [Prices],
      definitions,
    });
    await http.get('/guarded').expect(404);
    await http.get('/free').expect(200, { now: false, later: false });
    expect(log.warned).toEqual([
      expect.stringContaining(
        'Shop.guarded depends on a flag, but FeatureFlagsModule has no option `context`',
      ),
    ]);
  });

  it('warns once when an answer is wanted before an asynchronous resolver has given it', async () => {
    @Injectable()
    class Hasty implements CanActivate {
      constructor(private readonly flags: FlagsService) {}

      canActivate() {
        return !this.flags.local.isEnabled('on');
      }
    }

    @Controller()
    class Plain {
      @UseGuards(Hasty)
      @Get('plain')
      plain(@FlagEnabled('on') on: boolean) {
        return { on };
      }
    }
    const { http, log } = await startApp(platform, {
      controllers: [Plain],
      definitions,
      options: { context: async () => ({ distinctId: 'ada' }) },
    });
    await http.get('/plain').expect(200, { on: true });
    await http.get('/plain').expect(200, { on: true });
    expect(log.warned).toEqual([
      expect.stringMatching(/^flags\.local was asked on Plain\.plain .* Await flags\.evaluate\(\)/),
    ]);
  });
});

describe('a resolver that returns a promise without being declared async', () => {
  it('is awaited by guards, parameters and evaluate; local warns with what to do', async () => {
    const later = setImmediate({ distinctId: 'ada', personProperties: { team: 'staff' } });
    const { http, log } = await startApp('Express', {
      controllers: [Shop],
      providers: [Prices],
      definitions,
      options: { context: () => later },
    });
    await http.get('/guarded').expect(200, { now: true });
    expect(log.warned).toEqual([]);
    await http.get('/free').expect(200, { now: false, later: true });
    expect(log.warned).toEqual([
      'flags.local was asked on Shop.free before the context resolver had answered, so the flag is unresolved. ' +
        'Declare the context resolver `async`, so that handlers wait for it; or await flags.evaluate() there, ' +
        "or set contextTiming: 'before-guards'. This is said once.",
    ]);
  });
});

describe('an app on Express that keeps the bytes of a body as request.raw', () => {
  it('has one context for its guards and its services all the same', async () => {
    let calls = 0;
    const { http } = await startApp('Express', {
      controllers: [Shop],
      providers: [Prices],
      definitions,
      options: {
        context: () => {
          calls += 1;
          return { distinctId: 'ada', personProperties: { team: 'staff' } };
        },
      },
      setUp: (app) =>
        app.useGlobalGuards({
          canActivate(ctx) {
            Object.assign(requestOf(ctx), { raw: Buffer.from('bytes') });
            return true;
          },
        }),
    });
    await http.get('/guarded').expect(200, { now: true });
    expect(calls).toBe(1);
  });
});

describe('an app on Fastify that does without middleware', () => {
  it('knows the context in its guards all the same', async () => {
    const seen: boolean[] = [];

    @Injectable()
    class Asking implements CanActivate {
      constructor(private readonly flags: FlagsService) {}

      canActivate() {
        seen.push(this.flags.local.isEnabled('on'));
        return true;
      }
    }

    @Controller()
    class Plain {
      @UseGuards(Asking)
      @Get('plain')
      plain() {
        return 'plain';
      }
    }
    const { http } = await startApp('Fastify', {
      controllers: [Plain],
      definitions,
      options: { context: () => ({ distinctId: 'ada' }) },
      adapter: new FastifyAdapter({ skipMiddie: true }),
    });
    await http.get('/plain').expect(200);
    expect(seen).toEqual([true]);
  });
});

describe('a context resolver class that cannot be had', () => {
  it('stops the start with the reason and what to do', async () => {
    @Injectable()
    class Missing {}

    @Injectable()
    class Needy implements ContextResolver {
      constructor(readonly missing: Missing) {}

      resolve() {
        return undefined;
      }
    }
    await expect(startApp('Express', { options: { context: Needy } })).rejects.toThrow(
      /The context resolver Needy could not be created: .*Provide Needy in a module of your app/s,
    );
  });

  it('says so of a class that is made for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest implements ContextResolver {
      resolve() {
        return undefined;
      }
    }
    const starting = startApp('Express', {
      providers: [PerRequest],
      options: { context: PerRequest },
    });
    await expect(starting).rejects.toThrow('with default scope');
  });
});

describe.each(platforms)('a resolver that itself asks for a flag (%s)', (platform) => {
  @Controller()
  class Shop {
    @Get()
    @FeatureFlag('on')
    show() {
      return 'shown';
    }
  }

  it.each(['at once', 'later'])('%s: gets it unresolved, and the request goes on', async (when) => {
    let calls = 0;
    const seen: unknown[] = [];
    const app: { flags?: FlagsService } = {};
    const resolve = (): EvaluationContext => {
      calls += 1;
      seen.push(app.flags!.local.evaluate('on').reason);
      return { distinctId: 'ada' };
    };
    const resolveLater = async (): Promise<EvaluationContext> => {
      await setImmediate();
      seen.push((await app.flags!.evaluate('on')).reason);
      return resolve();
    };
    const context = when === 'at once' ? resolve : resolveLater;
    const { http, flags } = await startApp(platform, {
      definitions,
      controllers: [Shop],
      options: { context },
    });
    app.flags = flags;

    const { text } = await http.get('/');

    expect([text, calls]).toEqual(['shown', 1]);
    expect(new Set(seen)).toEqual(new Set(['missing_distinct_id']));
  });
});

describe.each(platforms)('a context without a usable distinct id (%s)', (platform) => {
  @Controller()
  class Shop {
    @Get()
    @FeatureFlag('on')
    show() {
      return 'shown';
    }
  }

  it.each([
    ['a number', 42, 'got number'],
    ['nothing', undefined, 'got undefined'],
    ['an empty text', '', 'got an empty text'],
  ])('%s: is refused, and told once for the route', async (_what, distinctId, got) => {
    const context = () => ({ distinctId }) as unknown as EvaluationContext;
    const { http, log } = await startApp(platform, {
      definitions,
      controllers: [Shop],
      options: { context },
    });
    const answers = [await http.get('/'), await http.get('/')];

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(log.warned).toEqual([expect.stringMatching(new RegExp(`Shop.show: .*${got}`))]);
  });
});
