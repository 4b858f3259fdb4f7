import { Controller, ForbiddenException, Get, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FeatureFlag, FeatureFlagGuard, FeatureFlagGuardParts } from '../../lib/index.js';
import type {
  EvaluationContext,
  FeatureFlagsModuleOptions,
  FlagEvaluation,
  FlagRequirement,
} from '../../lib/index.js';
import { definitionsOf, off, on } from '../support/flag-definitions.js';
import { closeApps, startApp } from './platforms.js';

const definitions = definitionsOf(on('on'), off('off'));
const anybody = () => ({ distinctId: 'ada' });

@Controller()
class Shop {
  @FeatureFlag('on')
  @Get('on')
  on() {
    return 'on';
  }

  @FeatureFlag('off')
  @Get('off')
  off() {
    return 'off';
  }

  @FeatureFlag({ all: ['off', { not: 'on' }] })
  @Get('swapped')
  swapped() {
    return 'swapped';
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

afterEach(closeApps);

describe('the guard', () => {
  const contextOf = (method: keyof Shop): ExecutionContext => {
    const request = { method: 'GET', url: '/', originalUrl: '/' };
    return new ExecutionContextHost([request, {}, () => undefined], Shop, Shop.prototype[method]);
  };
  const guardWith = async (context: FeatureFlagsModuleOptions['context']) => {
    const { app } = await startApp('Express', {
      controllers: [Shop],
      definitions,
      options: { context },
    });
    return app.get(FeatureFlagGuard);
  };

  it('answers without a promise when context and flags are at hand', async () => {
    const guard = await guardWith(anybody);
    expect(guard.canActivate(contextOf('on'))).toBe(true);
    expect(guard.canActivate(contextOf('plain'))).toBe(true);
    expect(() => guard.canActivate(contextOf('off'))).toThrow('Cannot GET /');
  });

  it('answers with a promise when the resolver does', async () => {
    const guard = await guardWith(async () => anybody());
    const answer = guard.canActivate(contextOf('on'));
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toBe(true);
    await expect(guard.canActivate(contextOf('off'))).rejects.toThrow('Cannot GET /');
  });
});

describe('a guard provided in its place', () => {
  const startWith = (guard: new (...args: never[]) => CanActivate, ...more: never[]) =>
    startApp('Express', {
      controllers: [Shop],
      providers: [{ provide: FeatureFlagGuard, useClass: guard }, ...more],
      definitions,
      options: { context: anybody },
    });

  it('may ask for something else', async () => {
    class Everything extends FeatureFlagGuard {
      protected override requirementsFor(ctx: ExecutionContext): readonly FlagRequirement[] {
        return super.requirementsFor(ctx, 'method').map((requirement) => ({
          ...requirement,
          keys: ['off'],
        }));
      }
    }
    const { http } = await startWith(Everything);
    await http.get('/on').expect(404);
    await http.get('/plain').expect(200);
  });

  it('may know the person by other means', async () => {
    const people: unknown[] = [];
    class Other extends FeatureFlagGuard {
      protected override async contextFor(): Promise<EvaluationContext> {
        return { distinctId: 'bob' };
      }

      protected override evaluate(
        key: string,
        context: EvaluationContext | undefined,
        ctx: ExecutionContext,
      ) {
        people.push(context?.distinctId);
        return super.evaluate(key, context, ctx);
      }
    }
    const { http } = await startWith(Other);
    await http.get('/on').expect(200);
    expect(people).toEqual(['bob']);
  });

  it('may evaluate elsewhere, and take its time', async () => {
    @Injectable()
    class Remote {
      async valueOfFlag(key: string): Promise<boolean> {
        return key === 'off';
      }
    }

    @Injectable()
    class Asking extends FeatureFlagGuard {
      constructor(
        parts: FeatureFlagGuardParts,
        private readonly remote: Remote,
      ) {
        super(parts);
      }

      protected override async evaluate(
        key: string,
        context: EvaluationContext | undefined,
        ctx: ExecutionContext,
      ): Promise<FlagEvaluation> {
        const local = await super.evaluate(key, context, ctx);
        const value = await this.remote.valueOfFlag(key);
        return { ...local, value, enabled: value, origin: 'remote' };
      }
    }
    const { http } = await startWith(Asking, Remote as never);
    await http.get('/on').expect(404);
    await http.get('/off').expect(200);
    // Not by what is known here, where the flags stand the other way round.
    await http.get('/swapped').expect(200);
  });

  it('may judge and refuse in its own way', async () => {
    class Strict extends FeatureFlagGuard {
      protected override isSatisfied(
        _requirement: FlagRequirement,
        evaluations: readonly FlagEvaluation[],
      ) {
        return evaluations.every(({ variant }) => variant !== undefined);
      }

      protected override refuse(requirement: FlagRequirement): boolean {
        throw new ForbiddenException(requirement.keys.join());
      }
    }
    const { http } = await startWith(Strict);
    const { body } = await http.get('/on').expect(403);
    expect(body.message).toBe('on');
  });
});
