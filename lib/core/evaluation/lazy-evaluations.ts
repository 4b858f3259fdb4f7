/**
 * The evaluations of many flags for one context, each computed when it is first asked for. The
 * run that evaluates them remembers every outcome, also of flags on which others depend. The
 * context must not change while the view is in use.
 */
import type { FlagEvaluation, FlagEvaluations, FlagValue } from './flag-evaluation.js';

export class LazyEvaluations implements FlagEvaluations {
  readonly #positions: ReadonlyMap<string, number>;
  readonly #evaluateAt: (position: number) => FlagEvaluation;

  /** The keys at their positions, which are 0, 1, 2, … in this order. */
  constructor(
    positions: ReadonlyMap<string, number>,
    evaluateAt: (position: number) => FlagEvaluation,
  ) {
    this.#positions = positions;
    this.#evaluateAt = evaluateAt;
  }

  get size(): number {
    return this.#positions.size;
  }

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  get(key: string): FlagEvaluation | undefined {
    const position = this.#positions.get(key);
    return position === undefined ? undefined : this.#evaluateAt(position);
  }

  forEach(callback: (evaluation: FlagEvaluation, key: string) => void): void {
    for (let position = 0; position < this.#positions.size; position++) {
      const evaluation = this.#evaluateAt(position);
      callback(evaluation, evaluation.key);
    }
  }

  *[Symbol.iterator](): Iterator<readonly [string, FlagEvaluation]> {
    for (let position = 0; position < this.#positions.size; position++) {
      const evaluation = this.#evaluateAt(position);
      yield [evaluation.key, evaluation];
    }
  }

  /** Has no prototype, so that any key can be one of its own. */
  toJSON(): Record<string, FlagValue> {
    const values = Object.create(null) as Record<string, FlagValue>;
    this.forEach(({ value }, key) => {
      if (value !== undefined) values[key] = value;
    });
    return values;
  }
}

/** Of these keys, each once. */
export function namedEvaluations(
  keys: readonly string[],
  evaluate: (key: string) => FlagEvaluation,
): FlagEvaluations {
  const unique = [...new Set(keys)];
  const positions = new Map(unique.map((key, position) => [key, position]));
  return new LazyEvaluations(positions, (position) => evaluate(unique[position] as string));
}
