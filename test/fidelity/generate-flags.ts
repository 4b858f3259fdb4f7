/**
 * Random flags: conditions, variants, payloads, holdouts, groups, dependencies. A flag depends
 * only on flags made before it, so that no circle can form.
 */
import type {
  ConditionGroup,
  FlagDefinition,
  PropertyFilter,
  VariantDefinition,
} from '../../lib/core/definitions/flag-definitions.js';
import { generateCohortFilter } from './generate-cohorts.js';
import { generateAnyJson, generatePropertyFilter, withoutUndefined } from './generate-filters.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

const variantKeys: readonly string[] = ['control', 'test', 'third', 'true', 'false', ''];
// prettier-ignore
const rollouts: readonly unknown[] = [
  0, 10, 33.3, 45, 50, 50, 55, 66.666, 90, 99.99, 100, 100, '45', 'abc', 101, -1, [50], {}, true, '',
];
const aggregations: readonly unknown[] = [0, 0, 1, 1, 9, '0'];
// prettier-ignore
const payloads: readonly unknown[] = [
  '{"a":1}', '[1,2,{"b":null}]', '"text"', '0', '1', 'true', 'false', 'null', '""', '', 'not json',
  '{"__proto__":{"x":1}}', '{"a":{"b":{"c":[]}}}', ' {"a" : 1} ', '1e3', null, { raw: [1] }, 5, 0, true,
];

/** A flag made before, with all it depends on, in the order of evaluation. */
export interface EarlierFlag {
  readonly key: string;
  readonly chain: readonly string[];
}

/** What a flag may refer to. */
export interface FlagSurroundings {
  readonly cohortIds: readonly string[];
  readonly earlier: readonly EarlierFlag[];
  readonly vocabulary: Vocabulary;
}

export interface GeneratedFlag {
  readonly definition: FlagDefinition;
  readonly chain: readonly string[];
}

/** A flag as projects have them, only more of everything. */
export function generateFlag(
  random: Random,
  key: string,
  surroundings: FlagSurroundings,
): GeneratedFlag {
  const dependsOn = new Set<string>();
  const variants = random.chance(0.4) ? generateVariants(random) : undefined;
  const { isPlain } = surroundings.vocabulary;
  const filters = withoutUndefined({
    groups: random.many(random.chance(0.05) ? 0 : 1, 4, () =>
      generateCondition(random, surroundings, dependsOn),
    ),
    multivariate: variants && { variants },
    payloads: random.chance(0.6)
      ? generatePayloads(random, surroundings.vocabulary)
      : random.pick([undefined, null, {}]),
    aggregation_group_type_index: random.chance(0.15)
      ? random.pick(aggregations)
      : random.pick([undefined, null]),
    early_exit: random.chance(0.15) ? random.pick([true, true, false, 'yes', null]) : undefined,
    holdout: random.chance(0.1) ? generateHoldout(random) : random.pick([undefined, null]),
  });
  const definition = withoutUndefined<FlagDefinition>({
    id: random.between(1, 999),
    key,
    active: random.chance(isPlain ? 0.96 : 0.92)
      ? true
      : random.pick([false, false, undefined, null, 1]),
    ensure_experience_continuity: random.chance(isPlain ? 0.01 : 0.04)
      ? true
      : random.pick([false, null, undefined]),
    bucketing_identifier: random.chance(0.15)
      ? 'device_id'
      : random.pick([undefined, null, '', 'distinct_id', 'other']),
    evaluation_runtime: random.pick([undefined, null, 'all', 'client', 'server']),
    filters: random.chance(0.01) ? random.pick([null, undefined, {}]) : filters,
  });
  const chain = surroundings.earlier
    .filter((flag) => dependsOn.has(flag.key))
    .flatMap((flag) => flag.chain);
  return { definition, chain: [...new Set([...chain, key])] };
}

/** A flag whose value is the answer of its only filter. */
export function generateProbe(random: Random, key: string, filter: PropertyFilter): FlagDefinition {
  const condition = { properties: [filter], rollout_percentage: random.pick([100, null]) };
  return { key, active: true, filters: { groups: [condition] } };
}

function generateCondition(
  random: Random,
  surroundings: FlagSurroundings,
  dependsOn: Set<string>,
): ConditionGroup {
  const properties = random.many(0, 3, () => generateFilter(random, surroundings, dependsOn));
  return withoutUndefined({
    properties: properties.length > 0 ? properties : random.pick([[], [], null, undefined]),
    rollout_percentage: random.chance(0.5) ? random.pick([undefined, null]) : random.pick(rollouts),
    variant: random.chance(0.25) ? random.pick([...variantKeys, 'unknown', null]) : undefined,
    aggregation_group_type_index: random.chance(0.12)
      ? random.pick([...aggregations, null])
      : undefined,
  });
}

function generateFilter(
  random: Random,
  surroundings: FlagSurroundings,
  dependsOn: Set<string>,
): PropertyFilter {
  return random.weighted<PropertyFilter>([
    [7, () => generatePropertyFilter(random, surroundings.vocabulary)],
    [2, () => generateCohortFilter(random, surroundings.cohortIds)],
    [
      surroundings.earlier.length > 0 ? 2 : 0,
      () => generateDependency(random, surroundings, dependsOn),
    ],
  ]);
}

function generateDependency(
  random: Random,
  surroundings: FlagSurroundings,
  dependsOn: Set<string>,
): PropertyFilter {
  const target = random.pick(surroundings.earlier);
  dependsOn.add(target.key);
  const filter = {
    key: target.key,
    type: 'flag',
    operator: random.pick([
      'flag_evaluates_to',
      'flag_evaluates_to',
      'exact',
      'frobnicate',
      undefined,
    ]),
    value: random.pick<unknown>([
      true,
      true,
      true,
      false,
      false,
      'control',
      'test',
      'true',
      'holdout-7',
      5,
      null,
    ]),
    dependency_chain: [...target.chain],
  };
  if (random.chance(surroundings.vocabulary.isPlain ? 0.97 : 0.88)) return withoutUndefined(filter);
  return withoutUndefined({
    ...filter,
    ...random.pick<object>([
      { dependency_chain: [] },
      { dependency_chain: undefined },
      { dependency_chain: 'not a chain' },
      { dependency_chain: [...target.chain, 'missing'] },
      { dependency_chain: ['missing', ...target.chain] },
      { key: 'missing' },
      { key: 'missing', dependency_chain: ['missing'] },
    ]),
  });
}

function generateVariants(random: Random): VariantDefinition[] {
  const keys = random.chance(0.9)
    ? variantKeys.slice(0, random.between(0, 4))
    : random.shuffled(variantKeys);
  if (random.chance(0.05)) keys.push('control');
  const shares = random.pick<readonly unknown[]>([
    [50, 50, 0, 0],
    [33, 33, 34, 0],
    [10, 20, 30, 40],
    [10, 10],
    [0, 100],
    ['30', 30, 30],
    [50, null, 50],
    [60, 60, 60],
    [20, undefined, 20],
  ]);
  return keys.map((key, index) =>
    withoutUndefined({ key, rollout_percentage: shares[index] }),
  ) as unknown as VariantDefinition[];
}

function generatePayloads(random: Random, vocabulary: Vocabulary): Record<string, unknown> {
  const keys = ['true', 'true', 'control', 'test', 'third', 'false', 'holdout-7', 'unknown'];
  return Object.fromEntries(
    random
      .some(keys, 0.5)
      .map((key) => [
        key,
        random.chance(0.95) ? random.pick(payloads) : generateAnyJson(random, vocabulary),
      ]),
  );
}

// prettier-ignore
const exclusions: readonly unknown[] = [
  10, 50, 50, 100, 0, 65.7, '50', 1000, -5, 'abc', '', null, undefined, true, [50],
];

function generateHoldout(random: Random): unknown {
  return withoutUndefined({
    id: random.pick<unknown>([7, 7, 8, 'seven', '', 0, null, undefined]),
    exclusion_percentage: random.pick(exclusions),
  });
}
