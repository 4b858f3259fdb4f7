/** LaunchDarkly's server SDK, with its own test data source. */
import { users } from '../users.mjs';
import { rulesOf } from '../workloads.mjs';
import { onlyKeyOf, peer } from './system.mjs';

const operators = {
  is: 'in',
  contains: 'contains',
  above: 'greaterThan',
  matches: 'matches',
  after: 'after',
};

/** @type {import('./system.mjs').System} */
export const launchDarkly = {
  name: 'launchdarkly',
  isAsync: true,
  open: async (workload) => {
    const { default: sdk } = await peer('@launchdarkly/node-server-sdk');
    const { TestData } = await peer('@launchdarkly/node-server-sdk/integrations');
    const data = new TestData();
    for (const flag of workload.flags) await data.usePreconfiguredFlag(flagOf(flag));
    const client = sdk.init('sdk-bench', {
      updateProcessor: data.getFactory(),
      sendEvents: false,
      diagnosticOptOut: true,
      logger: sdk.basicLogger({ level: 'none' }),
    });
    await client.waitForInitialization({ timeout: 10 });
    const key = onlyKeyOf(workload);
    return {
      contexts: users.map(({ id, properties }) => ({ kind: 'user', key: id, ...properties })),
      evaluate: workload.all
        ? (context) => client.allFlagsState(context)
        : (context) => client.variationDetail(key, context, false),
      valueOf: (answer, asked) => (workload.all ? answer.getFlagValue(asked) : answer.value),
      close: () => client.close(),
    };
  },
};

/** @param {import('../workloads.mjs').Flag} flag */
function flagOf({ key, conditions, variants }) {
  const values = variants?.map((variant) => variant.key) ?? [true];
  return {
    key,
    version: 1,
    on: true,
    salt: key,
    variations: [false, ...values],
    offVariation: 0,
    fallthrough: { variation: 0 },
    rules: conditions.flatMap(rulesOf).map(({ filters, rollout }, number) => ({
      id: `rule-${number}`,
      clauses: filters.map(clauseOf),
      ...outcomeOf(variants, rollout),
    })),
  };
}

/** @param {readonly import('../workloads.mjs').Variant[] | undefined} variants @param {number} rollout */
function outcomeOf(variants, rollout) {
  if (variants !== undefined) {
    const variations = variants.map(({ percentage }, index) => ({
      variation: index + 1,
      weight: percentage * 1000,
    }));
    return { rollout: { contextKind: 'user', variations } };
  }
  if (rollout === 100) return { variation: 1 };
  const variations = [
    { variation: 1, weight: rollout * 1000 },
    { variation: 0, weight: (100 - rollout) * 1000 },
  ];
  return { rollout: { contextKind: 'user', variations } };
}

/** It has no "this version or newer", only the negation of "older". @param {import('../workloads.mjs').Filter} filter */
function clauseOf({ property, operator, value }) {
  const facts = { contextKind: 'user', attribute: property, values: [value] };
  if (operator === 'version') return { ...facts, op: 'semVerLessThan', negate: true };
  return { ...facts, op: operators[operator], negate: false };
}
