/**
 * From definitions to a snapshot that evaluates. Survives any input: what is no flag is left
 * out, a flag of a shape that cannot be read is unresolved.
 */
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import { DefinitionIndex } from './definition-index.js';
import { asRecord } from './definition-reader.js';
import type { EvaluationContext } from './evaluation-context.js';
import { EvaluationRun } from './evaluation-run.js';
import { explainFlag, explainBriefly } from './explain-flag.js';
import type { FlagEvaluation, FlagEvaluations } from './flag-evaluation.js';
import type { ExplainOptions, FlagExplanation } from './flag-explanation.js';
import { unresolvedEvaluation } from './flag-outcomes.js';
import type { CompileOptions, FlagSnapshot } from './flag-snapshot.js';
import { LazyEvaluations, namedEvaluations } from './lazy-evaluations.js';

/**
 * Compiles definitions to a snapshot. Cheap even for thousands of flags: a flag is compiled when
 * it is first evaluated. Do not change `data` afterwards.
 * @publicApi
 */
export function compileFlagDefinitions(
  data: FlagDefinitionCacheData,
  options: CompileOptions = {},
): FlagSnapshot {
  return compileInPlaceOf(undefined, data, options);
}

/**
 * The same for a snapshot that takes the place of another: a flag whose definition is the same
 * object in both, and all that it refers to is, too, keeps what was compiled of it.
 */
export function compileInPlaceOf(
  previous: FlagSnapshot | undefined,
  data: FlagDefinitionCacheData,
  options: CompileOptions,
): FlagSnapshot {
  const definitions = asRecord(data) === undefined ? { flags: [] } : data;
  return Object.freeze(new CompiledSnapshot(definitions, options, previous));
}

class CompiledSnapshot implements FlagSnapshot {
  readonly revision: number;
  readonly #index: DefinitionIndex;
  readonly #now: () => number;
  #keys: readonly string[] | undefined;
  /** At rest between two evaluations. */
  #idleRun: EvaluationRun | undefined;

  constructor(
    readonly definitions: FlagDefinitionCacheData,
    options: CompileOptions,
    previous: FlagSnapshot | undefined,
  ) {
    this.#index = new DefinitionIndex(
      definitions,
      options,
      previous instanceof CompiledSnapshot ? previous.#index : undefined,
    );
    this.#now = options.now ?? Date.now;
    this.revision = this.#index.revision;
  }

  get keys(): readonly string[] {
    return (this.#keys ??= Object.freeze([...this.#index.positions.keys()]));
  }

  has(key: string): boolean {
    return this.#index.positions.has(key);
  }

  definition(key: string): FlagDefinition | undefined {
    return this.#index.flagDefinition(key);
  }

  evaluate(key: string, context: EvaluationContext): FlagEvaluation {
    const flag = this.#index.flag(key);
    if (flag === undefined) return this.#unknownFlag(key);
    // A getter of the context may evaluate, too: it then makes a run of its own.
    const run = this.#idleRun ?? this.#newRun();
    this.#idleRun = undefined;
    const { evaluation } = flag.decide(run.begin(context));
    run.end();
    this.#idleRun = run;
    return evaluation;
  }

  evaluateAll(context: EvaluationContext, keys?: readonly string[]): FlagEvaluations {
    const run = this.#newRun().begin(context);
    const index = this.#index;
    if (keys === undefined) {
      return new LazyEvaluations(
        index.positions,
        (position) => run.outcomeOf(index.flagAt(position)).evaluation,
      );
    }
    return namedEvaluations(keys, (key) => {
      const flag = index.flag(key);
      return flag === undefined ? this.#unknownFlag(key) : run.outcomeOf(flag).evaluation;
    });
  }

  explain(key: string, context: EvaluationContext, options: ExplainOptions = {}): FlagExplanation {
    const flag = this.#index.flag(key);
    if (flag === undefined) return explainBriefly(this.#unknownFlag(key));
    const run = this.#newRun().begin(context);
    const { evaluation } = flag.decide(run);
    if (run.unknown !== undefined) return explainBriefly(evaluation);
    return explainFlag(flag, run, evaluation, options);
  }

  #newRun(): EvaluationRun {
    return new EvaluationRun(this.#now, this.#index.positions.size, this.#index);
  }

  #unknownFlag(key: string): FlagEvaluation {
    return unresolvedEvaluation(key, 'unknown_flag', this.revision);
  }
}
