/** unleash-client, from a bootstrap, without a server. A call for all flags it does not have. */
import { users } from '../users.mjs';
import { rulesOf } from '../workloads.mjs';
import { eachOf, keysOf, onlyKeyOf, peer, placesOf } from './system.mjs';

/** @type {import('./system.mjs').System} */
export const unleash = {
  name: 'unleash-client',
  isAsync: false,
  open: async (workload) => {
    const { Unleash, InMemStorageProvider } = await peer('unleash-client');
    const client = new Unleash({
      appName: 'bench',
      url: 'http://127.0.0.1:9/api/',
      refreshInterval: 0,
      disableMetrics: true,
      skipInstanceCountWarning: true,
      storageProvider: new InMemStorageProvider(),
      bootstrap: { data: workload.flags.map(featureOf) },
    });
    client.on('error', () => undefined);
    client.on('warn', () => undefined);
    await new Promise((resolve) => client.once('ready', resolve));
    const key = onlyKeyOf(workload);
    const placeOf = placesOf(keysOf(workload));
    const variantKeys = new Set(
      workload.flags.flatMap((flag) => (flag.variants ? [flag.key] : [])),
    );
    /** @param {string} asked @param {unknown} context */
    const evaluate = (asked, context) =>
      variantKeys.has(asked) ? client.getVariant(asked, context) : client.isEnabled(asked, context);
    return {
      contexts: users.map(contextOf),
      evaluate: workload.all
        ? eachOf(keysOf(workload), evaluate)
        : (context) => evaluate(key, context),
      valueOf: (answer, asked) => plain(workload.all ? answer[placeOf(asked)] : answer),
      close: () => client.destroy(),
    };
  },
};

/** @param {import('../users.mjs').User} user */
function contextOf({ id, properties }) {
  // It compares dates with the moment of the evaluation only.
  const texts = Object.entries(properties).map(([name, value]) => [name, String(value)]);
  return {
    userId: id,
    currentTime: new Date(String(properties['signedUpAt'])),
    properties: Object.fromEntries(texts),
  };
}

/** @param {any} answer */
function plain(answer) {
  if (typeof answer === 'boolean') return answer;
  return answer.enabled ? answer.name : false;
}

/** @param {import('../workloads.mjs').Flag} flag */
function featureOf({ key, conditions, variants }) {
  return {
    name: key,
    type: 'release',
    enabled: true,
    stale: false,
    impressionData: false,
    strategies: conditions.flatMap(rulesOf).map(({ filters, rollout }) => ({
      name: 'flexibleRollout',
      parameters: { groupId: key, rollout: String(rollout), stickiness: 'userId' },
      constraints: filters.map(constraintOf),
      variants: [],
    })),
    variants: (variants ?? []).map(({ key: name, percentage }) => ({
      name,
      weight: percentage * 10,
      weightType: 'variable',
      stickiness: 'userId',
      payload: { type: 'string', value: name },
    })),
  };
}

/** @param {import('../workloads.mjs').Filter} filter */
function constraintOf({ property, operator, value }) {
  const facts = { contextName: property, inverted: false, values: /** @type {string[]} */ ([]) };
  const text = String(value);
  switch (operator) {
    case 'is':
      return { ...facts, operator: 'IN', values: [text] };
    case 'contains':
      return { ...facts, operator: 'STR_CONTAINS', values: [text], caseInsensitive: true };
    case 'above':
      return { ...facts, operator: 'NUM_GT', value: text };
    case 'matches':
      return { ...facts, operator: 'REGEX', value: text };
    case 'version':
      return { ...facts, operator: 'SEMVER_GTE', value: text };
    case 'after':
      return { ...facts, contextName: 'currentTime', operator: 'DATE_AFTER', value: text };
  }
}
