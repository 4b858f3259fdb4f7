/** The definitions, compiled: what evaluation reads. Frozen; replaced whole, never edited. */
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { EvaluationContext } from './evaluation-context.js';
import type { FlagEvaluation, FlagEvaluations } from './flag-evaluation.js';
import type { ExplainOptions, FlagExplanation } from './flag-explanation.js';

/** @publicApi */
export interface CompileOptions {
  /**
   * `'posthog-node'`: answer exactly as posthog-node 5.70 does, save that cycles and dangerous
   * regexes stay harmless. For fleets in which both evaluate the same flags.
   * @default undefined: decide what can be decided, see docs/adr
   */
  readonly compat?: 'posthog-node';
  /** Number of this set of definitions; appears in every evaluation. @default 0 */
  readonly revision?: number;
  /** Keep only flags that have none of these contexts set or share one. @default keep all */
  readonly evaluationContexts?: readonly string[];
  /** Wall clock in ms, for relative dates. @default Date.now */
  readonly now?: () => number;
}

/** @publicApi */
export interface FlagSnapshot {
  readonly revision: number;
  /** Keys of the flags that can be evaluated, in the order of the definitions. */
  readonly keys: readonly string[];
  has(key: string): boolean;
  /** What the vendor says of a flag; undefined for an unknown key. */
  definition(key: string): FlagDefinition | undefined;
  /** The document this snapshot was compiled from, unfiltered. */
  readonly definitions: FlagDefinitionCacheData;
  /** Evaluates one flag. Synchronous, no I/O, never throws. */
  evaluate(key: string, context: EvaluationContext): FlagEvaluation;
  /**
   * Evaluates all flags, or those named, each when it is first asked for; nothing is computed
   * twice. A named flag that is unknown is in the view, unresolved. The context must not change
   * while the view is in use. Never throws.
   */
  evaluateAll(context: EvaluationContext, keys?: readonly string[]): FlagEvaluations;
  /** Says why a flag has its value. Never throws. */
  explain(key: string, context: EvaluationContext, options?: ExplainOptions): FlagExplanation;
}
