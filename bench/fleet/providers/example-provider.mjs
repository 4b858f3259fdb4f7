/**
 * The provider that posthog-node's own comments give as the example for Redis, written anew: a
 * lock that goes to whoever comes first and is deleted by whoever has stored or shuts down,
 * whosesoever it is.
 */
import { openClient } from './redis-client.mjs';

/**
 * @param {import('../systems.mjs').InstanceSettings} settings
 * @returns {Promise<import('./posthog-node.mjs').Provider>}
 */
export async function exampleProvider({ redisUrl, key, times }) {
  const redis = await openClient(redisUrl);
  const definitionsKey = `posthog:flags:${key}`;
  const lockKey = `${definitionsKey}:lock`;
  return {
    async getFlagDefinitions() {
      const stored = await redis.get(definitionsKey);
      return stored === null ? undefined : JSON.parse(stored);
    },
    async shouldFetchFlagDefinitions() {
      return (await redis.set(lockKey, '1', { PX: times.lockMs, NX: true })) === 'OK';
    },
    async onFlagDefinitionsReceived(definitions) {
      await redis.set(definitionsKey, JSON.stringify(definitions), { PX: times.definitionsMs });
      await redis.del(lockKey);
    },
    async shutdown() {
      await redis.del(lockKey);
      await redis.disconnect();
    },
  };
}
