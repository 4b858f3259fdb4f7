/** posthog-node, definitions from a cache provider, local evaluation only, no events. */
import { PostHog } from 'posthog-node';
import { users } from '../users.mjs';
import { posthogDefinitions } from './posthog-definitions.mjs';
import { onlyKeyOf } from './system.mjs';

const refuse = () => Promise.reject(new Error('no server in this bench'));

/** @type {import('./system.mjs').System} */
export const posthogNode = {
  name: 'posthog-node',
  isAsync: true,
  open: async (workload) => {
    const definitions = posthogDefinitions(workload);
    const client = new PostHog('phc_bench', {
      flagDefinitionCacheProvider: {
        getFlagDefinitions: () => definitions,
        shouldFetchFlagDefinitions: () => false,
        onFlagDefinitionsReceived: () => undefined,
        shutdown: () => undefined,
      },
      featureFlagsPollingInterval: null,
      strictLocalEvaluation: true,
      sendFeatureFlagEvent: false,
      fetch: /** @type {any} */ (refuse),
    });
    await client.reloadFeatureFlags();
    const key = onlyKeyOf(workload);
    return {
      contexts: users.map(({ id, properties }) => ({
        id,
        options: { personProperties: properties, onlyEvaluateLocally: true },
      })),
      evaluate: workload.all
        ? ({ id, options }) => client.getAllFlags(id, options)
        : ({ id, options }) => client.getFeatureFlag(key, id, options),
      valueOf: (answer, asked) => (workload.all ? answer[asked] : answer),
      close: () => client.shutdown(),
    };
  },
};
