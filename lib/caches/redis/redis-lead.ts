/**
 * The lease of a cache of our own: fields beside its claims, in the same hash, with the time of the
 * server and a token for each look of the leader. Where other SDKs take part it is another one, in
 * their protocol, which has no tokens: see `redis-lease-store.ts`.
 */
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import { wholeNumber } from '../../core/coordination/whole-number.js';
import { numberOf } from './redis-reply.js';
import type { ScriptedRedis } from './scripted-redis.js';

export class RedisLead implements LeaseStore {
  constructor(private readonly redis: ScriptedRedis) {}

  async acquire(owner: string, leaseMs: number): Promise<boolean> {
    return (await this.acquireWithToken(owner, leaseMs, 0)) !== undefined;
  }

  async acquireWithToken(
    owner: string,
    leaseMs: number,
    floor: number,
  ): Promise<number | undefined> {
    const times = [leaseMs, floor].map((value) => wholeNumber(value).toFixed(0));
    const token = numberOf(await this.redis.run('lead', [owner, ...times]));
    return token === 0 ? undefined : token;
  }

  async release(owner: string): Promise<void> {
    await this.redis.run('resign', [owner]);
  }
}
