/** What a caller may add to a question, and the last link of the chain: the caller's own answer. */
import type { FlagEvaluation, FlagValue } from './core/evaluation/flag-evaluation.js';

/** @publicApi */
export interface EvaluateOptions {
  /**
   * The value of a flag that nobody can decide; its origin is then `default`, and its reason says
   * why nobody could.
   * @default none: the flag is unresolved
   */
  readonly default?: FlagValue;
  /**
   * False: reading this value is no exposure, and does not keep a later read from being one.
   * @default true, where the option `exposures` of the module is on
   */
  readonly exposure?: boolean;
}

/** For what is no exposure by its nature, such as a payload. */
export const unexposed: EvaluateOptions = Object.freeze({ exposure: false });

export function withDefault(
  evaluation: FlagEvaluation,
  options: EvaluateOptions | null | undefined,
): FlagEvaluation {
  const value = options?.default;
  if (evaluation.value !== undefined || value === undefined) return evaluation;
  const variant = typeof value === 'string' ? value : undefined;
  return Object.freeze({
    ...evaluation,
    value,
    enabled: value !== false,
    variant,
    origin: 'default',
  });
}
