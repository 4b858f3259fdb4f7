/** The operators by name. An operator that is not listed cannot be decided locally. */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { compileDateAfter, compileDateBefore } from './dates.js';
import { compileExact, compileIsNot } from './exact.js';
import {
  compileGreater,
  compileGreaterOrEqual,
  compileLess,
  compileLessOrEqual,
} from './numeric.js';
import { isNotSet, isSet } from './presence.js';
import {
  type CompileOperator,
  type OperatorRules,
  type PropertyTest,
  unusableFilter,
} from './property-test.js';
import { compileNotRegex, compileRegex } from './regex.js';
import {
  compileSemverCaret,
  compileSemverEqual,
  compileSemverGreater,
  compileSemverGreaterOrEqual,
  compileSemverLess,
  compileSemverLessOrEqual,
  compileSemverNotEqual,
  compileSemverTilde,
  compileSemverWildcard,
} from './semver.js';
import {
  compileContains,
  compileEndsWith,
  compileNotContains,
  compileNotEndsWith,
  compileNotStartsWith,
  compileStartsWith,
} from './text.js';

const operators: ReadonlyMap<unknown, CompileOperator> = new Map<string, CompileOperator>([
  ['exact', compileExact],
  ['is_not', compileIsNot],
  ['is_set', () => isSet],
  ['is_not_set', () => isNotSet],
  ['icontains', compileContains],
  ['not_icontains', compileNotContains],
  ['starts_with', compileStartsWith],
  ['not_starts_with', compileNotStartsWith],
  ['ends_with', compileEndsWith],
  ['not_ends_with', compileNotEndsWith],
  ['regex', compileRegex],
  ['not_regex', compileNotRegex],
  ['gt', compileGreater],
  ['gte', compileGreaterOrEqual],
  ['lt', compileLess],
  ['lte', compileLessOrEqual],
  ['is_date_before', compileDateBefore],
  ['is_date_after', compileDateAfter],
  ['semver_eq', compileSemverEqual],
  ['semver_neq', compileSemverNotEqual],
  ['semver_gt', compileSemverGreater],
  ['semver_gte', compileSemverGreaterOrEqual],
  ['semver_lt', compileSemverLess],
  ['semver_lte', compileSemverLessOrEqual],
  ['semver_tilde', compileSemverTilde],
  ['semver_caret', compileSemverCaret],
  ['semver_wildcard', compileSemverWildcard],
]);

/** The name of a filter's operator: absent, null and empty count as `exact`. */
export function operatorOf(filter: PropertyFilter): string {
  return filter.operator || 'exact';
}

export function compilePropertyTest(filter: PropertyFilter, rules: OperatorRules): PropertyTest {
  const compile = operators.get(operatorOf(filter));
  return compile === undefined ? unusableFilter() : compile(filter, rules);
}
