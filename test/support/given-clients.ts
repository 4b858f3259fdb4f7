/** Redis clients as apps have them, of each kind, each with its own end. */
import {
  createClient as createClient5,
  createCluster as createCluster5,
  createSentinel,
} from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import type { GivenRedisClient } from '../../lib/caches-redis.js';
import type { RedisCluster } from './redis-cluster.js';
import type { RedisSentinel } from './redis-sentinel.js';

export interface GivenClient {
  readonly client: GivenRedisClient;
  readonly isOpen: () => boolean;
  readonly end: () => unknown;
}

export async function nodeRedis4(url: string): Promise<GivenClient> {
  const client = createClient({ url });
  await client.connect();
  return { client, isOpen: () => client.isReady, end: () => client.disconnect() };
}

/** In RESP3, which only version 5 speaks. */
export async function nodeRedis5(url: string): Promise<GivenClient> {
  const client = createClient5({ url, RESP: 3 });
  await client.connect();
  return { client, isOpen: () => client.isReady, end: () => client.destroy() };
}

export async function ioRedis(url: string, options: object = {}): Promise<GivenClient> {
  return ofIoRedis(new Redis(url, options));
}

export async function nodeRedis4Cluster({ urls }: RedisCluster): Promise<GivenClient> {
  const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  await client.connect();
  return { client, isOpen: () => client.isOpen, end: () => client.disconnect() };
}

export async function nodeRedis5Cluster({ urls }: RedisCluster): Promise<GivenClient> {
  const client = createCluster5({ rootNodes: urls.map((url) => ({ url })) });
  await client.connect();
  return { client, isOpen: () => client.isOpen, end: () => client.destroy() };
}

export async function ioRedisCluster({ nodes }: RedisCluster): Promise<GivenClient> {
  return ofIoRedis(new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port }))));
}

export async function nodeRedis5Sentinel(watched: RedisSentinel): Promise<GivenClient> {
  const { name, sentinel } = watched;
  const sentinelRootNodes = [{ host: '127.0.0.1', port: sentinel.port }];
  // Bounded: when it is destroyed it forgets a client that still tries to reach a dead primary.
  const reconnectStrategy = (tries: number) => (tries < 400 ? 50 : new Error('it is gone'));
  const nodeClientOptions = { socket: { reconnectStrategy } };
  const client = createSentinel({ name, sentinelRootNodes, nodeClientOptions });
  // Before it connects: one that cannot reach a node says so at once.
  client.on('error', () => undefined);
  await client.connect();
  // It complains of connections that it has lost already.
  const end = async () => Promise.resolve(client.destroy()).catch(() => undefined);
  return { client, isOpen: () => client.isOpen, end };
}

export async function ioRedisSentinel({ name, sentinel }: RedisSentinel): Promise<GivenClient> {
  return ofIoRedis(new Redis({ name, sentinels: [{ host: '127.0.0.1', port: sentinel.port }] }));
}

function ofIoRedis(client: Redis | Cluster): GivenClient {
  return { client, isOpen: () => client.status === 'ready', end: () => client.disconnect() };
}
