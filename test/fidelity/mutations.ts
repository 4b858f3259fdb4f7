/**
 * Small wrong turns, each as a change of the definitions that only our side gets to see: an
 * evaluator that makes this mistake answers as ours does on the changed document. A comparison
 * that does not notice one of them proves nothing about it.
 */
import type {
  CohortDefinition,
  ConditionGroup,
  FlagDefinition,
  FlagDefinitionCacheData,
  FlagFilters,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';

export type Mutation = (definitions: FlagDefinitionCacheData) => FlagDefinitionCacheData;

const inFlags =
  (change: (flag: FlagDefinition) => object): Mutation =>
  (definitions) => ({
    ...definitions,
    flags: definitions.flags.map((flag) => ({ ...flag, ...change(flag) })),
  });

const inRules = (change: (filters: FlagFilters) => object): Mutation =>
  inFlags(({ filters }) => ({ filters: filters && { ...filters, ...change(filters) } }));

const inConditions = (change: (condition: ConditionGroup) => object): Mutation =>
  inRules(({ groups }) => ({
    groups: groups?.map((condition) => ({ ...condition, ...change(condition) })),
  }));

const inConditionFilters = (change: (filter: PropertyFilter) => object): Mutation =>
  inConditions(({ properties }) => ({
    properties: properties?.map((filter) => ({ ...filter, ...change(filter) })),
  }));

const inCohortNodes =
  (change: (node: CohortDefinition | PropertyFilter) => object): Mutation =>
  (definitions) => {
    const walk = (node: CohortDefinition | PropertyFilter): CohortDefinition => ({
      ...node,
      ...change(node),
      ...('values' in node && { values: (node as CohortDefinition).values?.map(walk) ?? [] }),
    });
    const cohorts = Object.entries(definitions.cohorts ?? {});
    return {
      ...definitions,
      cohorts: Object.fromEntries(cohorts.map(([id, node]) => [id, node && walk(node)])),
    };
  };

/** Takes one operator for another, everywhere. */
const operatorFor = (wrong: string, right: string): Mutation =>
  inConditionFilters(({ operator }) => (operator === right ? { operator: wrong } : {}));

// prettier-ignore
const mistakenOperators: readonly (readonly [right: string, wrong: string])[] = [
  ['exact', 'is_not'], ['is_not', 'exact'], ['exact', 'icontains'], ['is_set', 'is_not_set'], ['is_not_set', 'is_set'],
  ['icontains', 'not_icontains'], ['icontains', 'starts_with'], ['not_icontains', 'icontains'],
  ['starts_with', 'ends_with'], ['ends_with', 'icontains'], ['not_starts_with', 'not_ends_with'],
  ['not_ends_with', 'not_icontains'], ['gt', 'gte'], ['gte', 'gt'], ['lt', 'lte'], ['lte', 'lt'], ['regex', 'icontains'],
  ['regex', 'not_regex'], ['not_regex', 'regex'], ['is_date_before', 'is_date_after'], ['is_date_after', 'is_date_before'],
  ['semver_eq', 'semver_gte'], ['semver_neq', 'semver_eq'], ['semver_gt', 'semver_gte'], ['semver_gte', 'semver_gt'],
  ['semver_lt', 'semver_lte'], ['semver_lte', 'semver_lt'], ['semver_tilde', 'semver_caret'],
  ['semver_caret', 'semver_tilde'], ['semver_wildcard', 'semver_tilde'],
];

export const mutations: Readonly<Record<string, Mutation>> = {
  ...Object.fromEntries(
    mistakenOperators.map(([right, wrong]) => [
      `${right} read as ${wrong}`,
      operatorFor(wrong, right),
    ]),
  ),
  'inactive flags evaluated': inFlags(() => ({ active: true })),
  'experience continuity ignored': inFlags(() => ({ ensure_experience_continuity: false })),
  'device bucketing ignored': inFlags(() => ({ bucketing_identifier: null })),
  'evaluation contexts ignored': inFlags(() => ({
    evaluation_contexts: null,
    evaluation_tags: null,
  })),
  'old name of evaluation contexts not read': inFlags(() => ({ evaluation_tags: null })),
  'rollout a point too low': inConditions(({ rollout_percentage: share }) =>
    typeof share === 'number' ? { rollout_percentage: share - 1 } : {},
  ),
  'rollout ignored': inConditions(() => ({ rollout_percentage: null })),
  'rollout as text ignored': inConditions(({ rollout_percentage: share }) =>
    typeof share === 'string' ? { rollout_percentage: null } : {},
  ),
  'variant override ignored': inConditions(() => ({ variant: null })),
  'aggregation of conditions ignored': inConditions((condition) =>
    'aggregation_group_type_index' in condition ? { aggregation_group_type_index: undefined } : {},
  ),
  'last filter of a condition ignored': inConditions(({ properties }) => ({
    properties: properties?.slice(0, -1),
  })),
  'last condition ignored': inRules(({ groups }) => ({ groups: groups?.slice(0, -1) })),
  'conditions in reverse': inRules(({ groups }) => ({ groups: groups?.toReversed() })),
  'variants in reverse': inRules(({ multivariate }) => ({
    multivariate: multivariate && { variants: multivariate.variants?.toReversed() },
  })),
  'share of the first variant a point too large': inRules(({ multivariate }) => ({
    multivariate: multivariate && {
      variants: multivariate.variants?.map((variant, index) =>
        index === 0
          ? { ...variant, rollout_percentage: Number(variant.rollout_percentage) + 1 }
          : variant,
      ),
    },
  })),
  'payload of true lost': inRules(({ payloads }) => ({ payloads: { ...payloads, true: null } })),
  'payload of a variant lost': inRules(({ payloads }) => ({
    payloads: { ...payloads, control: null },
  })),
  'payloads handed over as text': inRules(({ payloads }) => ({
    payloads:
      payloads &&
      Object.fromEntries(
        Object.entries(payloads).map(([key, text]) => [key, JSON.stringify(text)]),
      ),
  })),
  'groups ignored': inRules(() => ({ aggregation_group_type_index: null })),
  'early exit ignored': inRules(() => ({ early_exit: false })),
  'early exit always': inRules(() => ({ early_exit: true })),
  'holdout ignored': inRules(() => ({ holdout: null })),
  'not_in of a condition ignored': inConditionFilters(({ type }) =>
    type === 'cohort' ? { operator: 'in' } : {},
  ),
  'negation read in conditions': inConditionFilters(({ type, negation, operator }) =>
    type !== 'cohort' && negation && operator === 'exact' ? { operator: 'is_not' } : {},
  ),
  'empty dependency chain overlooked': inConditionFilters(
    ({ type, key, dependency_chain: chain }) =>
      type === 'flag' && Array.isArray(chain) && chain.length === 0
        ? { dependency_chain: [key] }
        : {},
  ),
  'dependency satisfied by any value': inConditionFilters(({ type, value }) =>
    type === 'flag' && typeof value === 'string' ? { value: true } : {},
  ),
  'dependency on false misread': inConditionFilters(({ type, value }) =>
    type === 'flag' && value === false ? { value: true } : {},
  ),
  'AND of cohorts read as OR': inCohortNodes(({ type }) => (type === 'AND' ? { type: 'OR' } : {})),
  'OR of cohorts read as AND': inCohortNodes(({ type }) => (type === 'OR' ? { type: 'AND' } : {})),
  'negation in cohorts ignored': inCohortNodes(() => ({ negation: false })),
  'not_in within cohorts ignored': inCohortNodes(({ type }) =>
    type === 'cohort' ? { operator: 'in' } : {},
  ),
  'unknown node of a cohort read as AND': inCohortNodes((node) =>
    'values' in node && !['AND', 'OR', 'property'].includes(String(node.type))
      ? { type: 'AND' }
      : {},
  ),
  'cohorts lost': (definitions) => ({ ...definitions, cohorts: {} }),
  'group types lost': (definitions) => ({
    ...definitions,
    group_type_mapping: {},
    groupTypeMapping: {},
  }),
  'camel case spelling first': ({
    group_type_mapping: snake,
    groupTypeMapping: camel,
    ...rest
  }) => ({
    ...rest,
    group_type_mapping: camel ?? snake ?? {},
  }),
  'matching version ignored': (definitions) => ({
    ...definitions,
    property_matching_version: 1,
    propertyMatchingVersion: 1,
  }),
  'matching version always 2': (definitions) => ({ ...definitions, property_matching_version: 2 }),
  'camel case matching version not read': (definitions) => ({
    ...definitions,
    propertyMatchingVersion: null,
  }),
};

/** A wrong rule for integers, where ours and the reference's already differ: 5 is `5.0`. */
export const integersReadAsFloats: Mutation = inConditionFilters(({ operator, value }) =>
  (operator === 'exact' || operator === 'is_not') && Number.isInteger(value)
    ? { value: Number(value).toFixed(1) }
    : {},
);
