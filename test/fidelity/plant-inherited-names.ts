/**
 * Puts names that every object inherits (`constructor`, `toString`, …) where definitions and
 * contexts are looked up by key: flags, cohorts, group types, variants, dependencies.
 */
import type {
  CohortDefinition,
  FlagDefinition,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import { inheritedNames } from './pools.js';
import type { Random } from './random.js';

interface Document {
  flags: FlagDefinition[];
  cohorts: Record<string, CohortDefinition> | object;
  group_type_mapping?: object;
}

/** Changes the document in place and returns the contexts to use with it. */
export function plantInheritedNames(
  random: Random,
  document: Document,
  contexts: readonly EvaluationContext[],
): EvaluationContext[] {
  document.flags.push(...random.many(3, 6, (index) => generateFlag(random, index)));
  if (random.chance(0.3)) {
    const filter: PropertyFilter = { key: 'plan', operator: 'is_set' };
    document.cohorts = { ...document.cohorts, constructor: { type: 'AND', values: [filter] } };
  }
  if (random.chance(0.5)) document.group_type_mapping = { '0': 'company', '1': 'constructor' };
  return contexts.map((context) =>
    random.chance(0.3)
      ? { ...context, groups: { ...context.groups, constructor: 'acme' } }
      : context,
  );
}

function generateFlag(random: Random, index: number): FlagDefinition {
  const name = random.pick(inheritedNames);
  // The reference loses a flag whose own key is `__proto__`, and never evaluates a dependency
  // on a defined flag with such a name: both are tested without it.
  const dependency = random.pick(['hasOwnProperty', '__proto__']);
  const ownName = random.pick(['constructor', 'toString', 'valueOf']);
  const plain = { key: `planted-${index}`, active: true };
  const filter = (fields: object): FlagDefinition => ({
    ...plain,
    filters: { groups: [{ properties: [fields as PropertyFilter] }] },
  });
  return random.pick<() => FlagDefinition>([
    () =>
      filter({ key: 'id', type: 'cohort', value: name, operator: random.pick(['in', 'not_in']) }),
    () =>
      filter({
        key: dependency,
        type: 'flag',
        value: random.pick([true, false]),
        dependency_chain: [dependency],
      }),
    () =>
      filter({
        key: name,
        type: 'person',
        value: 'a',
        operator: random.pick(['exact', 'is_set', name]),
      }),
    () => ({ ...plain, filters: { groups: [{}], aggregation_group_type_index: 1 } }),
    () => ({ ...plain, filters: { groups: [{ aggregation_group_type_index: 1 }] } }),
    () => ({
      ...plain,
      filters: {
        groups: [{ rollout_percentage: 100 }],
        multivariate: { variants: [{ key: name, rollout_percentage: 100 }] },
        payloads: { true: '1' },
      },
    }),
    () => ({ ...plain, key: ownName, filters: { groups: [{ rollout_percentage: 50 }] } }),
  ])();
}
