/**
 * A lease in Redis, in the protocol of PostHog's own examples: one key, its value the owner's id,
 * its time to live the lease. Taking, extending and giving up are one script each, so a lease is
 * never taken from its owner, nor removed by a command that was late.
 */
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import type { RedisCommands } from './redis-commands.js';
import { redisFault } from './redis-fault.js';
import { numberOf } from './redis-reply.js';
import { RedisScript } from './redis-script.js';
import { acquireLeaseLua, releaseLeaseLua } from './scripts/lease-lua.js';

const acquireScript = new RedisScript(acquireLeaseLua);
const releaseScript = new RedisScript(releaseLeaseLua);

export class RedisLeaseStore implements LeaseStore {
  /** @param commands bounded: a command that gets no answer must reject. */
  constructor(
    private readonly commands: RedisCommands,
    private readonly key: string,
  ) {}

  async acquire(owner: string, leaseMs: number): Promise<boolean> {
    const args = [owner, leaseMs.toFixed(0)];
    return (await this.run(acquireScript, args, 'take the lease')) === 1;
  }

  async release(owner: string): Promise<void> {
    await this.run(releaseScript, [owner], 'give the lease up');
  }

  private async run(script: RedisScript, args: readonly string[], doing: string): Promise<number> {
    try {
      return numberOf(await script.run(this.commands, [this.key], args));
    } catch (error) {
      throw redisFault(error, doing, this.key);
    }
  }
}
