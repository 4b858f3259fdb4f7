/** For answers that nobody had asked for: where all flags are asked for, the server gives all. */
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';

/** The answers but those of flags that are overridden here. */
export function withoutOverridden(
  answers: ReadonlyMap<string, FlagEvaluation>,
  here: (key: string) => FlagEvaluation,
): ReadonlyMap<string, FlagEvaluation> {
  return new Map([...answers].filter(([key]) => here(key).origin !== 'override'));
}
