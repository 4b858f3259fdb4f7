/**
 * A client of which the making takes a while, or may fail: a duplicate of one node of a cluster
 * whose nodes have to be known first. To whoever drives it, all of that is part of connecting.
 */
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { OwnedRedisClient } from './owned-redis-client.js';

type Event = Parameters<OwnedRedisClient['on']>[0];
type Listener = Parameters<OwnedRedisClient['on']>[1];

export class LateRedisClient implements OwnedRedisClient {
  private client: OwnedRedisClient | undefined;
  private readonly listeners: (readonly [Event, Listener])[] = [];

  constructor(private readonly make: () => Awaitable<OwnedRedisClient>) {}

  on(event: Event, listener: Listener): void {
    this.listeners.push([event, listener]);
  }

  /** @throws whatever making or connecting throws */
  async connect(): Promise<unknown> {
    const client = await this.make();
    this.client = client;
    for (const [event, listener] of this.listeners) client.on(event, listener);
    return client.connect();
  }

  disconnect(): unknown {
    return this.client?.disconnect();
  }

  async sendCommand(command: string[]): Promise<unknown> {
    return this.made().sendCommand(command);
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<unknown> {
    return this.made().subscribe(channel, listener);
  }

  private made(): OwnedRedisClient {
    if (this.client !== undefined) return this.client;
    throw new FlagsError('The duplicate of the given Redis client is not connected.', {
      code: 'cache-unavailable',
    });
  }
}
