/** F17: caches that are configured differently have nothing in common, though they share a Redis. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient } from 'redis';
import type { DefinitionCache } from '../../lib/core/cache/definition-cache.js';
import { digestOf } from '../../lib/core/definitions/digest.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import { documentOf } from '../support/scripted-source.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
const redis = createClient({ url });
const run = randomUUID().slice(0, 8);

beforeAll(() => redis.connect());
afterAll(async () => {
  const found = await redis.keys(`flags:v1:{${run}*`);
  if (found.length > 0) await redis.del(found);
  await redis.disconnect();
});

interface Config {
  readonly host: string;
  readonly project: string;
  readonly key: string;
}

/** Few of each, so that most configurations differ from another one in a single thing. */
const config = fc.record<Config>({
  host: fc.constantFrom('https://us.i.posthog.com', 'https://eu.i.posthog.com', 'https://a.example/ingest'), // prettier-ignore
  project: fc.constantFrom('phc_one', 'phc_two', 'phc_one2'),
  key: fc.constantFrom('shop', 'shop:eu', 'shop-eu', 'Shop'),
});
const configs = fc.uniqueArray(config, { minLength: 12, maxLength: 12, selector: (one) => JSON.stringify(one) }); // prettier-ignore

async function open({ host, project, key }: Config): Promise<DefinitionCache> {
  const source = new PostHogDefinitionSource({ host, projectApiKey: project, secretKey: 'phs_x' });
  const plan = resolveOptions({ source, cache: `${url}?key=${run}:${key}` });
  const opened = await plan.cache.open({
    identity: source.identity,
    commandTimeoutMs: 60_000,
    clock: systemClock,
    random: Math.random,
    intervalMs: 30_000,
    jitter: 0,
    checkMs: 5_000,
    leaseMs: 12_000,
  });
  return opened as DefinitionCache;
}

const look = {
  revision: 0,
  digest: undefined,
  ageMs: undefined,
  token: 0,
  kick: true,
  sitOutMs: 0,
};

/** Publishes under a claim, which nobody else can hold or have used up. */
async function publishAs(cache: DefinitionCache, name: string): Promise<void> {
  const verdict = await cache.check(look);
  if (verdict.kind !== 'lead') throw new Error(`${name} was granted no claim`);
  const definitions = documentOf([name]);
  const publication = { definitions, digest: digestOf(definitions), etag: name };
  expect(await cache.publish(verdict.grant, publication)).toBe('accepted');
}

describe('F17: distinct configurations', () => {
  it('have distinct keys: none reads, holds up or overwrites another', async () => {
    const [distinct = []] = fc.sample(configs, { numRuns: 1, seed: 17 });
    const caches = await Promise.all(distinct.map(open));
    for (const [index, cache] of caches.entries()) await publishAs(cache, `${index}`);
    const read = [];
    for (const cache of caches) {
      await cache.check(look);
      read.push(await cache.read());
    }

    expect(read.map((one) => one?.etag)).toEqual(distinct.map((_, index) => `${index}`));
    expect(await redis.keys(`flags:v1:{${run}*:claims`)).toHaveLength(12);
    for (const cache of caches) await cache.shutdown();
  });
});
