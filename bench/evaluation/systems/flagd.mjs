/** flagd's evaluator, the one that its in-process providers run. No regexes. */
import { users } from '../users.mjs';
import { eachOf, keysOf, onlyKeyOf, peer, placesOf } from './system.mjs';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @type {import('./system.mjs').System} */
export const flagd = {
  name: 'flagd-core',
  isAsync: false,
  canDo: ({ flags }) =>
    flags.every(({ conditions }) =>
      conditions.every(({ filters }) => filters.every(({ operator }) => operator !== 'matches')),
    ),
  open: async (workload) => {
    const { FlagdCore } = await peer('@openfeature/flagd-core');
    const core = new FlagdCore(undefined, silent);
    const flags = Object.fromEntries(workload.flags.map((flag) => [flag.key, flagOf(flag)]));
    core.setConfigurations(JSON.stringify({ flags }));
    const key = onlyKeyOf(workload);
    const placeOf = placesOf(keysOf(workload));
    const textKeys = new Set(workload.flags.flatMap((flag) => (flag.variants ? [flag.key] : [])));
    /** @param {string} asked @param {unknown} context */
    const evaluate = (asked, context) =>
      textKeys.has(asked)
        ? core.resolveStringEvaluation(asked, 'off', context, silent)
        : core.resolveBooleanEvaluation(asked, false, context, silent);
    return {
      contexts: users.map(({ id, properties }) => ({ targetingKey: id, ...properties })),
      evaluate: workload.all
        ? eachOf(keysOf(workload), evaluate)
        : (context) => evaluate(key, context),
      valueOf: (answer, asked) => (workload.all ? answer[placeOf(asked)] : answer).value,
      close: () => undefined,
    };
  },
};

/** @param {import('../workloads.mjs').Flag} flag */
function flagOf({ conditions, variants }) {
  const names = variants?.map(({ key }) => [key, key]) ?? [['on', true]];
  return {
    state: 'ENABLED',
    defaultVariant: 'off',
    variants: Object.fromEntries([['off', variants === undefined ? false : 'off'], ...names]),
    targeting: conditions.reduceRight(
      (/** @type {unknown} */ otherwise, { filters, tree, rollout }) => {
        const parts = [...filters, ...(tree === undefined ? [] : [tree])].map(logicOf);
        const outcome = outcomeOf(variants, rollout);
        return parts.length === 0 ? outcome : { if: [all(parts), outcome, otherwise] };
      },
      'off',
    ),
  };
}

/** @param {readonly import('../workloads.mjs').Variant[] | undefined} variants @param {number} rollout */
function outcomeOf(variants, rollout) {
  if (variants !== undefined) {
    return { fractional: variants.map(({ key, percentage }) => [key, percentage]) };
  }
  if (rollout === 100) return 'on';
  return {
    fractional: [
      ['on', rollout],
      ['off', 100 - rollout],
    ],
  };
}

/** @param {readonly unknown[]} parts */
function all(parts) {
  return parts.length === 1 ? parts[0] : { and: parts };
}

/** @param {import('../workloads.mjs').Tree} tree @returns {unknown} */
function logicOf(tree) {
  if ('all' in tree) return { and: tree.all.map(logicOf) };
  if ('any' in tree) return { or: tree.any.map(logicOf) };
  const { property, operator, value } = tree;
  const actual = { var: [property] };
  switch (operator) {
    case 'is':
      return { '===': [actual, value] };
    case 'contains':
      return { in: [value, actual] };
    case 'version':
      return { sem_ver: [actual, '>=', value] };
    default:
      // It has no dates either; texts of one ISO form compare as dates do.
      return { '>': [actual, value] };
  }
}
