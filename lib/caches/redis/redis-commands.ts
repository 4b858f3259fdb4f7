/**
 * The port to a Redis: one method. Whatever speaks to the server (node-redis 4 or 5, a cluster or
 * Sentinel client of it, ioredis) is brought to this shape by one of the small functions below. A
 * client that is given stays its owner's: it is never closed here, only listened to, because a
 * client without an `error` listener takes the process down with it when the server goes away.
 */

export interface RedisCommands {
  /**
   * Sends one command.
   * @param key the key by which a cluster finds the node
   * @throws whatever the client throws, as it is
   */
  send(key: string, command: readonly string[]): Promise<unknown>;
}

/** What is used of a client of node-redis, version 4.7 or 5. @publicApi */
export interface NodeRedisClient {
  sendCommand(command: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a cluster client of node-redis, version 4.7 or 5. @publicApi */
export interface NodeRedisCluster {
  sendCommand(firstKey: string, isReadonly: boolean, command: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a Sentinel client of node-redis, version 5. @publicApi */
export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, command: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a client, Sentinel client or cluster client of ioredis. @publicApi */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export function nodeRedisCommands(client: NodeRedisClient): RedisCommands {
  keepAlive(client);
  return { send: (_key, command) => client.sendCommand([...command]) };
}

export function nodeRedisClusterCommands(cluster: NodeRedisCluster): RedisCommands {
  keepAlive(cluster);
  // Always from the primary: a replica may be behind.
  return { send: (key, command) => cluster.sendCommand(key, false, [...command]) };
}

export function nodeRedisSentinelCommands(sentinel: NodeRedisSentinel): RedisCommands {
  keepAlive(sentinel);
  // Always to the primary: a replica may be behind.
  return { send: (_key, command) => sentinel.sendCommand(false, [...command]) };
}

export function ioRedisCommands(client: IoRedisClient): RedisCommands {
  keepAlive(client);
  return { send: (_key, [name = '', ...args]) => client.call(name, ...args) };
}

/** The error itself comes back with every command that fails by it. */
function keepAlive(client: {
  on(event: 'error', listener: (error: Error) => void): unknown;
}): void {
  client.on('error', () => undefined);
}
