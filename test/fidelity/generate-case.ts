/**
 * One test case of the comparison with PostHog's client: a definitions document, the moment,
 * and the contexts to evaluate. Everything follows from the seed.
 */
import type {
  FlagDefinition,
  FlagDefinitionCacheData,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import { generateCohortFilter, generateCohorts } from './generate-cohorts.js';
import { generateContext } from './generate-context.js';
import {
  generatePatternFilter,
  generatePropertyFilter,
  withoutUndefined,
} from './generate-filters.js';
import { generateFlag, generateProbe } from './generate-flags.js';
import type { EarlierFlag } from './generate-flags.js';
import { plantInheritedNames } from './plant-inherited-names.js';
import { plantUnsupported } from './plant-unsupported.js';
import { groupTypes, moments } from './pools.js';
import { Random } from './random.js';
import { generateVocabulary } from './vocabulary.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * - `whole`: everything together, as a project has it.
 * - `probe`: each flag has one filter, so that the filter's answer shows.
 * - `patterns`: probes of regular expressions that nobody would write.
 * - `unsupported`: whole, with flags that use what only the server evaluates.
 * - `inherited-names`: whole, with names such as `constructor` where keys are looked up.
 */
export type CaseShape = 'whole' | 'probe' | 'patterns' | 'unsupported' | 'inherited-names';

export interface FidelityCase {
  readonly seed: number;
  readonly shape: CaseShape;
  readonly definitions: FlagDefinitionCacheData;
  /** The evaluation contexts that the client is configured with. */
  readonly evaluationContexts: readonly string[] | undefined;
  /** Wall clock in ms at which everything is evaluated. */
  readonly now: number;
  readonly contexts: readonly EvaluationContext[];
  /** The flags to ask for: all in the document, and some that are not. */
  readonly keys: readonly string[];
}

const contextsPerCase = 6;
const flagKeys = [
  'simple-flag',
  'beta',
  'flagé',
  'new-checkout',
  'a',
  'b',
  'multivariate-flag',
  'j',
  'k',
];

export function generateCase(seed: number): FidelityCase {
  const random = new Random(seed);
  const shape = random.weighted<CaseShape>([
    [50, () => 'whole'],
    [32, () => 'probe'],
    [8, () => 'patterns'],
    [5, () => 'unsupported'],
    [5, () => 'inherited-names'],
  ]);
  const now = random.pick(moments);
  const isOfProbes = shape === 'probe' || shape === 'patterns';
  const vocabulary = generateVocabulary(random, !isOfProbes && random.chance(0.65));
  const makeFilter = shape === 'patterns' ? generatePatternFilter : generatePropertyFilter;
  const document = {
    ...(isOfProbes
      ? { flags: generateProbes(random, () => makeFilter(random, vocabulary)), cohorts: {} }
      : generateWhole(random, vocabulary)),
    ...generateMapping(random),
    ...generateMatchingVersion(random),
  };
  let contexts = random.many(contextsPerCase, contextsPerCase, () =>
    generateContext(random, { now, vocabulary }),
  );
  if (shape === 'unsupported') plantUnsupported(random, document);
  if (shape === 'inherited-names') contexts = plantInheritedNames(random, document, contexts);
  // What JSON cannot carry cannot be in definitions.
  const definitions = JSON.parse(JSON.stringify(document)) as FlagDefinitionCacheData;
  return {
    seed,
    shape,
    definitions,
    evaluationContexts: random.chance(0.2) ? random.pick([['web'], ['api', 'web'], []]) : undefined,
    now,
    contexts,
    keys: [
      ...new Set(definitions.flags.map((flag) => flag.key)),
      ...(random.chance(0.1) ? ['unknown-flag'] : []),
    ],
  };
}

function generateProbes(random: Random, makeFilter: () => PropertyFilter): FlagDefinition[] {
  return random.many(12, 12, (index) => generateProbe(random, `probe-${index}`, makeFilter()));
}

function generateWhole(
  random: Random,
  vocabulary: Vocabulary,
): { flags: FlagDefinition[]; cohorts: object } {
  const flags: FlagDefinition[] = [];
  const earlier: EarlierFlag[] = [];
  const leafFlagKeys = flagKeys.slice(0, 2);
  const cohorts = generateCohorts(random, { leafFlagKeys, vocabulary });
  for (const [index, key] of flagKeys.slice(0, random.between(5, flagKeys.length)).entries()) {
    // The flags that cohorts ask about know neither cohorts nor flags.
    const surroundings =
      index < leafFlagKeys.length
        ? { cohortIds: [], earlier: [], vocabulary }
        : { cohortIds: Object.keys(cohorts), earlier, vocabulary };
    const { definition, chain } = generateFlag(random, key, surroundings);
    flags.push({ ...definition, ...generateEvaluationContexts(random) });
    earlier.push({ key, chain });
  }
  if (Object.keys(cohorts).length > 0 && random.chance(0.5)) {
    flags.push(
      generateProbe(random, 'cohort-probe', generateCohortFilter(random, Object.keys(cohorts))),
    );
  }
  if (random.chance(0.05)) {
    // Twice the same key: the later one counts. It depends on nothing, lest a circle form.
    const surroundings = { cohortIds: [], earlier: [], vocabulary };
    flags.push(generateFlag(random, random.pick(flagKeys), surroundings).definition);
  }
  return { flags, cohorts };
}

function generateEvaluationContexts(random: Random): object {
  const contexts = (): unknown =>
    random.pick<unknown>([[], ['web'], ['api'], ['api', 'web'], ['ios'], null]);
  return withoutUndefined({
    evaluation_contexts: random.chance(0.3) ? contexts() : undefined,
    evaluation_tags: random.chance(0.1) ? contexts() : undefined,
  });
}

function generateMapping(random: Random): object {
  const mapping = Object.fromEntries(groupTypes.map((type, index) => [String(index), type]));
  return random.weighted<object>([
    [8, () => ({ group_type_mapping: mapping })],
    [2, () => ({ groupTypeMapping: mapping })],
    [2, () => ({ group_type_mapping: mapping, groupTypeMapping: { '0': 'project' } })],
    [1, () => ({ group_type_mapping: null, groupTypeMapping: mapping })],
    [1, () => ({ group_type_mapping: { '0': 'company', '1': '' } })],
    [1, () => ({})],
  ]);
}

function generateMatchingVersion(random: Random): object {
  return random.weighted<object>([
    [3, () => ({})],
    [1, () => ({ property_matching_version: 1 })],
    [3, () => ({ property_matching_version: 2 })],
    [1, () => ({ propertyMatchingVersion: 2 })],
    [1, () => ({ property_matching_version: 1, propertyMatchingVersion: 2 })],
    [1, () => ({ property_matching_version: null, propertyMatchingVersion: 2 })],
    [1, () => ({ property_matching_version: '2' })],
  ]);
}
