/**
 * Random cohorts and the filters that point at them. A cohort names only cohorts made before
 * it, and only flags that depend on nothing: the reference implementation follows a circle
 * until the process dies, so cycles are tested without it.
 */
import type {
  CohortDefinition,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import { generatePropertyFilter, withoutUndefined } from './generate-filters.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

/** Ids that filters use though no cohort has them: static cohorts are not in the definitions. */
const absentCohortIds: readonly unknown[] = [99, '98', null, 'x'];

/** A cohort of which the definitions say nothing has everybody in it. */
const nothing = null as unknown as CohortDefinition;

/** Flags that a cohort may ask about, by key. */
export interface CohortSurroundings {
  readonly leafFlagKeys: readonly string[];
  readonly vocabulary: Vocabulary;
}

/** Up to six cohorts by id, the later ones built upon the earlier. */
export function generateCohorts(
  random: Random,
  surroundings: CohortSurroundings,
): Record<string, CohortDefinition> {
  const cohorts: Record<string, CohortDefinition> = {};
  for (let id = 1; id <= random.between(0, 6); id += 1) {
    const earlierIds = Object.keys(cohorts);
    const isNothing = random.chance(0.03);
    cohorts[String(id)] = isNothing
      ? nothing
      : generateNode(random, { ...surroundings, earlierIds }, 3);
  }
  return cohorts;
}

interface NodeSurroundings extends CohortSurroundings {
  readonly earlierIds: readonly string[];
}

function generateNode(
  random: Random,
  surroundings: NodeSurroundings,
  depthLeft: number,
): CohortDefinition {
  if (random.chance(0.03))
    return random.pick<CohortDefinition>([{}, { type: 'AND' }, { type: 'OR', values: [] }]);
  const type = random.weighted<string | undefined>([
    [10, () => 'AND'],
    [10, () => 'OR'],
    [2, () => 'property'],
    [1, () => random.pick(['XOR', 'and', undefined])],
  ]);
  const hasGroups = depthLeft > 0 && random.chance(0.4);
  const values = random.many(random.chance(0.05) ? 0 : 1, 3, (index) => {
    // Mixed levels are not made by PostHog's editor, yet what they do is defined: see below.
    const isGroup = random.chance(0.04) ? !hasGroups : hasGroups;
    return isGroup || (index === 0 && hasGroups)
      ? generateNode(random, surroundings, depthLeft - 1)
      : generateLeaf(random, surroundings);
  });
  return withoutUndefined({ type, values });
}

function generateLeaf(random: Random, surroundings: NodeSurroundings): PropertyFilter {
  const leaf = random.weighted<PropertyFilter>([
    [12, () => generatePropertyFilter(random, surroundings.vocabulary)],
    [2, () => generateCohortFilter(random, surroundings.earlierIds)],
    [1, () => generateFlagLeaf(random, surroundings.leafFlagKeys)],
  ]);
  return random.chance(0.25) ? { ...leaf, negation: random.pick([true, true, false, null]) } : leaf;
}

function generateFlagLeaf(random: Random, keys: readonly string[]): PropertyFilter {
  const key = random.pick(keys);
  return {
    key,
    type: 'flag',
    operator: 'flag_evaluates_to',
    value: random.pick([true, false, 'control']),
    dependency_chain: random.chance(0.9) ? [key] : [],
  };
}

/** A filter that asks for membership in one of the cohorts, or in one that is not there. */
export function generateCohortFilter(random: Random, cohortIds: readonly string[]): PropertyFilter {
  const isPresent = cohortIds.length > 0 && random.chance(0.88);
  const id = isPresent ? random.pick(cohortIds) : random.pick(absentCohortIds);
  return withoutUndefined({
    key: 'id',
    type: 'cohort',
    // Ids come as numbers from PostHog and as texts from hand-written files.
    value: isPresent && random.chance(0.7) ? Number(id) : id,
    operator: random.weighted<unknown>([
      [5, () => 'in'],
      [4, () => 'not_in'],
      [1, () => random.pick([undefined, null, 'exact', 'is_not'])],
    ]),
    negation: random.chance(0.03) ? true : undefined,
  });
}
