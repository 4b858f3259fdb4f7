import {
  Body,
  Controller,
  Get,
  HttpException,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FeatureDisabledException, FeatureFlag } from '../../lib/index.js';
import type { FlagEvaluation } from '../../lib/index.js';
import {
  definitionsOf,
  off,
  on,
  onFor,
  unresolvable,
  variant,
} from '../support/flag-definitions.js';
import { closeApps, platforms, startApp } from './platforms.js';

const definitions = definitionsOf(
  on('on'),
  on('also-on'),
  off('off'),
  unresolvable('open'),
  variant('prices', 'high'),
  onFor('staff', 'team', 'staff'),
);
const anybody = () => ({ distinctId: 'ada' });

afterEach(closeApps);

describe.each(platforms)('@FeatureFlag on %s', (platform) => {
  const start = (...controllers: (new () => object)[]) =>
    startApp(platform, { controllers, definitions, options: { context: anybody } });

  it('serves the route while the flag is on', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('on')
      @Get('beta')
      beta() {
        return { beta: true };
      }
    }
    const { http } = await start(Shop);
    await http.get('/beta').expect(200, { beta: true });
  });

  it('answers a refused route in the very words of a route that does not exist', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('off')
      @Get('beta')
      beta() {
        return 'beta';
      }
    }
    const { http } = await start(Shop);
    const refused = await http.get('/beta?a=1').expect(404);
    const missing = await http.get('/nope?a=1').expect(404);
    expect(refused.body).toEqual({ ...missing.body, message: 'Cannot GET /beta?a=1' });
    expect(missing.body.message).toBe('Cannot GET /nope?a=1');
  });

  it('asks for a variant', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('prices', { variant: 'high' })
      @Get('high')
      high() {
        return 'high';
      }

      @FeatureFlag('prices', { variant: 'low' })
      @Get('low')
      low() {
        return 'low';
      }

      @FeatureFlag('prices')
      @Get('any')
      any() {
        return 'any';
      }
    }
    const { http } = await start(Shop);
    await http.get('/high').expect(200);
    await http.get('/any').expect(200);
    await http.get('/low').expect(404);
  });

  it('applies the flag of the class and the flag of the method', async () => {
    @FeatureFlag('on')
    @Controller('on')
    class Open {
      @FeatureFlag('also-on')
      @Get('both')
      both() {
        return 'both';
      }

      @FeatureFlag('off')
      @Get('method')
      method() {
        return 'method';
      }

      @Get('plain')
      plain() {
        return 'plain';
      }
    }

    @FeatureFlag('off')
    @Controller('off')
    class Closed {
      @FeatureFlag('on')
      @Get('method')
      method() {
        return 'method';
      }

      @Get('plain')
      plain() {
        return 'plain';
      }
    }
    const { http } = await start(Open, Closed);
    await http.get('/on/both').expect(200);
    await http.get('/on/plain').expect(200);
    await http.get('/on/method').expect(404);
    await http.get('/off/method').expect(404);
    await http.get('/off/plain').expect(404);
  });

  it('applies every line where several are written on one route', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('on')
      @FeatureFlag('off')
      @Get('first-on')
      firstOn() {
        return 'x';
      }

      @FeatureFlag('off')
      @FeatureFlag('on')
      @Get('first-off')
      firstOff() {
        return 'x';
      }
    }
    const { http } = await start(Shop);
    await http.get('/first-on').expect(404);
    await http.get('/first-off').expect(404);
  });

  it('holds for a controller that inherits it, and adds to it', async () => {
    @FeatureFlag('on')
    class Guarded {}

    @FeatureFlag('off')
    class Hidden {}

    @FeatureFlag('off')
    @Controller('adds')
    class Adds extends Guarded {
      @Get()
      get() {
        return 'x';
      }
    }

    @FeatureFlag('on')
    @Controller('inherits')
    class Inherits extends Hidden {
      @Get()
      get() {
        return 'x';
      }
    }
    const { http } = await start(Adds, Inherits);
    await http.get('/adds').expect(404);
    await http.get('/inherits').expect(404);
  });

  it('combines flags by all, any and not', async () => {
    @Controller()
    class Shop {
      @FeatureFlag({
        all: ['on', { not: 'off' }, { any: ['off', { flag: 'prices', variant: 'high' }] }],
      })
      @Get('yes')
      yes() {
        return 'yes';
      }

      @FeatureFlag({ all: ['on', 'off'] })
      @Get('no')
      no() {
        return 'no';
      }
    }
    const { http } = await start(Shop);
    await http.get('/yes').expect(200);
    await http.get('/no').expect(404);
  });

  it('refuses what is unresolved, unless the route says otherwise', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('open')
      @Get('refused')
      refused() {
        return 'x';
      }

      @FeatureFlag('open', { whenUnresolved: 'allow' })
      @Get('allowed')
      allowed() {
        return 'x';
      }

      @FeatureFlag({ any: ['open', 'on'] })
      @Get('decided')
      decided() {
        return 'x';
      }

      @FeatureFlag({ not: 'open' })
      @Get('not')
      not() {
        return 'x';
      }

      @FeatureFlag('no-such-flag')
      @Get('unknown')
      unknown() {
        return 'x';
      }
    }
    const { http } = await start(Shop);
    await http.get('/refused').expect(404);
    await http.get('/allowed').expect(200);
    await http.get('/decided').expect(200);
    await http.get('/not').expect(404);
    await http.get('/unknown').expect(404);
  });

  it('redirects, with the status and to the place that the route says', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('off', { otherwise: { redirect: '/old' } })
      @Get('plain')
      plain() {
        return 'x';
      }

      @FeatureFlag('off', {
        otherwise: {
          redirect: (ctx) => `/old/${ctx.switchToHttp().getRequest().params.id}`,
          status: 307,
        },
      })
      @Post('made/:id')
      made() {
        return 'x';
      }
    }
    const { http } = await start(Shop);
    await http.get('/plain').expect(302).expect('Location', '/old');
    await http.post('/made/7').expect(307).expect('Location', '/old/7');
  });

  it('refuses with the exception that the route makes of the evaluation', async () => {
    class PaymentRequired extends HttpException {}

    @Controller()
    class Shop {
      @FeatureFlag('off', {
        otherwise: (evaluation: FlagEvaluation, ctx) =>
          new PaymentRequired(
            `${evaluation.key}: ${evaluation.reason} in ${ctx.getHandler().name}`,
            402,
          ),
      })
      @Get('one')
      one() {
        return 'x';
      }

      @FeatureFlag(
        { all: ['on', 'off'] },
        {
          otherwise: (evaluations) =>
            new NotFoundException(evaluations.map(({ key, value }) => `${key}=${value}`).join()),
        },
      )
      @Get('two')
      two() {
        return 'x';
      }
    }
    const { http } = await start(Shop);
    const one = await http.get('/one').expect(402);
    expect(one.text).toContain('off: disabled in one');
    const two = await http.get('/two').expect(404);
    expect(two.body.message).toBe('on=true,off=false');
  });

  it('gives exception filters the evaluations, but not the client', async () => {
    const seen: unknown[] = [];

    @Controller()
    class Shop {
      @FeatureFlag('off')
      @Get('beta')
      beta() {
        return 'x';
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Shop],
      definitions,
      options: { context: anybody },
      setUp: (app) =>
        app.useGlobalFilters({
          catch(exception: unknown, host) {
            seen.push(exception);
            const response = host.switchToHttp().getResponse();
            (response.raw ?? response).end('caught');
          },
        }),
    });
    await http.get('/beta');
    expect(seen).toEqual([expect.any(FeatureDisabledException)]);
    const [exception] = seen as FeatureDisabledException[];
    expect(exception?.evaluations.map(({ key }) => key)).toEqual(['off']);
    expect(JSON.stringify(exception?.getResponse())).not.toContain('off');
  });

  it('sees a flag that was switched in the meantime at the next request', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('on')
      @Get('beta')
      beta() {
        return 'x';
      }
    }
    const { http, source, flags } = await start(Shop);
    await http.get('/beta').expect(200);
    source.definitions = definitionsOf(off('on'));
    await flags.refresh();
    await http.get('/beta').expect(404);
  });

  it('leaves bodies, queries and parameters of a guarded route alone', async () => {
    @Controller()
    class Shop {
      @FeatureFlag('on')
      @Post('echo/:id')
      echo(@Param('id') id: string, @Query('q') q: string, @Body() body: unknown) {
        return { id, q, body };
      }
    }
    const { http } = await start(Shop);
    await http
      .post('/echo/7?q=x')
      .send({ a: 1 })
      .expect(201, { id: '7', q: 'x', body: { a: 1 } });
  });
});
