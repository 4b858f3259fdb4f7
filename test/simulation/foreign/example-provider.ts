/**
 * The cache provider that PostHog's documentation of `posthog-node` gives as its example, written
 * anew: a lock of 60 s that is taken by whoever comes first, and deleted by whoever has stored or
 * shuts down, whosesoever it is; definitions that live for 300 s.
 */
import type { FlagDefinitionCacheProvider } from '../../../lib/core/cache/flag-definition-cache-provider.js';
import type { FlagDefinitionCacheData } from '../../../lib/core/definitions/flag-definitions.js';
import type { StringCommands } from '../world/virtual-strings.js';

export const DEFINITIONS_KEY = 'posthog:flags:team';
const LOCK_KEY = `${DEFINITIONS_KEY}:lock`;
const LOCK_TTL_MS = 60_000;
const DEFINITIONS_TTL_MS = 300_000;

export function exampleProvider(redis: StringCommands): FlagDefinitionCacheProvider {
  return {
    getFlagDefinitions: async () => {
      const stored = await redis.get(DEFINITIONS_KEY);
      return stored === undefined ? undefined : (JSON.parse(stored) as FlagDefinitionCacheData);
    },
    shouldFetchFlagDefinitions: () => redis.set(LOCK_KEY, '1', LOCK_TTL_MS, true),
    onFlagDefinitionsReceived: async (definitions) => {
      await redis.set(DEFINITIONS_KEY, JSON.stringify(definitions), DEFINITIONS_TTL_MS);
      await redis.delete(LOCK_KEY);
    },
    shutdown: () => redis.delete(LOCK_KEY),
  };
}
