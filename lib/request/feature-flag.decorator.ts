/**
 * `@FeatureFlag` puts a route, or all routes of a controller, behind a flag. It binds its guard
 * itself: there is none to forget. Written twice, or on class and method, every one applies.
 */
import { UseGuards, UseInterceptors } from '@nestjs/common';
import { FlagsError } from '../core/errors/flags-error.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';
import { FallbackInterceptor } from './fallback.interceptor.js';
import type { FlagExpression } from './flag-expression.js';
import { ClassFlagGate, MethodFlagGate } from './flag-gates.js';
import { FlagRequirements, compileRequirement } from './flag-requirement.js';
import type { FeatureFlagOptions, FlagRequirement, SingleFlagOptions } from './flag-requirement.js';

type Constructor = abstract new (...args: never[]) => unknown;

/**
 * Lets a request pass only if the flag is on (or has the given variant); otherwise it is
 * answered as if there were no such route.
 *
 * ```ts
 * @FeatureFlag('new-checkout', { otherwise: { handler: 'oldCheckout' } })
 * @Get('checkout') newCheckout() {}
 * ```
 *
 * @throws FlagsError `invalid-options` when the class is defined, if something is written wrong.
 * @publicApi
 */
export function FeatureFlag(
  flag: string,
  options?: SingleFlagOptions,
): ClassDecorator & MethodDecorator;
/**
 * The same for several flags: `{ all: […] }`, `{ any: […] }`, `{ not: … }`, nested as you like.
 * @publicApi
 */
export function FeatureFlag(
  flags: Exclude<FlagExpression, string>,
  options?: FeatureFlagOptions<readonly FlagEvaluation[]>,
): ClassDecorator & MethodDecorator;
export function FeatureFlag(
  written: FlagExpression,
  options: SingleFlagOptions | FeatureFlagOptions<readonly FlagEvaluation[]> = {},
): ClassDecorator & MethodDecorator {
  const requirement = compileRequirement(written, options);
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (name === undefined) {
      const controller = target as Constructor;
      assertFallbackExists(requirement, controller.prototype as object, controller.name);
      bind(requirement, ClassFlagGate, controller, (decorator) => decorator(controller));
      return;
    }
    if (typeof descriptor?.value !== 'function') {
      throw invalid(`@FeatureFlag on ${String(name)}: it belongs on a method or a class`);
    }
    assertFallbackExists(requirement, target, target.constructor.name);
    const handler = descriptor.value as object;
    bind(requirement, MethodFlagGate, handler, (decorator) => decorator(target, name, descriptor));
  };
}

/** Appends a requirement to those of the target; the first one also binds guard and interceptor. */
function bind(
  requirement: FlagRequirement,
  gate: typeof ClassFlagGate | typeof MethodFlagGate,
  target: object,
  decorate: (decorator: ClassDecorator & MethodDecorator) => void,
): void {
  const before = (Reflect.getMetadata(FlagRequirements.KEY, target) ??
    []) as readonly FlagRequirement[];
  // Decorators run from the bottom up; the first line is to be checked first.
  const all = [requirement, ...before];
  Reflect.defineMetadata(FlagRequirements.KEY, all, target);
  if (before.length === 0) decorate(UseGuards(gate));
  const hadFallback = before.some(hasFallback);
  if (hasFallback(requirement) && !hadFallback) decorate(UseInterceptors(FallbackInterceptor));
}

function hasFallback({ otherwise }: FlagRequirement): boolean {
  return typeof otherwise === 'object' && 'handler' in otherwise;
}

function assertFallbackExists(
  requirement: FlagRequirement,
  prototype: object,
  owner: string,
): void {
  const { otherwise } = requirement;
  if (typeof otherwise !== 'object' || !('handler' in otherwise)) return;
  if (typeof Reflect.get(prototype, otherwise.handler) === 'function') return;
  throw invalid(
    `@FeatureFlag(${requirement.keys.join(', ')}): ${owner} has no method "${otherwise.handler}" to fall back to`,
  );
}

function invalid(what: string): FlagsError {
  return new FlagsError(`${what}.`, { code: 'invalid-options' });
}
