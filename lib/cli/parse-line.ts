/** Reads the flags of one command, without ever repeating what was written. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Misunderstood } from './surroundings.js';

/** @returns what is wrong, for a line that cannot be read. */
export function parseLine<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ readonly options: T }>>['values'] | Misunderstood {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    // Its message names the flag; a value that was meant as one is not a secret that we know.
    const { code } = Object(error) as { readonly code?: string };
    return misunderstood(textOf[code ?? ''] ?? 'A flag has no value, or one that it cannot have.');
  }
}

const textOf: Readonly<Record<string, string>> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: 'There is no such flag.',
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: 'There is a word without a flag before it.',
};

export function misunderstood(text: string): Misunderstood {
  return { misunderstood: text };
}
