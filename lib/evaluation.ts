/**
 * The door `nestjs-feature-flags/evaluation`: definitions in, answers out. Needs no Nest, does
 * no I/O, and is synchronous throughout.
 */
export { compileFlagDefinitions } from './core/evaluation/compile-flag-definitions.js';
export type { CompileOptions, FlagSnapshot } from './core/evaluation/flag-snapshot.js';
export type { EvaluationContext } from './core/evaluation/evaluation-context.js';
export type {
  DecidedReason,
  EvaluationOrigin,
  EvaluationReason,
  FlagEvaluation,
  FlagEvaluations,
  FlagValue,
  UnresolvedReason,
} from './core/evaluation/flag-evaluation.js';
export type {
  ConditionExplanation,
  ExplainOptions,
  FilterExplanation,
  FlagExplanation,
} from './core/evaluation/flag-explanation.js';
export type {
  CohortDefinition,
  ConditionGroup,
  FlagDefinition,
  FlagDefinitionCacheData,
  FlagFilters,
  JsonValue,
  PropertyFilter,
  VariantDefinition,
} from './core/definitions/flag-definitions.js';
export {
  parseDefinitions,
  type DefinitionIssue,
  type ParsedDefinitions,
} from './core/definitions/parse-definitions.js';
export {
  FlagsError,
  isFlagsError,
  type FlagsErrorCode,
  type FlagsErrorFacts,
} from './core/errors/flags-error.js';
