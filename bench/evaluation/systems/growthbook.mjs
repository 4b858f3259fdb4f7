/** GrowthBook's client for servers. A call for all flags it does not have. */
import { users } from '../users.mjs';
import { eachOf, keysOf, onlyKeyOf, peer, placesOf } from './system.mjs';

/** @type {import('./system.mjs').System} */
export const growthBook = {
  name: 'growthbook',
  isAsync: false,
  open: async (workload) => {
    const { GrowthBookClient } = await peer('@growthbook/growthbook');
    const features = Object.fromEntries(workload.flags.map((flag) => [flag.key, featureOf(flag)]));
    const client = new GrowthBookClient().initSync({ payload: { features } });
    const key = onlyKeyOf(workload);
    const placeOf = placesOf(keysOf(workload));
    /** @param {string} asked @param {unknown} context */
    const evaluate = (asked, context) => client.evalFeature(asked, context);
    return {
      contexts: users.map(({ id, properties }) => ({ attributes: { id, ...properties } })),
      evaluate: workload.all
        ? eachOf(keysOf(workload), evaluate)
        : (context) => evaluate(key, context),
      valueOf: (answer, asked) => (workload.all ? answer[placeOf(asked)] : answer).value,
      close: () => client.destroy(),
    };
  },
};

/** @param {import('../workloads.mjs').Flag} flag */
function featureOf({ key, conditions, variants }) {
  return {
    defaultValue: false,
    rules: conditions.map(({ filters, tree, rollout }) => {
      const parts = [...filters, ...(tree === undefined ? [] : [tree])].map(conditionOf);
      const condition = parts.length === 0 ? undefined : merged(parts);
      if (variants !== undefined) {
        return {
          condition,
          key,
          variations: variants.map((variant) => variant.key),
          weights: variants.map(({ percentage }) => percentage / 100),
          hashAttribute: 'id',
        };
      }
      return {
        condition,
        force: true,
        ...(rollout < 100 && { coverage: rollout / 100, hashAttribute: 'id' }),
      };
    }),
  };
}

/** @param {readonly Record<string, unknown>[]} parts */
function merged(parts) {
  return parts.length === 1 ? parts[0] : Object.assign({}, ...parts);
}

/** @param {import('../workloads.mjs').Tree} tree @returns {Record<string, unknown>} */
function conditionOf(tree) {
  if ('all' in tree) return { $and: tree.all.map(conditionOf) };
  if ('any' in tree) return { $or: tree.any.map(conditionOf) };
  const { property, operator, value } = tree;
  switch (operator) {
    case 'is':
      return { [property]: value };
    case 'contains':
      return { [property]: { $regexi: value } };
    case 'above':
      return { [property]: { $gt: value } };
    case 'matches':
      return { [property]: { $regex: value } };
    case 'version':
      return { [property]: { $vgte: value } };
    case 'after':
      // It has no dates; texts of one ISO form compare as dates do.
      return { [property]: { $gt: value } };
  }
}
