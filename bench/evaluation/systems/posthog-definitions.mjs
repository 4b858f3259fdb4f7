/** The workloads as PostHog writes them: for us and for posthog-node. */

const operators = {
  is: 'exact',
  contains: 'icontains',
  above: 'gt',
  matches: 'regex',
  version: 'semver_gte',
  after: 'is_date_after',
};

/** @param {import('../workloads.mjs').Workload} workload */
export function posthogDefinitions({ flags }) {
  /** @type {Record<string, unknown>} */
  const cohorts = {};
  const definitions = {
    flags: flags.map((flag, number) => flagOf(flag, number + 1, cohorts)),
    group_type_mapping: {},
    cohorts,
    property_matching_version: 2,
  };
  // As they come from a server: what JSON has read is laid out otherwise in memory.
  return JSON.parse(JSON.stringify(definitions));
}

/**
 * @param {import('../workloads.mjs').Flag} flag
 * @param {number} id
 * @param {Record<string, unknown>} cohorts
 */
function flagOf({ key, conditions, variants }, id, cohorts) {
  return {
    id,
    team_id: 1,
    key,
    name: `What ${key} is about`,
    active: true,
    deleted: false,
    version: 1,
    ensure_experience_continuity: false,
    has_experiment: false,
    has_encrypted_payloads: false,
    rollout_percentage: null,
    experiment_set: [],
    evaluation_runtime: 'all',
    evaluation_contexts: [],
    bucketing_identifier: 'distinct_id',
    filters: {
      groups: conditions.map(({ filters, tree, apart, rollout }) => ({
        properties: [
          ...filters.map(filterOf),
          ...(apart ? nestedMemberships(tree, cohorts) : memberships(tree, id, cohorts)),
        ],
        rollout_percentage: rollout,
        variant: null,
        description: null,
      })),
      payloads: {},
      aggregation_group_type_index: null,
      multivariate: variants && {
        variants: variants.map(({ key: name, percentage }) => ({
          key: name,
          rollout_percentage: percentage,
        })),
      },
    },
  };
}

/** @param {import('../workloads.mjs').Filter} filter */
function filterOf({ property, operator, value }) {
  const list = operator === 'is' ? [value] : value;
  return { key: property, type: 'person', operator: operators[operator], value: list };
}

/**
 * @param {import('../workloads.mjs').Tree | undefined} tree
 * @param {number} id
 * @param {Record<string, unknown>} cohorts
 */
function memberships(tree, id, cohorts) {
  if (tree === undefined) return [];
  cohorts[String(id)] = groupOf(tree);
  return [membershipOf(id)];
}

/** @param {number} id */
function membershipOf(id) {
  return { key: 'id', type: 'cohort', operator: 'in', value: id };
}

/**
 * Each level a cohort, of filters and of memberships of other cohorts.
 * @param {import('../workloads.mjs').Tree | undefined} tree
 * @param {Record<string, unknown>} cohorts
 */
function nestedMemberships(tree, cohorts) {
  if (tree === undefined) return [];
  /** @param {import('../workloads.mjs').Tree} part @returns {unknown} */
  const memberOf = (part) => {
    if ('property' in part) return filterOf(part);
    const id = Object.keys(cohorts).length + 1;
    // Takes its number before those within it take theirs.
    cohorts[String(id)] = undefined;
    const type = 'all' in part ? 'AND' : 'OR';
    cohorts[String(id)] = { type, values: ('all' in part ? part.all : part.any).map(memberOf) };
    return membershipOf(id);
  };
  return [memberOf(tree)];
}

/** A level holds groups or filters, never both. @param {import('../workloads.mjs').Tree} tree @returns {unknown} */
function groupOf(tree) {
  if ('property' in tree) return { type: 'AND', values: [filterOf(tree)] };
  const parts = 'all' in tree ? tree.all : tree.any;
  const type = 'all' in tree ? 'AND' : 'OR';
  const isFlat = parts.every((part) => 'property' in part);
  return {
    type,
    values: parts.map((part) => (isFlat ? filterOf(/** @type {any} */ (part)) : groupOf(part))),
  };
}
