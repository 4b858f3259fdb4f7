/** What requests override for themselves, with a signature: over real HTTP on both platforms. */
import { randomBytes } from 'node:crypto';
import { once, type EventEmitter } from 'node:events';
import { Controller, Get, Header, Injectable, Res } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { signOverridesAt } from '../../lib/core/overrides/sign-overrides.js';
import { FeatureFlag, FlagEnabled, FlagsService, FlagVariant, signOverrides } from '../../lib/index.js'; // prettier-ignore
import type { FlagOverrides, SignedOverridesOptions, SignOverridesOptions } from '../../lib/index.js'; // prettier-ignore
import { definitionsOf, off, on, variant } from '../support/flag-definitions.js';
import { closeApps, platforms, startApp } from './platforms.js';

const key = randomBytes(32).toString('base64');
const newKey = randomBytes(32).toString('base64');
const header = 'x-feature-flags-override';
const definitions = definitionsOf(off('new-checkout'), off('secret'), on('on'), variant('theme', 'light')); // prettier-ignore

@Injectable()
class Prices {
  constructor(private readonly flags: FlagsService) {}

  async theme() {
    const { value, origin } = await this.flags.evaluate('theme');
    return [value, origin, this.flags.local.variant('theme')];
  }
}

interface Reply {
  setHeader(name: string, value: string): void;
  writeHead(status: number, headers?: object): void;
  write(text: string): void;
  end(text: string): void;
}

/** What work sees that goes on after the response. */
let afterwards: Promise<unknown> | undefined;

@Controller()
class Shop {
  constructor(
    private readonly flags: FlagsService,
    private readonly prices: Prices,
  ) {}

  @FeatureFlag('new-checkout')
  @Get('checkout')
  async checkout(
    @FlagEnabled('new-checkout') isNew: boolean,
    @FlagVariant('theme') theme: string | undefined,
  ) {
    return { isNew, theme, service: await this.prices.theme() };
  }

  @Header('Cache-Control', 'public, max-age=600')
  @Header('CDN-Cache-Control', 'max-age=600')
  @Get('cached')
  cached(@FlagVariant('theme') theme: string | undefined) {
    return { theme };
  }

  @Header('Cache-Control', 'public, max-age=600')
  @Get('unasked')
  unasked() {
    return 'no flag';
  }

  /** Writes its headers itself, in this form, before or after it asks for a flag. */
  @Get('raw')
  raw(@Res() reply: Reply & { raw?: Reply }) {
    this.answerRaw(reply.raw ?? reply, { 'cache-control': 'public', Expires: 'never', 'X-Own': '1' }); // prettier-ignore
  }

  @Get('raw-list')
  rawList(@Res() reply: Reply & { raw?: Reply }) {
    this.answerRaw(reply.raw ?? reply, ['Cache-Control', 'public', 'X-Own', '1']);
  }

  @Get('late')
  late(@Res() reply: Reply & { raw?: Reply }) {
    const response = reply.raw ?? reply;
    response.writeHead(200, { 'Cache-Control': 'public' });
    response.write('');
    response.end(String(this.flags.local.variant('theme')));
  }

  /** Answers, and asks when the answer is out. */
  @Get('after')
  after(@Res() reply: Reply & EventEmitter & { raw?: Reply & EventEmitter }) {
    const response = reply.raw ?? reply;
    afterwards = once(response, 'finish').then(() => this.flags.local.variant('theme'));
    response.end(String(this.flags.local.variant('theme')));
  }

  /** Answers, and asks for the first time when the answer is out. */
  @Get('only-after')
  onlyAfter(@Res() reply: Reply & EventEmitter & { raw?: Reply & EventEmitter }) {
    const response = reply.raw ?? reply;
    afterwards = once(response, 'finish').then(() => this.flags.local.variant('theme'));
    response.end('');
  }

  private answerRaw(response: Reply, headers: object) {
    const theme = this.flags.local.variant('theme');
    response.writeHead(200, headers);
    response.end(String(theme));
  }
}

afterEach(closeApps);

const start = (
  platform: (typeof platforms)[number] = 'Express',
  overrides?: Partial<SignedOverridesOptions> | false,
) =>
  startApp(platform, {
    controllers: [Shop],
    providers: [Prices],
    definitions,
    options: {
      context: () => ({ distinctId: 'ada' }),
      overrides: overrides !== false && { keys: [key], flags: ['new-checkout', 'theme'], ...overrides }, // prettier-ignore
    },
  });

const both: FlagOverrides = { 'new-checkout': true, theme: 'dark' };

const sign = (options: Partial<SignOverridesOptions> = {}) =>
  signOverrides({ flags: both, expiresInMs: 60_000, key, ...options });

const long = 2 * 86_400_000;

/** Signed two days ago, for so long. */
const signedThen = (expiresInMs: number) =>
  signOverridesAt({ flags: both, expiresInMs, key }, Date.now() - long);

const seen = {
  isNew: true,
  theme: 'dark',
  service: ['dark', 'override', 'dark'],
};

describe.each(platforms)('a signed override on %s', (platform) => {
  it('in the header holds in guards, parameters and services of its own request alone', async () => {
    const { http } = await start(platform);
    await http.get('/checkout').expect(404);
    await http.get('/checkout').set(header, sign()).expect(200, seen);
    await http.get('/checkout').expect(404);
  });

  it('in the cookie does too, where the app reads one', async () => {
    const { http } = await start(platform, { cookie: 'flags' });
    const cookies = `a=1; flags="${sign()}"; xflags=v1.no.no; flags=second`;
    await http.get('/checkout').set('Cookie', cookies).expect(200, seen);
    await http.get('/checkout').set('Cookie', `xflags=${sign()}`).expect(404);
  });

  it('keeps the response out of every cache, whatever the handler says', async () => {
    const { http } = await start(platform);
    const usual = await http.get('/cached').expect(200, { theme: 'light' });
    expect(usual.headers['cache-control']).toBe('public, max-age=600');
    const overridden = await http.get('/cached').set(header, sign()).expect(200, { theme: 'dark' });
    expect(overridden.headers['cache-control']).toBe('private, no-store');
    expect(overridden.headers['cdn-cache-control']).toBeUndefined();
    const refused = await http.get('/checkout').set(header, sign({ flags: { 'new-checkout': false } })); // prettier-ignore
    expect(refused.status).toBe(404);
    expect(refused.headers['cache-control']).toBe('private, no-store');
  });

  it.each(['/raw', '/raw-list'])(
    'does so where the handler writes the headers: %s',
    async (path) => {
      const { http } = await start(platform);
      expect((await http.get(path)).headers['cache-control']).toBe('public');
      const { headers, text } = await http.get(path).set(header, sign()).expect(200);
      expect([text, headers['cache-control'], headers['expires'], headers['x-own']]).toEqual(['dark', 'private, no-store', undefined, '1']); // prettier-ignore
    },
  );

  it('leaves the response alone where no flag is asked for, and where it is refused', async () => {
    const { http } = await start(platform);
    const unasked = await http.get('/unasked').set(header, sign()).expect(200);
    expect(unasked.headers['cache-control']).toBe('public, max-age=600');
    const refused = await http.get('/cached').set(header, 'v1.no.no').expect(200);
    expect(refused.headers['cache-control']).toBe('public, max-age=600');
  });

  it('does not hold for work that goes on after the response', async () => {
    const { http } = await start(platform);
    const { text } = await http.get('/after').set(header, sign()).expect(200);
    expect([text, await afterwards]).toEqual(['dark', 'light']);
  });

  it('does not hold for work that asks only after the response, and nothing is said of it', async () => {
    const { http, log } = await start(platform);
    await http.get('/only-after').set(header, sign()).expect(200);
    expect(await afterwards).toBe('light');
    expect(log.warned).toEqual([]);
  });

  it('comes too late when the headers are sent: a shared cache could keep the answer', async () => {
    const { http, log } = await start(platform);
    const { text } = await http.get('/late').set(header, sign()).expect(200);
    expect(text).toBe('light');
    expect(log.warned.join('\n')).toMatch(/before the headers of the response were sent/);
  });
});

describe('a request without the option `overrides`', () => {
  it('overrides nothing, and nothing is said of it', async () => {
    const { http, log } = await start('Express', false);
    await http.get('/checkout').set(header, sign()).expect(404);
    expect([...log.logged, ...log.warned].filter((line) => /overrid/i.test(line))).toEqual([]);
  });
});

describe('a signed override that is refused', () => {
  const cases: [string, string, RegExp][] = [
    ['has expired', signedThen(60_000), /it has expired/],
    ['was signed for too long', signOverridesAt({ flags: both, expiresInMs: 8 * 86_400_000, key }, Date.now()), /maxLifetimeMs/], // prettier-ignore
    ['was signed in the future', signOverridesAt({ flags: both, expiresInMs: 60_000, key }, Date.now() + long), /in the future/], // prettier-ignore
    ['was signed with another key', sign({ key: newKey }), /not among overrides\.keys/],
    ['was changed', sign().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), /it was changed/],
    ['is no such thing', 'true', /none that signOverrides\(\) has made/],
    ['is too long', 'x'.repeat(5_000), /more than 4096/],
    ['is for another audience', sign({ audience: 'blog' }), /overrides\.audience/],
    ['names another flag too', sign({ flags: { ...both, secret: true } }), /not among overrides\.flags/], // prettier-ignore
    ['is for another person', sign({ distinctId: 'bob' }), /another person/],
  ];

  it.each(cases)('because it %s changes nothing, and the log says why', async (_, text, why) => {
    const { http, log } = await start();
    await http.get('/checkout').set(header, text).expect(404);
    await http.get('/cached').set(header, text).expect(200, { theme: 'light' });
    await http.get('/cached').set(header, text).expect(200, { theme: 'light' });
    const lines = log.warned.filter((line) => line.startsWith('A signed override is not heeded'));
    expect(lines).toEqual([expect.stringMatching(why)]);
    expect([...log.logged, ...log.warned].join()).not.toMatch(/v1\.|dark/);
  });

  it('does not let the cookie in its place', async () => {
    const { http } = await start('Express', { cookie: 'flags' });
    await http.get('/checkout').set(header, 'true').set('Cookie', `flags=${sign()}`).expect(404);
  });
});

describe('a signed override', () => {
  it('is signed with any of the keys, while one takes the place of another', async () => {
    const { http } = await start('Express', { keys: [key, newKey] });
    await http.get('/checkout').set(header, sign()).expect(200);
    await http
      .get('/checkout')
      .set(header, sign({ key: newKey }))
      .expect(200);
    const after = await start('Express', { keys: [newKey] });
    await after.http.get('/checkout').set(header, sign()).expect(404);
  });

  it('is for the person and the audience that it names', async () => {
    const { http } = await start('Express', { audience: 'shop' });
    const text = sign({ audience: 'shop', distinctId: 'ada' });
    await http.get('/checkout').set(header, text).expect(200, seen);
  });

  it("of every flag needs the app's word, and the app says so at start", async () => {
    const { http, log } = await start('Express', { flags: '*' });
    await http.get('/checkout').set(header, sign({ flags: { ...both, secret: true } })).expect(200); // prettier-ignore
    expect(log.warned.join()).toMatch(/may override every flag, those of guards too/);
  });

  it('stands below what is overridden in code', async () => {
    const { http, flags } = await start();
    flags.override({ theme: 'night' });
    await http.get('/cached').set(header, sign()).expect(200, { theme: 'night' });
    await http.get('/checkout').set(header, sign()).expect(200, { ...seen, theme: 'night', service: ['night', 'override', 'night'] }); // prettier-ignore
  });

  it('is named by the log once, with its end and its key, and at start the flags and the place', async () => {
    const { http, log } = await start('Express', { keys: [newKey, key], header: 'X-QA' });
    const text = sign();
    for (let times = 0; times < 3; times += 1) await http.get('/cached').set('x-qa', text);
    const lines = log.logged.filter((line) => /overrid/i.test(line));
    expect(lines).toEqual([
      'Requests may override new-checkout, theme by what is signed with one of 2 keys, in the header x-qa.',
      expect.stringMatching(/^Signed overrides are in use: new-checkout, theme, until 20.*Z \(overrides\.keys\[1\]\)\.$/), // prettier-ignore
    ]);
    const one = await start('Express', { keys: [key], header: 'X-QA' });
    expect(one.log.logged.join()).toContain(
      ' signed with the key in overrides.keys, in the header',
    );
  });
});

describe('outside HTTP', () => {
  @Injectable()
  class Handlers {
    constructor(private readonly flags: FlagsService) {}

    @FeatureFlag('new-checkout')
    guarded() {
      return this.flags.local.variant('theme');
    }
  }

  const startWith = (kind: string) =>
    startApp('Express', {
      controllers: [Shop],
      providers: [Prices, Handlers],
      definitions,
      options: {
        context: { contextTypes: ['http', kind], resolve: () => ({ distinctId: 'ada' }) },
        overrides: { keys: [key], flags: ['new-checkout', 'theme'] },
      },
    });

  /** Calls the handler as a transport of this kind would. */
  function send(app: INestApplication, kind: string, ...args: unknown[]): Promise<unknown> {
    const handlers = app.get(Handlers);
    const parameters = { exchangeKeyForValue: () => undefined };
    const settings = { guards: true, interceptors: true, filters: false };
    return app
      .get(ExternalContextCreator)
      .create(handlers as never, handlers['guarded'] as never, 'guarded', '__routeArguments__', parameters, undefined, undefined, settings, kind)(...args); // prettier-ignore
  }

  const carrying = () => ({ headers: { [header]: sign() } });

  it('GraphQL reads it from the request beneath', async () => {
    const { app } = await startWith('graphql');
    expect(await send(app, 'graphql', {}, {}, { req: carrying() })).toBe('dark');
    await expect(send(app, 'graphql', {}, {}, { req: { headers: {} } })).rejects.toThrow('Not Found'); // prettier-ignore
  });

  it('WebSockets read it from the handshake, where there is one', async () => {
    const { app } = await startWith('ws');
    expect(await send(app, 'ws', { handshake: carrying() }, {})).toBe('dark');
    await expect(send(app, 'ws', carrying(), {})).rejects.toThrow('Not Found');
  });

  it('microservices do not read it', async () => {
    const { app } = await startWith('rpc');
    await expect(send(app, 'rpc', carrying(), carrying())).rejects.toThrow('Not Found');
  });
});
