/**
 * Looks through the app's controllers and providers for what depends on flags, so that a
 * mistake at a route is found at start and not by the first visitor.
 */
import type { Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { FlagsError } from '../core/errors/flags-error.js';
import { FlagParameters } from './flag-parameter-value.js';
import { FlagRequirements } from './flag-requirement.js';
import type { FlagRequirement } from './flag-requirement.js';

/** A place that depends on a flag. */
export interface FlagUse {
  readonly key: string;
  /** `CatsController.findAll`, or `CatsController` for all its routes. */
  readonly place: string;
  /** What becomes of the place while the flag is unresolved. */
  readonly effect: 'refused' | 'allowed' | 'undecided' | 'undefined';
}

export interface GuardedRoutes {
  readonly uses: readonly FlagUse[];
  readonly hasFallbacks: boolean;
}

/** Enhancers that a fallback method must not have, by Nest's metadata keys: they would not run. */
const enhancers = { __guards__: 'guards', __interceptors__: 'interceptors' } as const;

/** @throws FlagsError `invalid-options` for a fallback handler that could not be served safely. */
export function findGuardedRoutes(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): GuardedRoutes {
  const uses: FlagUse[] = [];
  let hasFallbacks = false;
  for (const classRef of classesOf(discovery)) {
    const prototype = classRef.prototype as object;
    const add = (target: object, place: string): void => {
      const requirements = metadata<FlagRequirement>(FlagRequirements.KEY, target);
      uses.push(...requirements.flatMap((requirement) => usesOf(requirement, place)));
      for (const fallback of fallbacksOf(requirements)) {
        hasFallbacks = true;
        assertBare(Reflect.get(prototype, fallback), `${classRef.name}.${fallback}`);
      }
      const parameters = metadata<string>(FlagParameters.KEY, target);
      uses.push(...parameters.map((key) => ({ key, place, effect: 'undefined' as const })));
    };
    add(classRef, classRef.name);
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler: unknown = Reflect.get(prototype, name);
      if (typeof handler === 'function') add(handler, `${classRef.name}.${name}`);
    }
  }
  return { uses, hasFallbacks };
}

function classesOf(discovery: DiscoveryService): ReadonlySet<Type<unknown>> {
  const wrappers = [...discovery.getControllers(), ...discovery.getProviders()];
  return new Set(
    wrappers.flatMap(({ metatype }) =>
      typeof metatype === 'function' && typeof metatype.prototype === 'object' && metatype.prototype
        ? [metatype as Type<unknown>]
        : [],
    ),
  );
}

function metadata<T>(key: string, target: object): readonly T[] {
  return (Reflect.getMetadata(key, target) ?? []) as readonly T[];
}

function usesOf({ keys, whenUnresolved }: FlagRequirement, place: string): readonly FlagUse[] {
  const decided = whenUnresolved === 'allow' ? 'allowed' : 'refused';
  const effect = keys.length === 1 ? decided : 'undecided';
  return keys.map((key) => ({ key, place, effect }));
}

function fallbacksOf(requirements: readonly FlagRequirement[]): readonly string[] {
  return requirements.flatMap(({ otherwise }) =>
    typeof otherwise === 'object' && 'handler' in otherwise ? [otherwise.handler] : [],
  );
}

/** A guard that does not run is an open door. */
function assertBare(handler: unknown, place: string): void {
  for (const [key, what] of Object.entries(enhancers)) {
    if (typeof handler !== 'function' || metadata(key, handler).length === 0) continue;
    throw new FlagsError(
      `${place} is the fallback of a @FeatureFlag, yet has ${what} of its own, which would not run: a fallback stands in for its route, whose guards and interceptors have run already. ` +
        `Move them to the route or to the controller, or redirect to ${place} instead.`,
      { code: 'invalid-options' },
    );
  }
}
