/** An instance with posthog-node in it, alone or with one of the providers. */
import { PostHog } from 'posthog-node';
import { PROJECT_API_KEY, WITNESS, secretKeyOf } from '../systems.mjs';
import { exampleProvider } from './example-provider.mjs';
import { leaderProvider } from './leader-provider.mjs';

/** @typedef {import('posthog-node').FlagDefinitionCacheProvider} Provider */

/**
 * @param {import('../systems.mjs').InstanceSettings} settings
 * @param {() => void} onLoaded called whenever definitions were loaded, changed or not
 * @returns {Promise<import('../systems.mjs').Instance>}
 */
export async function openPostHogNode(settings, onLoaded) {
  const provider = await providerFor(settings);
  const client = new PostHog(PROJECT_API_KEY, {
    host: settings.host,
    secretKey: secretKeyOf(settings.name),
    featureFlagsPollingInterval: settings.times.intervalMs,
    ...(provider && { flagDefinitionCacheProvider: provider }),
  });
  client.on('error', () => undefined);
  client.on('localEvaluationFlagsLoaded', onLoaded);
  const options = { onlyEvaluateLocally: true, sendFeatureFlagEvents: false };
  return {
    evaluate: () => client.getFeatureFlag(WITNESS, 'somebody', options),
    close: () => client.shutdown(),
  };
}

/** @param {import('../systems.mjs').InstanceSettings} settings */
async function providerFor(settings) {
  if (settings.system === 'example') return exampleProvider(settings);
  if (settings.system === 'leader') return leaderProvider(settings);
  return undefined;
}
