/**
 * Which client an app has given, told by its methods: no client is imported, and none of a
 * foreign copy is refused. Wrapped clients that show other methods can be named by the app.
 */
import { hasMethod, propertyOf } from '../../core/given/given-value.js';

/**
 * How commands are sent. `node-redis`: version 4.7 or 5, one server. `ioredis`: version 5, for
 * one server, behind Sentinel, or a cluster. @publicApi
 */
export type RedisClientKind =
  'node-redis' | 'node-redis-cluster' | 'node-redis-sentinel' | 'ioredis';

export const redisClientKinds: readonly RedisClientKind[] = [
  'node-redis',
  'node-redis-cluster',
  'node-redis-sentinel',
  'ioredis',
];

/** @returns undefined for what is no client. */
export function kindOfClient(client: unknown): RedisClientKind | undefined {
  if (!hasMethod(client, 'on')) return undefined;
  // ioredis has a sendCommand, too, which takes something else.
  if (hasMethod(client, 'call')) return 'ioredis';
  if (!hasMethod(client, 'sendCommand')) return undefined;
  if (hasMethod(client, 'nodeClient')) return 'node-redis-cluster';
  return hasMethod(client, 'getSentinelNode') ? 'node-redis-sentinel' : 'node-redis';
}

/** What is wrong with a client of this kind; undefined when it can be used. */
export function faultOfClient(client: unknown, kind: RedisClientKind | undefined) {
  if (kind === undefined)
    return `${nameOf(client)}, expected a client of node-redis (4.7 or 5) or ioredis (5), with ${expected}.`;
  const needed = kind === 'ioredis' ? 'call' : 'sendCommand';
  const missing = [needed, 'on'].filter((name) => !hasMethod(client, name));
  if (missing.length > 0) {
    return `${nameOf(client)} as a client of the kind ${kind}, which must have the methods ${missing.join(', ')}.`;
  }
  if (propertyOf(propertyOf(client, 'options'), 'legacyMode') === true) {
    return 'got a client of node-redis in legacyMode, whose commands give no promise. Make one without it, for example by client.duplicate({ legacyMode: false }).';
  }
  return undefined;
}

const expected = 'the methods sendCommand or call, and on';

function nameOf(client: unknown): string {
  if (client === null || client === undefined) return `got ${String(client)}`;
  if (hasMethod(client, 'then')) return 'got a promise (await the client first)';
  if (typeof client === 'function') return 'got a function or a class (pass the client itself)';
  return `got a value of the kind ${typeof client}`;
}
