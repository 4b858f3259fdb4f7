/**
 * The module with a coordination that an app has chosen, whole: a real Redis, a server with
 * PostHog's endpoint. One app leads, others only read; or they take turns without claims.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redisCache } from '../../lib/caches-redis.js';
import { always, never, randomBackoff, timeSlots } from '../../lib/caches.js';
import type { CoordinationFactory } from '../../lib/caches.js';
import type { CacheOption } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { nodeRedis4, type GivenClient } from '../support/given-clients.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

const times = { intervalMs: 1_000, checkMs: 100 };
let key: string;
let given: GivenClient;
let server: DefinitionsServer;
let apps: SharingApps;

beforeEach(async () => {
  key = `test-${randomUUID()}`;
  given = await nodeRedis4(process.env['TEST_REDIS_URL'] ?? '');
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
});

afterEach(async () => {
  await apps.close();
  await given.end();
  await server.close();
});

const cacheWith = (coordination?: CoordinationFactory): CacheOption => ({
  records: redisCache(given.client, { key }),
  ...(coordination && { coordination }),
});

describe('an app that only reads', () => {
  it('has what another app has fetched, and its changes, and asks nobody itself', async () => {
    const reader = await apps.start(cacheWith(never()), times);
    // It has started first, on an empty cache.
    expect(reader.flags.status()).toMatchObject({ ready: false });
    expect(server.definitionRequests).toEqual([]);
    expect(reader.flags.local.evaluate('a', { distinctId: 'x' }).value).toBeUndefined();

    // It asks only when it is told to, so that no request is on the way when it closes.
    const leader = await apps.start(cacheWith(), { ...times, intervalMs: 600_000 });
    await expectAllToHave([leader, reader], 'a');
    server.definitions = documentOf(['b']);
    await leader.flags.refresh();
    await expectAllToHave([leader, reader], 'b');
    expect(reader.flags.status()).toMatchObject({ ready: true, role: 'follower' });

    await leader.close();
    const asked = server.definitionRequests.length;
    await reader.flags.refresh();
    expect(await eventually(() => (reader.flags.status().ageMs ?? 0) > 2_500)).toBe(true);
    expect(server.definitionRequests).toHaveLength(asked);
    expect(reader.flags.local.isEnabled('b', { distinctId: 'x' })).toBe(true);
  });

  it('says at start that it only reads', async () => {
    const { log } = await apps.start(cacheWith(never()), times);
    expect(log.logged[0]).toMatch(
      /^Definitions are to be shared through the given Redis at .*: this instance only reads, and others have to write there; changes are pushed\.$/,
    );
    expect(log.failed[0]).toMatch(/the given Redis at .* had none within .* ms, and this instance only reads\./); // prettier-ignore
    expect(log.warned).toEqual([]);
  });
});

describe.each<[string, (index: number) => CoordinationFactory, RegExp]>([
  ['timeSlots', (index) => timeSlots({ index, of: 3 }), /own slot of the wall clock \(this one has slot 0 of 3, 333 ms each\)/], // prettier-ignore
  ['randomBackoff', () => randomBackoff(), /fetches by chance, 0.1 at first and surely 1000 ms later/], // prettier-ignore
  ['always', () => always(), /each instance fetches for itself every 1000 ms/],
])('apps with %s()', (_name, factory, said) => {
  it('share what one of them has fetched, on a store that could do more', async () => {
    const fleet = [];
    for (const index of [0, 1, 2]) fleet.push(await apps.start(cacheWith(factory(index)), times));
    await expectAllToHave(fleet, 'a');
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
    expect(fleet[0]!.log.logged[0]).toMatch(said);
    expect(fleet.flatMap(({ log }) => log.warned)).toEqual([]);
    const revisions = fleet.map(({ flags }) => flags.status().revision);
    for (const revision of revisions) expect(revision).toBeGreaterThan(0);
  });
});

describe('options that cannot be', () => {
  it('keep the app from starting', async () => {
    const cache = cacheWith(timeSlots({ index: 3, of: 3 }));
    await expect(apps.start(cache, times)).rejects.toThrow(
      'timeSlots(): index: got 3, expected a whole number from 0 to 2.',
    );
  });
});
