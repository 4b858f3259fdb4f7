/** A fallback cache in Redis from a URL. Loaded when one is configured, and not before. */
import type { FallbackCache } from '../../core/remote/fallback-cache.js';
import type { Clock } from '../../core/time/clock.js';
import { openRedis } from '../redis/open-redis.js';
import { RedisFallbackCache } from '../redis/redis-fallback-cache.js';

export interface RedisFallbackOptions {
  readonly url: string;
  readonly namespace: string;
  readonly keptMs: number;
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
}

/** Does not wait for the connection, which comes and goes by itself. */
export function openRedisFallback(options: RedisFallbackOptions): FallbackCache {
  const { url, namespace, keptMs, ...settings } = options;
  const { commands, description } = openRedis(url, settings);
  return new RedisFallbackCache({
    commands,
    description,
    namespace,
    keptMs,
    close: () => commands.close(),
  });
}
