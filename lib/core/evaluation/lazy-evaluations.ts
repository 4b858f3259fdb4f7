/**
 * The evaluations of many flags for one context, each computed when it is first asked for. Flags
 * that depend on each other share what is already known. The context must not change while the
 * view is in use.
 */
import type { FlagEvaluation, FlagEvaluations, FlagValue } from './flag-evaluation.js';

export class LazyEvaluations implements FlagEvaluations {
  readonly #known = new Map<string, FlagEvaluation>();
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
    return this.#keys.has(key) ? this.#evaluationOf(key) : undefined;
  }

  *[Symbol.iterator](): Iterator<readonly [string, FlagEvaluation]> {
    for (const key of this.#keys) yield [key, this.#evaluationOf(key)];
  }

  /** Has no prototype, so that any key can be one of its own. */
  toJSON(): Record<string, FlagValue> {
    const values = Object.create(null) as Record<string, FlagValue>;
    for (const [key, { value }] of this) {
      if (value !== undefined) values[key] = value;
    }
    return values;
  }

  #evaluationOf(key: string): FlagEvaluation {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const evaluation = this.#evaluate(key);
    this.#known.set(key, evaluation);
    return evaluation;
  }
}
