/**
 * A client that an app has given, brought to the shape that the store works with: commands, and
 * push where the client can be made to listen. Commands go over the given client, which stays its
 * owner's. To listen a connection of our own is made from it, since one that listens can do
 * nothing else; only Sentinel clients of node-redis have one of theirs.
 */
import type { Clock } from '../../core/time/clock.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { hasMethod, propertyOf } from '../../core/given/given-value.js';
import type { RedisClientKind } from './given-client-kind.js';
import { GuestSubscription, type ListeningClient } from './guest-subscription.js';
import { IoRedisListener, listenerOptions, type IoRedisDuplicate } from './io-redis-listener.js';
import { LateRedisClient } from './late-redis-client.js';
import type { OwnedRedisClient } from './owned-redis-client.js';
import {
  ioRedisCommands,
  nodeRedisClusterCommands,
  nodeRedisCommands,
  nodeRedisSentinelCommands,
  type IoRedisClient,
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisSentinel,
  type RedisCommands,
} from './redis-commands.js';
import { RedisSubscriber } from './redis-subscriber.js';

/** @publicApi */
export type GivenRedisClient =
  NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | IoRedisClient;

export interface GivenClientParts {
  readonly client: GivenRedisClient;
  readonly kind: RedisClientKind;
  readonly clock: Clock;
  /** Bounds connecting the connection that listens. */
  readonly connectTimeoutMs: number;
  readonly random?: () => number;
}

/** Commands as the client sends them, each without a deadline. From now on its errors are heard. */
export function commandsOf(client: GivenRedisClient, kind: RedisClientKind): RedisCommands {
  switch (kind) {
    case 'node-redis':
      return nodeRedisCommands(client as NodeRedisClient);
    case 'node-redis-cluster':
      return nodeRedisClusterCommands(client as NodeRedisCluster);
    case 'node-redis-sentinel':
      return nodeRedisSentinelCommands(client as NodeRedisSentinel);
    case 'ioredis':
      return ioRedisCommands(client as IoRedisClient);
    default:
      return kind satisfies never;
  }
}

/** Undefined for a client that cannot be made to listen: then changes are found by checks. */
export function pushOf(parts: GivenClientParts): (RedisSubscriber | GuestSubscription) | undefined {
  const { client, kind, clock } = parts;
  if (kind === 'node-redis-sentinel') {
    const listens = hasMethod(client, 'subscribe') && hasMethod(client, 'unsubscribe');
    return listens ? new GuestSubscription(client as unknown as ListeningClient, clock) : undefined;
  }
  const isCluster = hasMethod(client, 'nodes') || hasMethod(client, 'nodeClient');
  if (!isCluster && !hasMethod(client, 'duplicate')) return undefined;
  const create = (): OwnedRedisClient => new LateRedisClient(() => listenerOf(parts));
  return new RedisSubscriber({ ...parts, create, description: placeOf(client, kind) });
}

/** Whether commands can be sent now; undefined when the client does not say. */
export function isReady(client: GivenRedisClient): boolean | undefined {
  const status = propertyOf(client, 'status');
  if (typeof status === 'string') return status === 'ready';
  const ready = propertyOf(client, 'isReady');
  return typeof ready === 'boolean' ? ready : undefined;
}

/** Whether its owner has closed it, or it has given up connecting again. */
export function isClosed(client: GivenRedisClient): boolean {
  return propertyOf(client, 'status') === 'end' || propertyOf(client, 'isOpen') === false;
}

/** For logs: of the client's own options only host and port. */
export function placeOf(client: GivenRedisClient, kind: RedisClientKind): string {
  const options = propertyOf(client, 'options');
  if (kind === 'node-redis-cluster' || hasMethod(client, 'nodes')) return 'the given Redis cluster';
  const isWatched =
    kind === 'node-redis-sentinel' || Array.isArray(propertyOf(options, 'sentinels'));
  if (isWatched) return 'the given Redis behind Sentinel';
  const place = kind === 'ioredis' ? options : propertyOf(options, 'socket');
  const host = propertyOf(place, 'host');
  const port = propertyOf(place, 'port') ?? 6379;
  const isKnown = typeof host === 'string' && /^[\w.:-]+$/.test(host) && typeof port === 'number';
  return isKnown ? `the given Redis at ${host}:${port}` : 'the given Redis';
}

async function listenerOf(parts: GivenClientParts): Promise<OwnedRedisClient> {
  const { kind, connectTimeoutMs: connectTimeout } = parts;
  const one = (await oneNodeOf(parts)) as { duplicate(options: object): unknown };
  if (kind === 'ioredis') {
    return new IoRedisListener(one.duplicate(listenerOptions(connectTimeout)) as IoRedisDuplicate);
  }
  const socket = propertyOf(propertyOf(one, 'options'), 'socket') as object | undefined;
  const once = { ...socket, connectTimeout, reconnectStrategy: false };
  return one.duplicate({ socket: once, disableOfflineQueue: true }) as OwnedRedisClient;
}

/** Any node of a cluster hears what is published on any other. */
async function oneNodeOf({ client, random = Math.random }: GivenClientParts): Promise<unknown> {
  const { nodes, masters, nodeClient } = client as Partial<ClusterParts>;
  if (nodes !== undefined) return pick(nodes.call(client, 'master'), random);
  if (nodeClient === undefined || masters === undefined) return client;
  return nodeClient.call(client, pick(masters, random));
}

interface ClusterParts {
  /** Of ioredis. */
  nodes(role: 'master'): readonly unknown[];
  /** Of node-redis. */
  readonly masters: readonly unknown[];
  nodeClient(node: unknown): unknown;
}

function pick(nodes: readonly unknown[], random: () => number): unknown {
  const node = nodes[Math.floor(random() * nodes.length)];
  if (node !== undefined) return node;
  throw new FlagsError('The given Redis cluster knows none of its nodes yet.', {
    code: 'cache-unavailable',
  });
}
