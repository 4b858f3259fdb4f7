/**
 * Lets another method of a controller answer in place of a refused one, with its own parameter
 * decorators and their pipes. Nest itself works those out, through the ExternalContextCreator
 * that its GraphQL package uses; guards and interceptors are those of the route, which have run.
 */
import { Injectable } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import {
  ApplicationConfig,
  ContextIdFactory,
  ExternalContextCreator,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import type { RouteParamsFactory } from '@nestjs/core/router/route-params-factory.js';
import { FlagsError } from '../core/errors/flags-error.js';

type Serve = (...args: unknown[]) => unknown;
type Controller = Record<string, (...args: unknown[]) => unknown>;

/** Where Nest keeps a method's parameter decorators: ROUTE_ARGS_METADATA. */
const PARAMETERS_KEY = '__routeArguments__';
/** Parameters that no pipe of a route sees: request, response, next, headers, session, host, ip. */
const beyondPipes = new Set<unknown>([0, 1, 2, 6, 7, 10, 11]);
/** Nothing of the route is to run twice. */
const bare = { guards: false, interceptors: false, filters: false };

/** The controller's place in the container, found once. */
interface Home {
  readonly moduleKey: string;
  readonly wrapperId: string;
  /** Undefined for a controller that is created for each request. */
  readonly instance: Controller | undefined;
}

@Injectable()
export class FallbackHandlers {
  private readonly requested = new WeakMap<object, string>();
  private readonly homes = new Map<unknown, Home>();
  private readonly served = new Map<unknown, Map<string, Serve>>();
  private params: RouteParamsFactory | undefined;

  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    private readonly config: ApplicationConfig,
  ) {}

  /** Loads what serving needs; to be called before requests come, if any route has a fallback. */
  async prepare(): Promise<void> {
    // Nest has no other door to this class; both of its supported versions have this path.
    const { RouteParamsFactory: Factory } =
      await import('@nestjs/core/router/route-params-factory.js');
    this.params ??= new Factory(this.config);
  }

  /** Notes that `method` is to answer this request. The first to say so prevails. */
  requestInstead(ctx: ExecutionContext, method: string): void {
    const request: object = ctx.switchToHttp().getRequest();
    if (!this.requested.has(request)) this.requested.set(request, method);
  }

  /** The method that is to answer this request, if it is another than the route's own. */
  requestedFor(ctx: ExecutionContext): string | undefined {
    return this.requested.get(ctx.switchToHttp().getRequest());
  }

  /** Lets `method` answer. Rejects with whatever it throws. */
  async serve(ctx: ExecutionContext, method: string): Promise<unknown> {
    const controller = ctx.getClass();
    const home = this.homeOf(controller);
    if (home.instance !== undefined) {
      return this.staticServe(controller, method, home, home.instance)(...ctx.getArgs());
    }
    const contextId = ContextIdFactory.getByRequest(ctx.switchToHttp().getRequest());
    const instance = await this.moduleRef.resolve<Controller>(controller, contextId, {
      strict: false,
    });
    return this.build(home, instance, method, contextId)(...ctx.getArgs());
  }

  private staticServe(
    controller: Type<unknown>,
    method: string,
    home: Home,
    instance: Controller,
  ): Serve {
    const byMethod = this.served.get(controller) ?? new Map<string, Serve>();
    this.served.set(controller, byMethod);
    const serve = byMethod.get(method) ?? this.build(home, instance, method);
    byMethod.set(method, serve);
    return serve;
  }

  private build(
    home: Home,
    instance: Controller,
    method: string,
    contextId?: ReturnType<typeof ContextIdFactory.create>,
  ): Serve {
    const { params } = this;
    const handler = instance[method];
    if (params === undefined || handler === undefined) {
      throw new FlagsError(`There is no method "${method}" to fall back to.`, {
        code: 'invalid-options',
      });
    }
    return this.creatorFor(home.moduleKey).create(
      instance,
      handler,
      method,
      PARAMETERS_KEY,
      {
        exchangeKeyForValue: (type: number, data: string, [req, res, next]: unknown[]) =>
          params.exchangeKeyForValue(type, data, {
            req: req as Record<string, unknown>,
            res,
            next: next as () => unknown,
          }),
      },
      contextId,
      home.wrapperId,
      bare,
      'http',
    );
  }

  /**
   * Nest's creator, set right for controllers. It would look for the module of a class among the
   * providers only, and lose the pipes of a controller's parameters; and it would send the
   * request itself through the app's global pipes, which a route never does.
   */
  private creatorFor(moduleKey: string): ExternalContextCreator {
    const { creator } = this;
    const getParamValue: ExternalContextCreator['getParamValue'] = (value, metadata, pipes) =>
      beyondPipes.has(metadata.type)
        ? Promise.resolve(value)
        : creator.getParamValue(value, metadata, pipes);
    return Object.create(creator, {
      getContextModuleKey: { value: () => moduleKey },
      getParamValue: { value: getParamValue },
    }) as ExternalContextCreator;
  }

  private homeOf(controller: Type<unknown>): Home {
    const known = this.homes.get(controller);
    if (known !== undefined) return known;
    for (const [moduleKey, module] of this.modules) {
      const wrapper = module.controllers.get(controller);
      if (wrapper === undefined) continue;
      const instance = wrapper.isDependencyTreeStatic()
        ? (wrapper.instance as Controller)
        : undefined;
      const home = { moduleKey, wrapperId: wrapper.id, instance };
      this.homes.set(controller, home);
      return home;
    }
    throw new FlagsError(`${controller.name} is no controller of this app.`, {
      code: 'invalid-options',
    });
  }
}
