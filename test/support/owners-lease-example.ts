/**
 * A cache provider after the examples in PostHog's documentation for Python and Ruby, written anew
 * for a test: a lock whose value is its owner's id, which only the owner extends or removes, and
 * the definitions as plain JSON for a day. It knows nothing of this library.
 */
import { randomUUID } from 'node:crypto';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { FlagDefinitionCacheProvider } from '../../lib/core/cache/flag-definition-cache-provider.js';

/** What is used of a client of node-redis. */
export interface ExampleRedis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { EX: number }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

const becomeLeader = `
local leader = redis.call('get', KEYS[1])
if leader == ARGV[1] then redis.call('pexpire', KEYS[1], ARGV[2]) return 1 end
if leader == false then redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2]) return 1 end
return 0`;

const stepDown = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`;

export class OwnersLeaseExample implements FlagDefinitionCacheProvider {
  readonly owner = randomUUID();
  private readonly key: string;

  constructor(
    private readonly redis: ExampleRedis,
    service: string,
    private readonly lockTtlMs = 60_000,
  ) {
    this.key = `posthog:flags:${service}`;
  }

  async getFlagDefinitions(): Promise<FlagDefinitionCacheData | undefined> {
    const stored = await this.redis.get(this.key);
    return stored === null ? undefined : (JSON.parse(stored) as FlagDefinitionCacheData);
  }

  async shouldFetchFlagDefinitions(): Promise<boolean> {
    const args = [this.owner, `${this.lockTtlMs}`];
    const keys = [`${this.key}:lock`];
    return (await this.redis.eval(becomeLeader, { keys, arguments: args })) === 1;
  }

  async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
    await this.redis.set(this.key, JSON.stringify(data), { EX: 86_400 });
  }

  async shutdown(): Promise<void> {
    await this.redis.eval(stepDown, { keys: [`${this.key}:lock`], arguments: [this.owner] });
  }
}
