/** Short ways to ask the evaluator: one flag, one filter, one answer. */
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type {
  ConditionGroup,
  FlagDefinition,
  FlagDefinitionCacheData,
  FlagFilters,
  PropertyFilter,
} from '../../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../../../lib/core/evaluation/flag-evaluation.js';
import type { CompileOptions } from '../../../lib/core/evaluation/flag-snapshot.js';

/** A definition as a test writes it: any shape, right or wrong. */
export type Loose<T> = { [K in keyof T]?: unknown };

export const alice: EvaluationContext = { distinctId: 'alice' };

export function flag(
  key: string,
  filters: Loose<FlagFilters> = {},
  rest: Loose<FlagDefinition> = {},
): FlagDefinition {
  return { key, active: true, filters, ...rest } as unknown as FlagDefinition;
}

/** A flag that is on where the conditions match. */
export function flagWith(key: string, ...groups: Loose<ConditionGroup>[]): FlagDefinition {
  return flag(key, { groups });
}

export function documentOf(
  flags: readonly FlagDefinition[],
  rest: Loose<FlagDefinitionCacheData> = {},
): FlagDefinitionCacheData {
  return { flags, ...rest } as unknown as FlagDefinitionCacheData;
}

export const compat: CompileOptions = { compat: 'posthog-node' };

export interface FilterQuestion {
  readonly options?: CompileOptions;
  /** `property_matching_version`. */
  readonly version?: number;
}

/** What one filter says to one value; the context has no such property when none is given. */
export function askFilter(
  filter: Loose<PropertyFilter>,
  given: readonly [value: unknown] | readonly [],
  { options = compat, version }: FilterQuestion = {},
): FlagEvaluation {
  const definitions = documentOf([flagWith('f', { properties: [{ key: 'p', ...filter }] })], {
    property_matching_version: version,
  });
  const personProperties = given.length === 0 ? {} : { p: given[0] };
  return compileFlagDefinitions(definitions, options).evaluate('f', {
    distinctId: 'alice',
    personProperties,
  });
}

/** `true`, `false`, or the reason why there is no answer. */
export function answerOf({ value, reason }: FlagEvaluation): boolean | string {
  return value ?? reason;
}

export function evaluate(
  definitions: FlagDefinitionCacheData,
  key: string,
  context: EvaluationContext = alice,
  options?: CompileOptions,
): FlagEvaluation {
  return compileFlagDefinitions(definitions, options).evaluate(key, context);
}
