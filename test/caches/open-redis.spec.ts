/** How the clients are made that a Redis URL stands for: read from the clients themselves. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Redis from 'redis';
import { freePort } from '../setup/free-port.mjs';

type Options = NonNullable<Parameters<typeof Redis.createClient>[0]>;

const real = await import('redis');
let clients: ReturnType<typeof Redis.createClient>[] = [];
jest.unstable_mockModule('redis', () => ({
  ...real,
  createClient: (options: Options) => {
    const client = real.createClient(options);
    clients.push(client as (typeof clients)[number]);
    return client;
  },
}));
const { openRedis } = await import('../../lib/caches/redis/open-redis.js');

let close: () => void = () => undefined;
beforeEach(async () => {
  clients = [];
  const { commands, push } = openRedis(`redis://127.0.0.1:${await freePort()}`, {
    connectTimeoutMs: 1_234,
  });
  const unsubscribe = push.subscribe('a channel', () => undefined);
  close = () => {
    unsubscribe();
    push.close();
    commands.close();
  };
});
afterEach(() => close());

describe('the clients of a Redis URL', () => {
  it('are two: one for commands, one for the push', () => {
    expect(clients).toHaveLength(2);
  });

  it('F28: have no queue for what cannot be sent now', () => {
    expect(clients.map(({ options }) => options?.disableOfflineQueue)).toEqual([true, true]);
  });

  it('F27: do not connect again by themselves, and bound the time to connect', () => {
    const sockets = clients.map(({ options }) => options?.socket);
    expect(sockets).toEqual([
      expect.objectContaining({ reconnectStrategy: false, connectTimeout: 1_234 }),
      expect.objectContaining({ reconnectStrategy: false, connectTimeout: 1_234 }),
    ]);
  });

  it('F29: are listened to, so that an error of theirs does not end the process', () => {
    for (const client of clients) expect(client.listenerCount('error')).toBeGreaterThan(0);
  });
});
