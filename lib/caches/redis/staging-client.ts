/**
 * The little of a Redis client that a store of cache-manager needs to keep bodies, as a client
 * that cannot do harm: what it writes expires and never overwrites, and it deletes nothing.
 */
import type { RedisCommands } from './redis-commands.js';

export class StagingClient {
  constructor(private readonly commands: RedisCommands) {}

  async get(key: string): Promise<unknown> {
    return this.commands.send(key, ['GET', key]);
  }

  /** Keeps what lies there. @param options `PX`: milliseconds until it expires. */
  async set(key: string, value: string, options: { readonly PX: number }): Promise<void> {
    await this.commands.send(key, ['SET', key, value, 'PX', options.PX.toFixed(0), 'NX']);
  }

  /** How many of the keys exist. */
  async exists(key: string): Promise<boolean> {
    return Number(await this.commands.send(key, ['EXISTS', key])) > 0;
  }

  /** A cache may want to drop what it takes for expired; the server's own clock does that. */
  async del(): Promise<number> {
    return 0;
  }
}
