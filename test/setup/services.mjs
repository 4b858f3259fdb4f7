/**
 * Runs once before the suite: starts the Redis that the specs find in `TEST_REDIS_URL`.
 * What only a few specs need (PostgreSQL, Chromium) they start themselves.
 */
import { startRedis } from './redis.mjs';

export default async function startServices() {
  const redis = await startRedis();
  process.env['TEST_REDIS_URL'] = redis.url;
  stopServices.push(redis.stop);
}

/** What the teardown has to stop. @type {(() => Promise<void>)[]} */
export const stopServices = [];
