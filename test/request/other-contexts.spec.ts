import { Controller, Get, Injectable } from '@nestjs/common';
import type { ExecutionContext, INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  FeatureFlag,
  FlagEnabled,
  FlagResult,
  FlagsService,
  isFlagsError,
} from '../../lib/index.js';
import type { FeatureFlagsModuleOptions, FlagEvaluation } from '../../lib/index.js';
import { definitionsOf, on, onFor, unresolvable } from '../support/flag-definitions.js';
import { ScriptedRemote, failure, flags } from '../support/scripted-remote.js';
import { closeApps, startApp } from './platforms.js';

const definitions = definitionsOf(
  on('on'),
  onFor('staff', 'team', 'staff'),
  unresolvable('remote'),
  unresolvable('remote-too'),
);

/** Handlers of messages; Nest's own creator runs them as its transports do. */
@Injectable()
class Handlers {
  constructor(private readonly flags: FlagsService) {}

  @FeatureFlag('staff')
  guarded() {
    return 'served';
  }

  parameter(@FlagEnabled('staff') isStaff: boolean) {
    return [isStaff, this.flags.local.isEnabled('staff')];
  }

  @FeatureFlag('staff', { otherwise: { redirect: '/old' } })
  redirected() {
    return 'served';
  }

  @FeatureFlag('staff', { otherwise: { handler: 'plain' } })
  fallback() {
    return 'served';
  }

  plain() {
    return this.flags.local.evaluate('on').reason;
  }

  @FeatureFlag('remote')
  async remote(@FlagResult('remote-too') too: FlagEvaluation) {
    return [too.value, too.origin, await this.flags.variant('remote-too')];
  }
}

/** Never asked: it makes Nest look for guards and pipes in the module of the handlers. */
@Controller()
class Routes {
  @FeatureFlag('on')
  @Get()
  get(@FlagEnabled('on') on: boolean) {
    return on;
  }
}

afterEach(closeApps);

const start = (options: Partial<FeatureFlagsModuleOptions>) =>
  startApp('Express', { controllers: [Routes], providers: [Handlers], definitions, options });

/** Sends a message to a handler, as a transport of this kind would. */
function send(app: INestApplication, kind: string, method: keyof Handlers, ...args: unknown[]) {
  const handlers = app.get(Handlers);
  const parameters = { exchangeKeyForValue: () => undefined };
  return app
    .get(ExternalContextCreator)
    .create(
      handlers as never,
      handlers[method] as never,
      method,
      '__routeArguments__',
      parameters,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: false },
      kind,
    )(...args);
}

describe.each(['rpc', 'ws', 'graphql'])('in an execution context of the kind %s', (kind) => {
  let calls = 0;
  const byTeam = {
    contextTypes: ['http', kind],
    resolve: (ctx: ExecutionContext) => {
      calls += 1;
      return {
        distinctId: 'ada',
        personProperties: { team: ctx.getArgByIndex<{ team: string }>(0).team },
      };
    },
  };
  const message = (team: string) => [{ team }, {}, {}];

  it('a guard without a resolver for it fails with what is missing and what to do', async () => {
    const { app } = await start({ context: () => ({ distinctId: 'ada' }) });
    const error: unknown = await send(app, kind, 'guarded', ...message('staff')).catch(
      (caught: unknown) => caught,
    );
    expect(isFlagsError(error) && error.code).toBe('context-not-resolved');
    expect(String(error)).toContain(
      `Handlers.guarded runs in an execution context of the kind "${kind}"`,
    );
    expect(String(error)).toContain(`contextTypes: ['http', '${kind}']`);
  });

  it('a flag parameter without a resolver for it fails likewise', async () => {
    const { app } = await start({ context: () => ({ distinctId: 'ada' }) });
    await expect(send(app, kind, 'parameter', ...message('staff'))).rejects.toThrow(
      'for which nothing says who asks',
    );
  });

  it('a handler that asks without a context is answered: unresolved', async () => {
    const { app } = await start({ context: () => ({ distinctId: 'ada' }) });
    expect(await send(app, kind, 'plain', ...message('staff'))).toBe('missing_distinct_id');
  });

  it('a resolver that handles it serves guards, parameters and services', async () => {
    const { app } = await start({ context: byTeam });
    expect(await send(app, kind, 'guarded', ...message('staff'))).toBe('served');
    await expect(send(app, kind, 'guarded', ...message('customers'))).rejects.toThrow('Not Found');
    calls = 0;
    expect(await send(app, kind, 'parameter', ...message('staff'))).toEqual([true, true]);
    expect(calls).toBe(1);
    expect(await send(app, kind, 'parameter', ...message('customers'))).toEqual([false, false]);
  });
});

describe.each(['rpc', 'ws', 'graphql'])(
  'what only PostHog can decide, in a context of the kind %s',
  (kind) => {
    const context = { contextTypes: [kind], resolve: () => ({ distinctId: 'ada' }) };

    it('is asked for gate, parameter and service together, and again for another message', async () => {
      const remote = new ScriptedRemote();
      remote.answer = () => flags({ remote: true, 'remote-too': 'blue' });
      const { app } = await start({ context, remote });
      const both = ['remote', 'remote-too'];
      // Nothing stands for one message of a WebSocket: its guards know nothing of its handler.
      const aMessage = kind === 'ws' ? [['remote'], both] : [both];
      for (const asked of [aMessage, [...aMessage, ...aMessage]]) {
        expect(await send(app, kind, 'remote', {}, {}, {})).toEqual(['blue', 'remote', 'blue']);
        expect(remote.questions.map(({ keys }) => keys)).toEqual(asked);
      }
    });

    it('refuses where PostHog fails, and serves the last known answer where there is one', async () => {
      const remote = new ScriptedRemote();
      const { app } = await start({ context, remote, fallbackCache: 'memory://local/' });
      remote.answer = () => failure();
      await expect(send(app, kind, 'remote', {}, {}, {})).rejects.toThrow('Not Found');
      remote.answer = () => flags({ remote: true, 'remote-too': 'blue' });
      await send(app, kind, 'remote', {}, {}, {});
      remote.answer = () => failure();
      expect(await send(app, kind, 'remote', {}, {}, {})).toEqual([
        'blue',
        'fallback-cache',
        'blue',
      ]);
    });
  },
);

describe('a refusal outside HTTP', () => {
  it.each(['redirected', 'fallback'] as const)(
    'is the exception, where %s is written',
    async (method) => {
      const context = { contextTypes: ['rpc'], resolve: () => ({ distinctId: 'ada' }) };
      const { app } = await start({ context });
      await expect(send(app, 'rpc', method, {}, {})).rejects.toThrow('Not Found');
    },
  );
});
