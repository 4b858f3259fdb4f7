/**
 * The door `nestjs-feature-flags/caches/redis`: definitions in Redis over a client that the app
 * has already. It loads no package; a cache from a URL needs no door, only the option `cache`.
 */
export { redisCache } from './caches/redis/redis-cache.js';
export type { RedisCacheOptions } from './caches/redis/redis-cache.js';
export type { GivenRedisClient } from './caches/redis/given-client.js';
export type { RedisClientKind } from './caches/redis/given-client-kind.js';
export type {
  IoRedisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
} from './caches/redis/redis-commands.js';
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
