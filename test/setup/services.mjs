/**
 * Runs once before the suite: starts the Redis that the specs find in `TEST_REDIS_URL`, and makes
 * room for what they find to have been told (see printed-findings.mjs).
 * What only a few specs need (PostgreSQL, Chromium) they start themselves.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from './redis.mjs';

export default async function startServices() {
  const folder = mkdtempSync(join(tmpdir(), 'flags-printed-'));
  process.env['TEST_PRINTED_FINDINGS'] = join(folder, 'findings');
  const redis = await startRedis();
  process.env['TEST_REDIS_URL'] = redis.url;
  stopServices.push(redis.stop);
}

/** What the teardown has to stop. @type {(() => Promise<void>)[]} */
export const stopServices = [];
