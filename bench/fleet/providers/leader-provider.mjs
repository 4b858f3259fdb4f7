/**
 * The provider of PostHog's examples for Python and Ruby, written anew for Node: a leader that
 * extends its own lock at every poll, and gives only its own lock up.
 */
import { randomUUID } from 'node:crypto';
import { openClient } from './redis-client.mjs';

const takeOrExtend = `
local owner = redis.call('GET', KEYS[1])
if not owner then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
if owner ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

const giveUp = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/**
 * @param {import('../systems.mjs').InstanceSettings} settings
 * @returns {Promise<import('./posthog-node.mjs').Provider>}
 */
export async function leaderProvider({ redisUrl, key, times }) {
  const redis = await openClient(redisUrl);
  const me = randomUUID();
  const definitionsKey = `posthog:flags:${key}`;
  const lockKey = `${definitionsKey}:lock`;
  return {
    async getFlagDefinitions() {
      const stored = await redis.get(definitionsKey);
      return stored === null ? undefined : JSON.parse(stored);
    },
    async shouldFetchFlagDefinitions() {
      const lockMs = String(times.lockMs);
      return (await redis.eval(takeOrExtend, { keys: [lockKey], arguments: [me, lockMs] })) === 1;
    },
    async onFlagDefinitionsReceived(definitions) {
      const PX = times.leaderDefinitionsMs;
      await redis.set(definitionsKey, JSON.stringify(definitions), { PX });
    },
    async shutdown() {
      await redis.eval(giveUp, { keys: [lockKey], arguments: [me] });
      await redis.disconnect();
    },
  };
}
