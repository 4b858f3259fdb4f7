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
import { LazyEvaluations } from './lazy-evaluations.js';
import { failed, missingDistinctId, type Unknown } from './match.js';

/**
 * Compiles definitions to a snapshot. Cheap even for thousands of flags: a flag is compiled when
 * it is first evaluated. Do not change `data` afterwards.
 * @publicApi
 */
export function compileFlagDefinitions(
  data: FlagDefinitionCacheData,
  options: CompileOptions = {},
): FlagSnapshot {
  const definitions = asRecord(data) === undefined ? { flags: [] } : data;
  return Object.freeze(new CompiledSnapshot(definitions, options));
}

class CompiledSnapshot implements FlagSnapshot {
  readonly revision: number;
  readonly keys: readonly string[];
  readonly #index: DefinitionIndex;
  readonly #now: () => number;

  constructor(
    readonly definitions: FlagDefinitionCacheData,
    options: CompileOptions,
  ) {
    this.#index = new DefinitionIndex(definitions, options);
    this.#now = options.now ?? Date.now;
    this.revision = this.#index.revision;
    this.keys = Object.freeze([...this.#index.flags.keys()]);
  }

  has(key: string): boolean {
    return this.#index.flags.has(key);
  }

  definition(key: string): FlagDefinition | undefined {
    return this.#index.flags.get(key);
  }

  evaluate(key: string, context: EvaluationContext): FlagEvaluation {
    const flag = this.#index.flag(key);
    if (flag === undefined) return this.#unknownFlag(key);
    return flag.decide(this.#start(context)).evaluation;
  }

  evaluateAll(context: EvaluationContext, keys?: readonly string[]): FlagEvaluations {
    const run = this.#start(context);
    return new LazyEvaluations(keys ?? this.keys, (key) => {
      const flag = this.#index.flag(key);
      if (flag === undefined) return this.#unknownFlag(key);
      const outcome = run instanceof EvaluationRun ? run.outcomeOf(flag) : flag.decide(run);
      return outcome.evaluation;
    });
  }

  explain(key: string, context: EvaluationContext, options: ExplainOptions = {}): FlagExplanation {
    const flag = this.#index.flag(key);
    if (flag === undefined) return explainBriefly(this.#unknownFlag(key));
    const run = this.#start(context);
    const { evaluation } = flag.decide(run);
    if (!(run instanceof EvaluationRun)) return explainBriefly(evaluation);
    return explainFlag(flag.plan, run, evaluation, options);
  }

  /** Takes the context apart; it may be anything, and may throw when it is read. */
  #start(context: EvaluationContext): EvaluationRun | Unknown {
    try {
      const record = asRecord(context) ?? {};
      const { distinctId } = record;
      if (typeof distinctId !== 'string' || distinctId === '') return missingDistinctId;
      return new EvaluationRun(distinctId, record, this.#now);
    } catch {
      return failed;
    }
  }

  #unknownFlag(key: string): FlagEvaluation {
    return unresolvedEvaluation(key, 'unknown_flag', this.revision);
  }
}
