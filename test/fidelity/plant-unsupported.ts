/**
 * Puts what only PostHog's server evaluates into some flags of a document, beside harmless
 * look-alikes: empty lists and nulls are what PostHog sends for flags that do not use it.
 */
import type { FlagDefinition } from '../../lib/core/definitions/flag-definitions.js';
import type { Random } from './random.js';

const superGroup = {
  properties: [
    { key: '$feature_enrollment/beta', type: 'person', operator: 'exact', value: ['true'] },
  ],
  rollout_percentage: 100,
};

/** Changes the document in place: about half of its flags get something. */
export function plantUnsupported(random: Random, document: { flags: FlagDefinition[] }): void {
  document.flags = document.flags.map((flag) => (random.chance(0.5) ? plant(random, flag) : flag));
}

function plant(random: Random, flag: FlagDefinition): FlagDefinition {
  const inFilters = (fields: object): FlagDefinition => ({
    ...flag,
    filters: { ...flag.filters, ...fields },
  });
  return random.pick<() => FlagDefinition>([
    () => inFilters({ super_groups: random.pick<unknown>([[superGroup], [superGroup], [], null]) }),
    () =>
      inFilters({
        holdout_groups: random.pick<unknown>([
          [{ rollout_percentage: 10, variant: 'holdout-7' }],
          [],
          null,
        ]),
      }),
    () => inFilters({ feature_enrollment: random.pick<unknown>([true, true, false, null]) }),
    () => inFilters({ version: random.pick<unknown>([2, 2, 1, null, 3, '2']) }),
    () => ({
      ...flag,
      has_encrypted_payloads: random.pick<boolean | null>([true, true, false, null]),
    }),
  ])();
}
