/**
 * Opens Redis from a URL, through node-redis (the optional peer `redis`, 4.7 or 5): one
 * connection for commands, and one more for each push subscription.
 */
import { isIP } from 'node:net';
import { createClient } from 'redis';
import { systemClock, type Clock } from '../../core/time/clock.js';
import type { OwnedRedisClient } from './owned-redis-client.js';
import { RedisConnection } from './redis-connection.js';
import { RedisSubscriber } from './redis-subscriber.js';
import { parseRedisUrl, type RedisAddress } from './redis-url.js';

export interface RedisConnectionSettings {
  /** How long a command may take, in milliseconds. @default 1_000 */
  readonly commandTimeoutMs?: number;
  /** How long connecting may take, in milliseconds, until the server has answered. @default 2_000 */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

/** A connection that is being made: it is not waited for, and comes back by itself when lost. */
export interface OpenRedis {
  readonly commands: RedisConnection;
  readonly push: RedisSubscriber;
  readonly description: string;
}

/** @throws FlagsError `invalid-options` for a URL that cannot be read, without quoting it. */
export function openRedis(url: string, settings: RedisConnectionSettings = {}): OpenRedis {
  const { commandTimeoutMs = 1_000, connectTimeoutMs = 2_000, clock = systemClock } = settings;
  const address = parseRedisUrl(url);
  const { description } = address;
  const create = (): OwnedRedisClient => clientFor(address, connectTimeoutMs);
  const parts = { create, description, clock, connectTimeoutMs };
  const commands = new RedisConnection({ ...parts, commandTimeoutMs });
  commands.open();
  return { commands, push: new RedisSubscriber(parts), description };
}

function clientFor(address: RedisAddress, connectTimeout: number): OwnedRedisClient {
  const { host, port, tls, username, password, database } = address;
  const place = { host, port, connectTimeout, reconnectStrategy: false } as const;
  return createClient({
    socket: tls ? { ...place, tls: true, ...serverName(host) } : place,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    // A command that cannot be sent now must fail now: replayed later it would be a ghost.
    disableOfflineQueue: true,
  }) as OwnedRedisClient;
}

/** Which certificate is wanted; an address is no name. */
function serverName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}
