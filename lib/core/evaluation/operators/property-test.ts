/**
 * What an operator becomes when it is compiled with the value its filter asks for: a test of
 * the value that a property has.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import type { EvaluationRun } from '../evaluation-run.js';
import { missingContext, type Match, type Unknown, unsupported } from '../match.js';

export interface PropertyTest {
  /** Tests a property that is there; `undefined` never comes here. */
  readonly test: (value: unknown, run: EvaluationRun) => Match;
  /** The answer for an absent property; {@link missingContext} unless the filter is unusable. */
  readonly whenAbsent: Unknown;
  /** Whether `null` is tested as the text "null"; otherwise it never matches. */
  readonly acceptsNull: boolean;
}

/** How the operators are to answer where PostHog's SDKs and its server differ. */
export interface OperatorRules {
  /** Whether an integer has a text that can be compared; posthog-node says that it has none. */
  readonly integersAreComparable: boolean;
  /** The newer rules of `exact`: `property_matching_version` 2. */
  readonly strictTruth: boolean;
}

export type CompileOperator = (filter: PropertyFilter, rules: OperatorRules) => PropertyTest;

/** A test of a usable filter. */
export function propertyTest(test: PropertyTest['test'], acceptsNull = false): PropertyTest {
  return { test, whenAbsent: missingContext, acceptsNull };
}

/** The test of a filter that cannot be used, whatever the property holds. */
export function unusableFilter(unknown: Unknown = unsupported, acceptsNull = false): PropertyTest {
  return { test: () => unknown, whenAbsent: unknown, acceptsNull };
}
