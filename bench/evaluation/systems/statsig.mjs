/** statsig-node, from bootstrap values in local mode, with exposures off. */
import { users } from '../users.mjs';
import { rulesOf } from '../workloads.mjs';
import { eachOf, keysOf, onlyKeyOf, peer, placesOf } from './system.mjs';

const operators = {
  is: 'any',
  contains: 'str_contains_any',
  above: 'gt',
  matches: 'str_matches',
  version: 'version_gte',
  after: 'after',
};

/** @type {import('./system.mjs').System} */
export const statsig = {
  name: 'statsig-node',
  isAsync: false,
  open: async (workload) => {
    const { default: sdk } = await peer('statsig-node');
    const { StatsigServer } = sdk.default ?? sdk;
    const server = new StatsigServer('secret-bench', {
      localMode: true,
      bootstrapValues: JSON.stringify(specsOf(workload)),
      disableDiagnostics: true,
      disableIdListsSync: true,
      disableRulesetsSync: true,
      initTimeoutMs: 1000,
    });
    await server.initializeAsync();
    const key = onlyKeyOf(workload);
    const placeOf = placesOf(keysOf(workload));
    const variantKeys = new Set(
      workload.flags.flatMap((flag) => (flag.variants ? [flag.key] : [])),
    );
    /** @param {string} asked @param {unknown} context */
    const evaluate = (asked, context) =>
      variantKeys.has(asked)
        ? server.getExperimentWithExposureLoggingDisabledSync(context, asked)
        : server.getFeatureGateWithExposureLoggingDisabledSync(context, asked);
    return {
      contexts: users.map(({ id, properties }) => ({ userID: id, custom: properties })),
      evaluate: workload.all
        ? eachOf(keysOf(workload), evaluate)
        : (context) => evaluate(key, context),
      valueOf: (answer, asked) => plain(workload.all ? answer[placeOf(asked)] : answer),
      close: () => server.shutdown(),
    };
  },
};

/** @param {any} answer */
function plain(answer) {
  return typeof answer.value === 'boolean' ? answer.value : answer.value.arm;
}

/** @param {import('../workloads.mjs').Workload} workload */
function specsOf({ flags }) {
  return {
    has_updates: true,
    time: 1,
    feature_gates: flags.filter(({ variants }) => !variants).map(gateOf),
    dynamic_configs: flags.filter(({ variants }) => variants).map(experimentOf),
    layer_configs: [],
    id_lists: {},
  };
}

/** @param {import('../workloads.mjs').Flag} flag */
function gateOf({ key, conditions }) {
  return {
    ...specOf(key, 'feature_gate', false),
    rules: conditions
      .flatMap(rulesOf)
      .map(({ filters, rollout }, number) =>
        ruleOf(`rule-${number}`, filters.map(conditionOf), rollout, true),
      ),
  };
}

/** An experiment: each variant is a range of the 1,000 buckets. @param {import('../workloads.mjs').Flag} flag */
function experimentOf({ key, variants = [] }) {
  let bucket = 0;
  const rules = variants.map(({ key: name, percentage }) => {
    bucket += percentage * 10;
    const below = { type: 'user_bucket', targetValue: bucket, operator: 'lt', field: null };
    const condition = {
      ...below,
      additionalValues: { salt: key },
      isDeviceBased: false,
      idType: 'userID',
    };
    return ruleOf(name, [condition], 100, { arm: name });
  });
  return { ...specOf(key, 'dynamic_config', {}), entity: 'experiment', rules };
}

/** @param {string} key @param {string} type @param {unknown} defaultValue */
function specOf(key, type, defaultValue) {
  const facts = { name: key, type, salt: key, enabled: true, defaultValue };
  return { ...facts, idType: 'userID', entity: type, isDeviceBased: false };
}

/** @param {string} id @param {readonly unknown[]} conditions @param {number} passPercentage @param {unknown} returnValue */
function ruleOf(id, conditions, passPercentage, returnValue) {
  const everybody = { type: 'public', targetValue: null, operator: null, field: null };
  return {
    name: id,
    id,
    salt: id,
    passPercentage,
    conditions: conditions.length === 0 ? [everybody] : conditions,
    returnValue,
    idType: 'userID',
    isDeviceBased: false,
  };
}

/** @param {import('../workloads.mjs').Filter} filter */
function conditionOf({ property, operator, value }) {
  const targetValue = operator === 'is' || operator === 'contains' ? [value] : value;
  return {
    type: 'user_field',
    field: property,
    operator: operators[operator],
    targetValue: operator === 'after' ? Date.parse(String(value)) : targetValue,
    additionalValues: {},
    isDeviceBased: false,
    idType: 'userID',
  };
}
