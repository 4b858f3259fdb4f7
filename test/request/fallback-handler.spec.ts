import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Req,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { CallHandler, CanActivate, NestInterceptor, PipeTransform } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { map, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { FeatureFlag, FlagVariant } from '../../lib/index.js';
import { definitionsOf, off, on, variant } from '../support/flag-definitions.js';
import { closeApps, platforms, startApp } from './platforms.js';

const definitions = definitionsOf(off('off'), on('on'), variant('prices', 'high'));
const anybody = () => ({ distinctId: 'ada' });

afterEach(closeApps);

describe.each(platforms)('the fallback handler on %s', (platform) => {
  const start = (controller: new (...args: never[]) => object, providers = [] as never[]) =>
    startApp(platform, {
      controllers: [controller],
      providers,
      definitions,
      options: { context: anybody },
    });

  it('answers in place of a refused route, and only then', async () => {
    @Controller()
    class Checkout {
      @FeatureFlag('off', { otherwise: { handler: 'old' } })
      @Get('refused')
      refused() {
        return { checkout: 'new' };
      }

      @FeatureFlag('on', { otherwise: { handler: 'old' } })
      @Get('passed')
      passed() {
        return { checkout: 'new' };
      }

      old() {
        return { checkout: 'old' };
      }
    }
    const { http } = await start(Checkout);
    await http.get('/refused').expect(200, { checkout: 'old' });
    await http.get('/passed').expect(200, { checkout: 'new' });
  });

  it('has parameters of its own, with their pipes, and none of the route it stands in for', async () => {
    @Injectable()
    class Shout implements PipeTransform<string, string> {
      transform(text: string) {
        return `${text}!`;
      }
    }

    @Controller()
    class Checkout {
      @FeatureFlag('off', { otherwise: { handler: 'old' } })
      @Post('checkout/:id')
      newCheckout(@Param('id', { transform: () => never() }) id: string) {
        return id;
      }

      old(
        @FlagVariant('prices') prices: string,
        @Body('name', Shout) name: string,
        @Param('id', ParseIntPipe) id: number,
        @Query() query: object,
        @Req() request: { url: string },
      ) {
        return { prices, name, id, query, url: request.url };
      }
    }
    const { http } = await start(Checkout);
    await http
      .post('/checkout/7?q=x')
      .send({ name: 'ada' })
      .expect(201, {
        prices: 'high',
        name: 'ada!',
        id: 7,
        query: { q: 'x' },
        url: '/checkout/7?q=x',
      });
    await http.post('/checkout/seven').send({}).expect(400);
  });

  it('sends the request object through no global pipe, as a route does not', async () => {
    const piped: unknown[] = [];

    @Controller()
    class Checkout {
      @FeatureFlag('off', { otherwise: { handler: 'old' } })
      @Get('checkout/:id')
      newCheckout() {
        return 'new';
      }

      old(@Req() request: { url: string }, @Param('id') id: string) {
        return { url: request.url, id };
      }
    }
    const { http } = await startApp(platform, {
      controllers: [Checkout],
      definitions,
      options: { context: anybody },
      setUp: (app) =>
        app.useGlobalPipes({
          transform(value: unknown) {
            piped.push(value);
            return value;
          },
        }),
    });
    await http.get('/checkout/7').expect(200, { url: '/checkout/7', id: '7' });
    expect(piped).toEqual(['7']);
  });

  it('keeps the guards, interceptors, status and headers of the route', async () => {
    class Named implements CanActivate {
      canActivate(ctx: { switchToHttp(): { getRequest(): { query: { name?: string } } } }) {
        return ctx.switchToHttp().getRequest().query.name !== undefined;
      }
    }
    class Wrapped implements NestInterceptor {
      intercept(_ctx: unknown, next: CallHandler) {
        return next.handle().pipe(map((data: unknown) => ({ data })));
      }
    }

    @UseInterceptors(Wrapped)
    @Controller()
    class Checkout {
      @FeatureFlag('off', { otherwise: { handler: 'old' } })
      @UseGuards(Named)
      @HttpCode(202)
      @Header('X-Shop', 'yes')
      @Get('checkout')
      newCheckout() {
        return 'new';
      }

      old() {
        return 'old';
      }
    }
    const { http } = await start(Checkout);
    await http.get('/checkout').expect(403);
    await http.get('/checkout?name=ada').expect(202, { data: 'old' }).expect('X-Shop', 'yes');
  });

  it('may answer with a promise or an Observable, and fail as a route may', async () => {
    @Controller()
    class Checkout {
      @FeatureFlag('off', { otherwise: { handler: 'later' } })
      @Get('promise')
      promise() {
        return 'new';
      }

      @FeatureFlag('off', { otherwise: { handler: 'stream' } })
      @Get('stream')
      streamed() {
        return 'new';
      }

      @FeatureFlag('off', { otherwise: { handler: 'failing' } })
      @Get('failing')
      fails() {
        return 'new';
      }

      async later() {
        return { old: 1 };
      }

      stream(): Observable<unknown> {
        return of({ old: 1 }, { old: 2 });
      }

      failing() {
        throw new Error('old and broken');
      }
    }
    const { http } = await start(Checkout);
    await http.get('/promise').expect(200, { old: 1 });
    await http.get('/stream').expect(200, { old: 2 });
    await http.get('/failing').expect(500);
  });

  it('belongs to the instance of a controller that is made for each request', async () => {
    let made = 0;

    @Controller({ scope: Scope.REQUEST })
    class Checkout {
      private readonly number = ++made;

      constructor(@Inject(REQUEST) private readonly request: { url: string }) {}

      @FeatureFlag('off', { otherwise: { handler: 'old' } })
      @Get('checkout/:id')
      newCheckout() {
        return 'new';
      }

      old(@Param('id', ParseIntPipe) id: number) {
        return { id, url: this.request.url, number: this.number };
      }
    }
    const { http } = await start(Checkout);
    await http.get('/checkout/1').expect(200, { id: 1, url: '/checkout/1', number: 1 });
    await http.get('/checkout/2').expect(200, { id: 2, url: '/checkout/2', number: 2 });
  });

  it('stands in for all routes of a class, and lets the flag of a method refuse all the same', async () => {
    @FeatureFlag('off', { otherwise: { handler: 'closed' } })
    @Controller()
    class Checkout {
      @Get('a')
      a() {
        return { a: true };
      }

      @FeatureFlag('off')
      @Get('b')
      b() {
        return { b: true };
      }

      @FeatureFlag('off', { otherwise: { handler: 'other' } })
      @Get('c')
      c() {
        return { c: true };
      }

      closed() {
        return { closed: true };
      }

      other() {
        return { other: true };
      }
    }
    const { http } = await start(Checkout);
    await http.get('/a').expect(200, { closed: true });
    await http.get('/b').expect(404);
    await http.get('/c').expect(200, { closed: true });
  });
});

describe('a fallback handler that could not be served safely', () => {
  it('is refused when the class is defined, if there is no such method', () => {
    const define = () => {
      class Checkout {
        @FeatureFlag('off', { otherwise: { handler: 'old' } })
        newCheckout() {
          return 'new';
        }
      }
      return Checkout;
    };
    expect(define).toThrow('@FeatureFlag(off): Checkout has no method "old" to fall back to.');
  });

  it.each([
    ['guards', UseGuards(class {} as never)],
    ['interceptors', UseInterceptors(class {} as never)],
    ['guards', FeatureFlag('on')],
  ])(
    'is refused at start, if it has %s of its own, which would not run',
    async (what, decorate) => {
      @Controller()
      class Checkout {
        @FeatureFlag('off', { otherwise: { handler: 'old' } })
        @Get('checkout')
        newCheckout() {
          return 'new';
        }

        @decorate
        old() {
          return 'old';
        }
      }
      const starting = startApp('Express', { controllers: [Checkout], definitions });
      await expect(starting).rejects.toThrow(
        `Checkout.old is the fallback of a @FeatureFlag, yet has ${what} of its own`,
      );
    },
  );
});

function never(): never {
  throw new Error('A pipe of the refused route ran.');
}
