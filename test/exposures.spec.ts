/**
 * Exposures of a whole app: what counts as one at each face of the flags, what becomes of them when
 * the app ends, and that whoever takes them can break nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller, Get, Injectable } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  FeatureFlag,
  FlagEnabled,
  FlagPayload,
  FlagResult,
  FlagVariant,
  FlagsService,
  PostHogExposureSender,
  PostHogRemoteEvaluator,
} from '../lib/index.js';
import type { FeatureFlagsModuleOptions, FlagEvaluation } from '../lib/index.js';
import { closeApps, platforms, startApp } from './request/platforms.js';
import { eventually } from './setup/free-port.mjs';
import { CollectingSink, never } from './support/collecting-sink.js';
import { DefinitionsServer, type ScriptedAnswer } from './support/definitions-server.js';
import { definitionsOf, on, onFor, variant } from './support/flag-definitions.js';

const definitions = definitionsOf(
  on('on'),
  variant('blue', 'navy', { size: 3 }),
  on('third'),
  onFor('open', 'team', 'staff'),
);

@Controller()
class Shop {
  /** By which a test holds a request up. */
  static hold: () => Promise<void> = () => Promise.resolve();
  /** By which it learns that all modules are destroyed, and the server is about to be closed. */
  static onEnding: () => void = () => undefined;

  constructor(private readonly flags: FlagsService) {}

  @FeatureFlag('on')
  @FeatureFlag({ any: ['third', 'open'] })
  @Get('guarded')
  async guarded(@FlagEnabled('on') isOn: boolean, @FlagVariant('blue') blue: string) {
    const { local } = this.flags;
    return [isOn, blue, await this.flags.isEnabled('on'), local.isEnabled('on')];
  }

  @Get('payloads')
  async payloads(@FlagPayload('blue') blue: object) {
    return [blue, await this.flags.payload('blue'), this.flags.local.payload('blue')];
  }

  @Get('result')
  result(@FlagResult('blue') blue: FlagEvaluation) {
    return [blue.value];
  }

  @Get('all')
  async all() {
    return [(await this.flags.evaluateAll()).size, this.flags.local.evaluateAll().size];
  }

  @FeatureFlag('open')
  @Get('remote')
  async remote(@FlagEnabled('open') isOpen: boolean) {
    return [isOpen, await this.flags.isEnabled('open'), this.flags.local.isEnabled('open')];
  }

  @Get('all-then-one')
  async allThenOne() {
    const { size } = await this.flags.evaluateAll();
    return [size, this.flags.local.isEnabled('open')];
  }

  @Get('held')
  async held() {
    await Shop.hold();
    return [await this.flags.isEnabled('third')];
  }
}

@Injectable()
class Messages {
  @FeatureFlag('on')
  guarded(@FlagEnabled('third') third: boolean) {
    return third;
  }

  beforeApplicationShutdown() {
    Shop.onEnding();
  }
}

let sink: CollectingSink;

beforeEach(() => {
  sink = new CollectingSink(true);
});

afterEach(closeApps);

function start(
  exposures: FeatureFlagsModuleOptions['exposures'] = sink,
  platform: (typeof platforms)[number] = 'Express',
) {
  const context = { contextTypes: ['http', 'rpc', 'ws', 'graphql'], resolve: () => ada };
  return startApp(platform, {
    controllers: [Shop],
    providers: [Messages],
    definitions,
    options: { context, exposures } as Partial<FeatureFlagsModuleOptions>,
  });
}

const ada = { distinctId: 'ada', personProperties: { email: 'ada@private.test' } };

describe.each(platforms)('a request on %s', (platform) => {
  it('exposes what its guards, parameters and services read, each flag once', async () => {
    const { http } = await start(sink, platform);
    await http.get('/guarded').expect(200, [true, 'navy', true, true]);
    // Nobody had to know of the flag `open`: another one let the request pass.
    expect(sink.read.toSorted()).toEqual(['blue=navy', 'on=true', 'third=true']);
    await http.get('/guarded').expect(200);
    expect(sink.exposures).toHaveLength(3);
  });

  it('exposes nothing by payloads, and nothing by evaluating all flags', async () => {
    const { http } = await start(sink, platform);
    await http.get('/payloads').expect(200, [{ size: 3 }, { size: 3 }, { size: 3 }]);
    await http.get('/all').expect(200, [4, 4]);
    expect(sink.exposures).toEqual([]);
    await http.get('/result').expect(200, ['navy']);
    expect(sink.read).toEqual(['blue=navy']);
  });
});

describe.each(['rpc', 'ws', 'graphql'])('a message of the kind %s', (kind) => {
  it('exposes what its guard and its parameters read', async () => {
    const { app } = await start();
    const send = handlerOf(app, kind);
    expect(await send({}, {}, {})).toBe(true);
    expect(sink.read).toEqual(['on=true', 'third=true']);
  });
});

/** As a transport of this kind would call it. */
function handlerOf(app: INestApplication, kind: string) {
  const messages = app.get(Messages);
  const parameters = { exchangeKeyForValue: () => undefined };
  const enhancers = { guards: true, interceptors: true, filters: false };
  return app
    .get(ExternalContextCreator)
    .create(messages as never, messages['guarded'] as never, 'guarded', '__routeArguments__', parameters, undefined, undefined, enhancers, kind); // prettier-ignore
}

describe('a read outside of requests', () => {
  it('exposes, by whichever method the value is read', async () => {
    const { flags } = await start();
    const persons = ['a', 'b', 'c', 'd', 'e', 'f'].map((distinctId) => ({ distinctId }));
    await flags.evaluate('blue', persons[0]);
    await flags.isEnabled('blue', persons[1]);
    await flags.variant('blue', persons[2]);
    flags.local.evaluate('blue', persons[3]);
    flags.local.isEnabled('blue', persons[4]);
    flags.local.variant('blue', persons[5]);
    expect(sink.exposures.map(({ distinctId }) => distinctId).join('')).toBe('abcdef');
    flags.explain('on', persons[0]);
    flags.local.evaluate('on');
    await flags.evaluate('on');
    expect(sink.exposures).toHaveLength(6);
  });

  it('that is told not to is none, and does not keep a later one from being one', async () => {
    const { flags } = await start();
    const not = { exposure: false };
    await flags.evaluate('on', ada, not);
    await flags.isEnabled('on', ada, { ...not, default: true });
    await flags.variant('on', ada, not);
    flags.local.evaluate('on', ada, not);
    flags.local.isEnabled('on', ada, not);
    flags.local.variant('on', ada, not);
    expect(sink.exposures).toEqual([]);
    await flags.isEnabled('on', ada);
    expect(sink.read).toEqual(['on=true']);
  });

  it('exposes what was evaluated, and not the default in its place', async () => {
    const { flags } = await start();
    expect(await flags.isEnabled('open', ada, { default: true })).toBe(true);
    expect(sink.exposures).toMatchObject([
      { key: 'open', value: undefined, errors: ['local_evaluation_inconclusive'] },
    ]);
  });

  it('exposes nothing where nobody has asked for it', async () => {
    const { flags } = await start(false);
    expect(flags.local.isEnabled('on', ada)).toBe(true);
    expect(await flags.isEnabled('on', ada)).toBe(true);
    expect([sink.exposures, flags.status().exposures]).toEqual([[], undefined]);
  });
});

describe('the end of the app', () => {
  it('comes after the last request: what that one reads is sent, and nothing afterwards', async () => {
    const queued = new CollectingSink();
    const { app, flags } = await start({ sink: queued, batchDelayMs: 60_000 });
    await app.listen(0);
    const gate = new Promise<void>((resolve) => (Shop.onEnding = resolve));
    const inside = new Promise<void>((resolve) => {
      Shop.hold = () => {
        resolve();
        return gate;
      };
    });
    const answer = fetch(`${await app.getUrl()}/held`, { headers: { connection: 'close' } });
    await inside;
    const closed = app.close();
    expect(await (await answer).json()).toEqual([true]);
    await closed;
    expect(queued.read).toEqual(['third=true']);
    flags.local.isEnabled('on', ada);
    expect(queued.read).toEqual(['third=true']);
    expect(flags.status().exposures).toEqual({ pending: 0, sent: 1, dropped: 0, lost: 0 });
  });

  it('waits for a sink that hangs no longer than it may, and the log says what was lost', async () => {
    const hanging = new CollectingSink();
    hanging.onBatch = never;
    const { app, flags, log } = await start({ sink: hanging, flushTimeoutMs: 50 });
    flags.local.isEnabled('on', ada);
    await app.close();
    expect(flags.status().exposures).toMatchObject({ pending: 0, lost: 1 });
    expect(log.warned.filter((line) => line.includes('1 exposures were not sent'))).toHaveLength(1);
  });
});

describe('a sink that', () => {
  it.each([
    ['throws', () => { throw new Error('no, said ada@private.test'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
    ['hangs', never],
  ])('%s breaks no request, whether it takes batches or each at once', async (_what, onBatch) => {
    for (const takesAtOnce of [false, true]) {
      const broken = new CollectingSink(takesAtOnce);
      broken.onBatch = onBatch;
      const { http, app } = await start({ sink: broken, batchSize: 1, flushTimeoutMs: 10 });
      await http.get('/guarded').expect(200, [true, 'navy', true, true]);
      await http.get('/guarded').expect(200);
      await app.close();
      expect(broken.batches.length).toBeGreaterThan(0);
    }
  });

  it('gathers does so on behalf of no request; one that does not is asked within its own', async () => {
    const requests = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    for (const takesAtOnce of [false, true]) {
      const looking = new CollectingSink(takesAtOnce);
      looking.onBatch = () => void seen.push(requests.getStore());
      const { flags, app } = await start({ sink: looking, batchSize: 2, batchDelayMs: 10 });
      requests.run('the request of ada', () => {
        for (const key of ['on', 'blue', 'third']) flags.local.isEnabled(key, ada);
      });
      await eventually(async () => looking.exposures.length === 3);
      await app.close();
    }
    expect(seen).toEqual([
      undefined,
      undefined,
      'the request of ada',
      'the request of ada',
      'the request of ada',
    ]);
  });
});

describe('a flood', () => {
  it('of 100,000 exposures keeps the queue within its bounds, and every one is accounted for', async () => {
    const hanging = new CollectingSink();
    hanging.onBatch = never;
    const { flags, app, log } = await start({ sink: hanging, queueSize: 1_000, flushTimeoutMs: 0 });
    let most = 0;
    for (let n = 0; n < 100_000; n += 1) {
      flags.local.isEnabled('on', { distinctId: `person-${n}` });
      if (n % 1_000 === 0) most = Math.max(most, flags.status().exposures?.pending ?? 0);
    }
    const counts = { pending: 1_000, sent: 0, dropped: 99_000, lost: 0 };
    expect([flags.status().exposures, most]).toEqual([counts, 1_000]);
    expect(log.warned.filter((line) => line.includes('Exposures are dropped'))).toHaveLength(1);
    await app.close();
    expect(flags.status().exposures).toEqual({ ...counts, pending: 0, lost: 1_000 });
  });
});

describe('a request whose flag only PostHog can decide', () => {
  const context = async () => ada;
  const remoteAnswer = {
    open: { enabled: true, reason: { code: 'condition_match' }, metadata: { id: 9, version: 2 } },
  };
  let posthog: DefinitionsServer;

  beforeEach(async () => {
    posthog = await new DefinitionsServer().start();
    posthog.flags = () => ({ body: { flags: remoteAnswer, requestId: 'r1' } });
  });

  afterEach(async () => {
    await closeApps();
    await posthog.close();
  });

  async function startRemote() {
    const { host, projectApiKey } = posthog;
    const remote = new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs: 30_000 });
    const fallbackCache = 'memory://local/?ttl=300';
    const options = { context, remote, fallbackCache, exposures: sink };
    return startApp('Express', { controllers: [Shop], definitions, options });
  }

  it('exposes it once, with what PostHog has said', async () => {
    const { http } = await startRemote();
    await http.get('/remote').expect(200, [true, true, true]);
    expect(sink.exposures).toMatchObject([
      { key: 'open', value: true, origin: 'remote', flagId: 9, flagVersion: 2, requestId: 'r1' },
    ]);
  });

  it('exposes what it knows of all flags only when one of them is read', async () => {
    const { http } = await startRemote();
    await http.get('/all-then-one').expect(200, [4, true]);
    expect(sink.exposures).toMatchObject([{ key: 'open', requestId: 'r1' }]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['fails', { status: 503 }, 'api_error_503'],
    ['has no such flag', { body: { flags: {} } }, 'flag_missing'],
    ['is not paid for it', { status: 402 }, 'quota_limited'],
  ])('exposes, where PostHog %s, why there is no value', async (_what, answer, error) => {
    const { http } = await startRemote();
    posthog.flags = () => answer;
    await http.get('/remote').expect(404);
    expect(sink.exposures).toMatchObject([{ key: 'open', value: undefined, errors: [error] }]);
  });

  it('exposes a last known answer as what it is', async () => {
    const { http, flags } = await startRemote();
    const unexposed = { exposure: false };
    expect(await flags.isEnabled('open', ada, unexposed)).toBe(true);
    posthog.flags = () => ({ status: 500 });
    await http.get('/remote').expect(200, [true, true, true]);
    expect(sink.exposures).toMatchObject([
      {
        key: 'open',
        value: true,
        origin: 'fallback-cache',
        reason: 'condition_match',
        flagId: definitions.flags[3]?.id,
        requestId: undefined,
        errors: ['api_error_500'],
      },
    ]);
  });
});

describe('through PostHog', () => {
  let posthog: DefinitionsServer;

  beforeEach(async () => {
    posthog = await new DefinitionsServer({ projectApiKey: 'phc_canary_project' }).start();
  });

  afterEach(async () => {
    await closeApps();
    await posthog.close();
  });

  const sending = (timeoutMs = 30_000) => {
    const { host, projectApiKey } = posthog;
    const sender = new PostHogExposureSender({ host, projectApiKey, timeoutMs, retries: 1 });
    return start({ sink: sender, batchSize: 2, batchDelayMs: 20, flushTimeoutMs: 30_000 });
  };

  it('events arrive while the app runs, and at the latest when it ends', async () => {
    const { flags, app } = await sending();
    for (const key of ['on', 'blue', 'third']) flags.local.isEnabled(key, ada);
    const three = () => flags.status().exposures?.sent === 3;
    expect(await eventually(async () => three())).toBe(true);
    flags.local.isEnabled('open', ada);
    await app.close();
    expect(posthog.events.map(({ properties }) => properties['$feature_flag'])).toEqual([
      'on',
      'blue',
      'third',
      'open',
    ]);
    expect(JSON.stringify(posthog.batchRequests)).not.toContain('ada@private.test');
  });

  it.each([
    ['fails', { status: 500 }],
    ['refuses', { status: 401 }],
    ['says nothing', { fault: 'no-headers' }],
    ['breaks off', { fault: 'cut', body: { status: 1 } }],
    ['cannot be reached', { fault: 'refused' }],
  ] as [string, ScriptedAnswer][])(
    'that %s requests go on; the log says it once, tells no secret, and says when it is over',
    async (what, answer) => {
      posthog.batch = () => answer;
      const { flags, http, log } = await sending(what === 'says nothing' ? 1_000 : undefined);
      await http.get('/guarded').expect(200, [true, 'navy', true, true]);
      flags.local.isEnabled('on', { distinctId: 'bo@private.test' });
      const counts = () => flags.status().exposures;
      // A broken answer with the status 200 was taken all the same.
      const isTaken = what === 'breaks off';
      const four = async () => (isTaken ? counts()?.sent : counts()?.lost) === 4;
      expect(await eventually(four)).toBe(true);
      const told = log.warned.filter((line) => line.includes('Exposures are lost'));
      expect(told).toHaveLength(isTaken ? 0 : 1);
      posthog.batch = () => ({ body: { status: 1 } });
      flags.local.isEnabled('on', { distinctId: 'cy@private.test' });
      expect(await eventually(async () => counts()?.pending === 0)).toBe(true);
      const over = log.logged.filter((line) => line.includes('takes exposures again'));
      expect(over).toHaveLength(isTaken ? 0 : 1);
      expect([...log.logged, ...log.warned, ...log.failed].join('\n')).not.toMatch(
        /@private|phc_canary/,
      );
    },
  );
});
