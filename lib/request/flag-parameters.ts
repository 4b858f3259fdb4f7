/**
 * Parameters of a handler that receive a flag, evaluated for the request. The evaluation is the
 * one that guards and services of the same request see.
 */
import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { FlagParameterPipe } from './flag-parameter.pipe.js';
import { FlagParameters, FlagParameterValue } from './flag-parameter-value.js';
import type { AskedParameter } from './flag-parameter-value.js';

const parameter = createParamDecorator(
  (asked: AskedParameter, ctx: ExecutionContext) => new FlagParameterValue(asked, ctx),
);

/**
 * True when the flag is on or has a variant; false when it is off or unresolved.
 *
 * ```ts
 * list(@FlagEnabled('new-design') isNew: boolean) {}
 * ```
 * @publicApi
 */
export function FlagEnabled(key: string): ParameterDecorator {
  return flagParameter({ key, part: 'enabled' });
}

/**
 * The key of the flag's variant; undefined when it has none or is unresolved.
 *
 * ```ts
 * list(@FlagVariant('prices') variant: string | undefined) {}
 * ```
 * @publicApi
 */
export function FlagVariant(key: string): ParameterDecorator {
  return flagParameter({ key, part: 'variant' });
}

/**
 * The flag's payload, parsed from JSON and frozen; undefined when it has none or is unresolved.
 *
 * ```ts
 * list(@FlagPayload('banner') banner: { text: string } | undefined) {}
 * ```
 * @publicApi
 */
export function FlagPayload(key: string): ParameterDecorator {
  return flagParameter({ key, part: 'payload' });
}

/**
 * The whole evaluation: value, reason, origin, revision.
 *
 * ```ts
 * list(@FlagResult('prices') prices: FlagEvaluation) {}
 * ```
 * @publicApi
 */
export function FlagResult(key: string): ParameterDecorator {
  return flagParameter({ key, part: 'result' });
}

function flagParameter(asked: AskedParameter): ParameterDecorator {
  const decorate = parameter(asked, FlagParameterPipe);
  return (target, name, index) => {
    decorate(target, name, index);
    const handler: unknown = name === undefined ? undefined : Reflect.get(target, name);
    if (typeof handler !== 'function') return;
    const before = (Reflect.getMetadata(FlagParameters.KEY, handler) ?? []) as readonly string[];
    Reflect.defineMetadata(FlagParameters.KEY, [...before, asked.key], handler);
  };
}
