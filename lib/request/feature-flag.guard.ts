/**
 * Decides whether a request may pass a `@FeatureFlag`. It fails closed: only a satisfied
 * requirement passes, and an unresolved flag satisfies none unless the route says so. It answers
 * without a promise whenever the context and the flags are at hand.
 *
 * Every rung of the ladder can be replaced alone: extend this class, override one method, and
 * provide the subclass in its place where the controllers are,
 * `{ provide: FeatureFlagGuard, useClass: MyFlagGuard }`.
 */
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';
import { isPromiseLike } from '../is-promise-like.js';
import { FeatureDisabledException } from './feature-disabled.exception.js';
import { FeatureFlagGuardParts } from './feature-flag-guard-parts.js';
import { FeatureRedirectException } from './feature-redirect.exception.js';
import { FlagRequirements } from './flag-requirement.js';
import type { FlagRedirect, FlagRequirement } from './flag-requirement.js';

const none: readonly FlagRequirement[] = [];

/** @publicApi */
@Injectable()
export class FeatureFlagGuard implements CanActivate {
  private readonly written = new WeakMap<object, readonly FlagRequirement[]>();

  constructor(protected readonly parts: FeatureFlagGuardParts) {}

  /** @param level which requirements to check: the controller's, the method's, or (left out) both. */
  canActivate(ctx: ExecutionContext, level?: 'class' | 'method'): boolean | Promise<boolean> {
    const requirements = this.requirementsFor(ctx, level);
    return requirements.length === 0 || this.decide(requirements, ctx);
  }

  /** Rung 1: what the route asks for. */
  protected requirementsFor(
    ctx: ExecutionContext,
    level?: 'class' | 'method',
  ): readonly FlagRequirement[] {
    if (level === 'class') return this.writtenOn(ctx.getClass());
    const ofMethod = this.writtenOn(ctx.getHandler());
    return level === 'method' ? ofMethod : [...this.writtenOn(ctx.getClass()), ...ofMethod];
  }

  /** Rung 2: who asks. Undefined when nobody is known, which leaves every flag unresolved. */
  protected contextFor(ctx: ExecutionContext): Awaitable<EvaluationContext | undefined> {
    return this.parts.scopes.of(ctx).context();
  }

  /** Rung 3: the value of one flag. */
  protected evaluate(
    key: string,
    context: EvaluationContext | undefined,
    ctx: ExecutionContext,
  ): Awaitable<FlagEvaluation> {
    return this.parts.scopes.of(ctx).evaluateFully(key, context);
  }

  /** Rung 4: whether these evaluations (of `requirement.keys`, in that order) are enough. */
  protected isSatisfied(
    requirement: FlagRequirement,
    evaluations: readonly FlagEvaluation[],
    _ctx: ExecutionContext,
  ): boolean {
    const verdict = requirement.judge(evaluations);
    return verdict === 'unknown' ? requirement.whenUnresolved === 'allow' : verdict === 'yes';
  }

  /** Rung 5: what becomes of a request that may not pass. True only if something else answers it. */
  protected refuse(
    requirement: FlagRequirement,
    evaluations: readonly FlagEvaluation[],
    ctx: ExecutionContext,
  ): boolean {
    const { otherwise, isSingle } = requirement;
    if (typeof otherwise === 'function') {
      const [first] = evaluations;
      throw otherwise(isSingle && first !== undefined ? first : evaluations, ctx);
    }
    if (otherwise !== undefined && ctx.getType<string>() === 'http') {
      if ('redirect' in otherwise) throw this.redirection(otherwise, ctx);
      this.parts.fallbacks.requestInstead(ctx, otherwise.handler);
      return true;
    }
    throw new FeatureDisabledException(evaluations, this.notFound(ctx));
  }

  /** Metadata does not change once a class is defined, and reading it is slow. */
  private writtenOn(
    target: Type<unknown> | ReturnType<ExecutionContext['getHandler']>,
  ): readonly FlagRequirement[] {
    const known = this.written.get(target);
    if (known !== undefined) return known;
    const written = this.parts.reflector.get(FlagRequirements, target) ?? none;
    this.written.set(target, written);
    return written;
  }

  private decide(
    requirements: readonly FlagRequirement[],
    ctx: ExecutionContext,
  ): boolean | Promise<boolean> {
    const context = this.contextFor(ctx);
    return isPromiseLike(context)
      ? Promise.resolve(context).then((resolved) => this.check(requirements, resolved, ctx))
      : this.check(requirements, context, ctx);
  }

  /** Every requirement must let the request pass; the first that does not decides what happens. */
  private check(
    requirements: readonly FlagRequirement[],
    context: EvaluationContext | undefined,
    ctx: ExecutionContext,
  ): boolean | Promise<boolean> {
    let next = 0;
    for (const requirement of requirements) {
      next += 1;
      const answers = this.answersTo(requirement, context, ctx);
      if (isPromiseLike(answers)) {
        const rest = requirements.slice(next);
        return Promise.resolve(answers).then(
          (evaluations) =>
            this.passes(requirement, evaluations, ctx) && this.check(rest, context, ctx),
        );
      }
      if (!this.passes(requirement, answers, ctx)) return false;
    }
    return true;
  }

  /** A promise only where somebody has to be waited for. */
  private answersTo(
    requirement: FlagRequirement,
    context: EvaluationContext | undefined,
    ctx: ExecutionContext,
  ): Awaitable<readonly FlagEvaluation[]> {
    const { keys } = requirement;
    const [first] = keys;
    // Nearly every route has one flag: no need to walk through lists.
    if (first !== undefined && keys.length === 1) {
      const answer = this.evaluate(first, context, ctx);
      return isPromiseLike(answer) ? answer.then((evaluation) => [evaluation]) : [answer];
    }
    const answers =
      this.decidedHere(requirement, context, ctx) ??
      keys.map((key) => this.evaluate(key, context, ctx));
    return answers.some(isPromiseLike)
      ? Promise.all(answers.map((answer) => Promise.resolve(answer)))
      : (answers as FlagEvaluation[]);
  }

  /** An `any` with one yes and an `all` with one no need nobody else: then nobody is asked. */
  private decidedHere(
    requirement: FlagRequirement,
    context: EvaluationContext | undefined,
    ctx: ExecutionContext,
  ): readonly Awaitable<FlagEvaluation>[] | undefined {
    const { prototype: own } = FeatureFlagGuard;
    const isOwn = this.evaluate === own.evaluate && this.isSatisfied === own.isSatisfied;
    if (!isOwn) return undefined;
    const scope = this.parts.scopes.of(ctx);
    const known = requirement.keys.map((key) => scope.evaluate(key, context));
    if (requirement.judge(known) === 'unknown') return undefined;
    return known.map((evaluation) => {
      const isDecided = evaluation.value !== undefined;
      return isDecided ? this.evaluate(evaluation.key, context, ctx) : evaluation;
    });
  }

  private passes(
    requirement: FlagRequirement,
    evaluations: readonly FlagEvaluation[],
    ctx: ExecutionContext,
  ): boolean {
    return (
      this.isSatisfied(requirement, evaluations, ctx) || this.refuse(requirement, evaluations, ctx)
    );
  }

  private redirection(
    { redirect, status = 302 }: FlagRedirect,
    ctx: ExecutionContext,
  ): FeatureRedirectException {
    const location = typeof redirect === 'function' ? redirect(ctx) : redirect;
    this.parts.http.httpAdapter.setHeader(ctx.switchToHttp().getResponse(), 'Location', location);
    return new FeatureRedirectException(location, status);
  }

  /** As Nest says it of a route that does not exist. */
  private notFound(ctx: ExecutionContext): string | undefined {
    if (ctx.getType<string>() !== 'http') return undefined;
    const request: unknown = ctx.switchToHttp().getRequest();
    const { httpAdapter } = this.parts.http;
    return `Cannot ${httpAdapter.getRequestMethod(request)} ${httpAdapter.getRequestUrl(request)}`;
  }
}
