/**
 * What is wrong with an option of something that is made by hand, outside of the module's options.
 * Each mistake follows the option's name; none prints a value.
 */
import { FlagsError } from '../core/errors/flags-error.js';

/** Undefined where nothing is wrong. */
export function mistake(option: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${option} ${text}`;
}

export function mistakeInNumber(value: unknown, largest: number, least = 1): string | undefined {
  const isGood = Number.isInteger(value) && Number(value) >= least && Number(value) <= largest;
  return isGood ? undefined : `must be a whole number from ${least} to ${largest}.`;
}

export function mistakeInType(value: unknown, type: 'boolean' | 'function'): string | undefined {
  return typeof value === type ? undefined : `must be a ${type}, got a ${typeof value}.`;
}

/** @param what whose options they are, as words */
export function mistakeInName(
  name: string,
  known: ReadonlySet<string>,
  what: string,
): string | undefined {
  if (known.has(name)) return undefined;
  return `is no option of ${what}. There are ${[...known].join(', ')}.`;
}

export function invalidOptions(className: string, mistakes: readonly string[]): FlagsError {
  const list = mistakes.map((text, index) => `\n  ${index + 1}. ${text}`).join('');
  return new FlagsError(
    `${className} cannot be made: ${mistakes.length} of its options ${mistakes.length === 1 ? 'is' : 'are'} wrong.${list}`,
    { code: 'invalid-options' },
  );
}
