/** Definitions of a usual project: a hundred flags, of which one names the content as its variant. */
import { WITNESS } from './systems.mjs';

const FLAGS = 100;

/** @param {string} content */
export function definitionsOf(content) {
  const others = Array.from({ length: FLAGS - 1 }, (_, index) => ordinaryFlag(index));
  return {
    flags: [witness(content), ...others],
    group_type_mapping: { 0: 'company' },
    cohorts: {},
  };
}

/** @param {string} content */
function witness(content) {
  return {
    id: 1,
    key: WITNESS,
    active: true,
    filters: {
      groups: [{ properties: [], rollout_percentage: 100 }],
      multivariate: { variants: [{ key: content, rollout_percentage: 100 }] },
    },
  };
}

/** @param {number} index */
function ordinaryFlag(index) {
  return {
    id: index + 2,
    name: `Flag number ${index} of a project that has a hundred`,
    key: `flag-${index}`,
    active: true,
    deleted: false,
    ensure_experience_continuity: false,
    filters: {
      groups: [
        {
          properties: [
            {
              key: 'email',
              type: 'person',
              value: `@company-${index}.test`,
              operator: 'icontains',
            },
            { key: 'plan', type: 'person', value: ['team', 'enterprise'], operator: 'exact' },
          ],
          rollout_percentage: index % 101,
        },
      ],
    },
  };
}
