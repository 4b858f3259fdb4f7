/**
 * The evaluations of many flags for one context, each computed when it is first asked for. The
 * run that evaluates them remembers every outcome, also of flags on which others depend. The
 * context must not change while the view is in use.
 */
import type { FlagEvaluation, FlagEvaluations, FlagValue } from './flag-evaluation.js';

export class LazyEvaluations implements FlagEvaluations {
  readonly #keys: ReadonlySet<string>;
  readonly #evaluate: (key: string) => FlagEvaluation;

  constructor(keys: Iterable<string>, evaluate: (key: string) => FlagEvaluation) {
    this.#keys = new Set(keys);
    this.#evaluate = evaluate;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get(key: string): FlagEvaluation | undefined {
    return this.#keys.has(key) ? this.#evaluate(key) : undefined;
  }

  *[Symbol.iterator](): Iterator<readonly [string, FlagEvaluation]> {
    for (const key of this.#keys) yield [key, this.#evaluate(key)];
  }

  /** Has no prototype, so that any key can be one of its own. */
  toJSON(): Record<string, FlagValue> {
    const values = Object.create(null) as Record<string, FlagValue>;
    for (const [key, { value }] of this) {
      if (value !== undefined) values[key] = value;
    }
    return values;
  }
}
