/**
 * A duplicate of an ioredis client as a client whose life is in our hands, to listen with. It
 * lives for one connection: coming back after a loss, also by way of Sentinel, is a new one.
 */
import type { OwnedRedisClient } from './owned-redis-client.js';

/** What is used of ioredis, version 5, to listen. */
export interface IoRedisDuplicate {
  connect(): Promise<unknown>;
  disconnect(): unknown;
  call(command: string, ...args: string[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** Options of a duplicate that connects once, when it is told to, and keeps nothing for later. */
export function listenerOptions(connectTimeout: number): Readonly<Record<string, unknown>> {
  return {
    lazyConnect: true,
    retryStrategy: null,
    sentinelRetryStrategy: null,
    reconnectOnError: null,
    autoResubscribe: false,
    enableOfflineQueue: false,
    connectTimeout,
  };
}

export class IoRedisListener implements OwnedRedisClient {
  constructor(private readonly client: IoRedisDuplicate) {}

  connect(): Promise<unknown> {
    return this.client.connect();
  }

  disconnect(): unknown {
    return this.client.disconnect();
  }

  on(event: 'error' | 'connect' | 'ready' | 'end', listener: (error?: unknown) => void): unknown {
    return this.client.on(event, listener);
  }

  sendCommand([name = '', ...args]: string[]): Promise<unknown> {
    return this.client.call(name, ...args);
  }

  subscribe(channel: string, listener: (message: string) => void): Promise<unknown> {
    this.client.on('message', (from: string, message: string) => {
      if (from === channel) listener(message);
    });
    return this.client.subscribe(channel);
  }
}
