/**
 * The flags that a route is known to ask for before it runs: those of its gates and those of its
 * parameters. Who has to ask somebody about one of them asks about all.
 */
import type { ExecutionContext } from '@nestjs/common';
import { FlagParameters } from './flag-parameter-value.js';
import { FlagRequirements, type FlagRequirement } from './flag-requirement.js';

/** Each key once. */
export function flagsOfRoute(ctx: ExecutionContext): readonly string[] {
  const places = [ctx.getClass(), ctx.getHandler()];
  const gates = places.flatMap((place) => metadata<FlagRequirement>(FlagRequirements.KEY, place));
  const parameters = metadata<string>(FlagParameters.KEY, ctx.getHandler());
  return [...new Set([...gates.flatMap(({ keys }) => keys), ...parameters])];
}

function metadata<T>(key: string, target: object): readonly T[] {
  return (Reflect.getMetadata(key, target) ?? []) as readonly T[];
}
