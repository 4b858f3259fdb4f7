/**
 * Asks the app's resolver for the evaluation context of a request, whatever form the resolver
 * has. What it answers is checked here; what it throws is passed on.
 */
import type { ExecutionContext, Type } from '@nestjs/common';
import type { ModuleRef, ModulesContainer } from '@nestjs/core';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import { FlagsError } from '../core/errors/flags-error.js';
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';
import { isPromiseLike } from '../is-promise-like.js';
import { isResolverClass } from './evaluation-context-resolver.js';
import type { ContextResolver, EvaluationContextResolver } from './evaluation-context-resolver.js';

const defaultTypes: readonly string[] = ['http'];

export class RequestContexts {
  private resolver: ContextResolver | undefined;
  private types = defaultTypes;

  constructor(private readonly given: EvaluationContextResolver | undefined) {
    if (given !== undefined && !isResolverClass(given)) this.use(given);
  }

  /** False when the app has configured no resolver. */
  get isConfigured(): boolean {
    return this.given !== undefined;
  }

  /**
   * Whether handlers are to wait for the resolver. A function that is not declared `async` is
   * taken at its word, since waiting costs every request of the app, flags or not.
   */
  get isWaitedFor(): boolean {
    const { given } = this;
    if (given === undefined) return false;
    if (isResolverClass(given)) return true;
    if (typeof given === 'function') return isAsync(given);
    return isAsync(Reflect.get(given, 'resolve')) || this.types.some((type) => type !== 'http');
  }

  /**
   * Gets the instance when the resolver is a class. To be called once, when the app's providers
   * exist.
   * @throws FlagsError `invalid-options` when there is none to be had.
   */
  async connect(moduleRef: ModuleRef, modules: ModulesContainer): Promise<void> {
    const { given } = this;
    if (!isResolverClass(given)) return;
    try {
      this.use(await instanceOf(given, moduleRef, modules));
    } catch (cause) {
      throw new FlagsError(
        `The context resolver ${given.name} could not be created: ${cause instanceof Error ? cause.message : String(cause)} ` +
          `Provide ${given.name} in a module of your app, with default scope, or import what it injects through forRootAsync({ imports: […] }).`,
        { code: 'invalid-options', cause },
      );
    }
  }

  /** Whether an execution context of this kind can be resolved. */
  handles(type: string): boolean {
    return this.types.includes(type);
  }

  /** The context of a request; undefined when nobody is known. Throws what the resolver throws. */
  resolve(ctx: ExecutionContext): Awaitable<EvaluationContext | undefined> {
    const answer = this.resolver?.resolve(ctx);
    return isPromiseLike(answer) ? answer.then(checked) : checked(answer);
  }

  private use(given: ContextResolver | ((ctx: ExecutionContext) => unknown)): void {
    this.resolver =
      typeof given === 'function' ? { resolve: given as ContextResolver['resolve'] } : given;
    this.types = this.resolver.contextTypes ?? defaultTypes;
  }
}

/** The app's own instance if it provides the class, so that it is configured once; else a new one. */
async function instanceOf(
  resolver: Type<ContextResolver>,
  moduleRef: ModuleRef,
  modules: ModulesContainer,
): Promise<ContextResolver> {
  const isProvided = [...modules.values()].some((module) => module.providers.has(resolver));
  return isProvided ? moduleRef.get(resolver, { strict: false }) : moduleRef.create(resolver);
}

function isAsync(candidate: unknown): boolean {
  return Object.prototype.toString.call(candidate) === '[object AsyncFunction]';
}

function checked(answer: EvaluationContext | undefined): EvaluationContext | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'object') return answer;
  throw new FlagsError(
    `The context resolver answered ${typeof answer}; it must answer { distinctId, … } or undefined.`,
    { code: 'context-not-resolved' },
  );
}
