/**
 * Real posthog-node clients with our provider, a real Redis, a server with PostHog's endpoint: one
 * fetches for all, also beside the Nest module, and none of them suffers when Redis does.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createCache, KeyvAdapter } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { PostHog } from 'posthog-node';
import { createClient } from 'redis';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../../lib/index.js';
import type { CacheOption } from '../../lib/index.js';
import { createPostHogCacheProvider } from '../../lib/posthog-cache-provider.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { KeptLog } from '../support/kept-log.js';
import { isOn, sharingClient, type SharingClient } from '../support/posthog-node-client.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';

let server: DefinitionsServer;
let cache: string;
const clients: SharingClient[] = [];
const apps: INestApplicationContext[] = [];

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  cache = `${redisUrl}/0?key=test-${randomUUID()}`;
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
  await server.close();
});

async function start(
  given: Parameters<typeof sharingClient>[1] = cache,
  intervalMs = 500,
  patience?: Parameters<typeof sharingClient>[3],
): Promise<SharingClient> {
  const one = await sharingClient(server, given, intervalMs, patience);
  clients.push(one);
  return one;
}

async function startApp(given: CacheOption, intervalMs = 500): Promise<FlagsService> {
  const { host, projectApiKey, secretKey } = server;
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
        cache: given,
        polling: { intervalMs, checkMs: 100 },
        cacheTimeoutMs: 20_000,
        initialLoadTimeoutMs: 60_000,
        logger: new KeptLog(),
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  apps.push(app);
  return app.get(FlagsService);
}

/** Resolves when all say yes. */
async function expectAll<T>(
  fleet: readonly T[],
  says: (one: T) => Promise<unknown>,
): Promise<void> {
  for (const one of fleet) {
    expect(await eventually(async () => (await says(one)) === true)).toBe(true);
  }
}

/** Waits until each has polled so often since. */
async function polled(fleet: readonly SharingClient[], times: number): Promise<void> {
  const before = fleet.map(({ polls }) => polls());
  const done = async (): Promise<boolean> =>
    fleet.every(({ polls }, index) => polls() - before[index]! >= times);
  expect(await eventually(done)).toBe(true);
}

const fetches = (): number => server.definitionRequests.length;

describe.each([
  ['under claims', ''],
  ['under the names and the lease of PostHog', '&interop=posthog'],
])('a fleet of posthog-node clients, %s', (_how, parameter) => {
  it('that starts together on an empty cache fetches once', async () => {
    const fleet = await Promise.all(
      Array.from({ length: 8 }, () => start(cache + parameter, 20_000)),
    );
    await expectAll(fleet, (one) => isOn(one, 'a'));
    expect(fetches()).toBe(1);
  });

  it('fetches about once in an interval, not once per client, on a quiet project, too', async () => {
    const fleet = await Promise.all(Array.from({ length: 6 }, () => start(cache + parameter)));
    await expectAll(fleet, (one) => isOn(one, 'a'));
    const [fetchesBefore, sinceMs] = [fetches(), performance.now()];
    await polled(fleet, 8);
    const fetched = fetches() - fetchesBefore;
    // One in each interval of half a second, a fifth shorter at the least, and one at either end;
    // one of each client may be cold. On a quiet machine that is 18 for forty-eight polls.
    const intervals = (performance.now() - sinceMs) / (0.8 * 500);
    expect(fetched).toBeGreaterThanOrEqual(3);
    expect(fetched).toBeLessThanOrEqual(2 + fleet.length + intervals);
    for (const { failures } of fleet) expect(failures).toEqual([]);
  });

  it('has a change everywhere, and evaluates it right', async () => {
    const fleet = await Promise.all(Array.from({ length: 5 }, () => start(cache + parameter)));
    await expectAll(fleet, (one) => isOn(one, 'a'));
    server.definitions = documentOf(['b']);
    await expectAll(fleet, (one) => isOn(one, 'b'));
    await expectAll(fleet, async (one) => (await isOn(one, 'a')) === undefined);
  });

  it('drops most flags when the source goes on saying so, though it says "not modified"', async () => {
    server.definitions = documentOf(['a', 'b', 'c']);
    const fleet = await Promise.all(Array.from({ length: 3 }, () => start(cache + parameter)));
    await expectAll(fleet, (one) => isOn(one, 'a'));
    server.definitions = documentOf(['c']);
    const { projectApiKey, host } = server;
    const reader = await createPostHogCacheProvider(cache + parameter, { projectApiKey, host });
    const isShared = async (): Promise<boolean> =>
      (await reader.getFlagDefinitions())?.flags.length === 1;
    expect(await eventually(isShared)).toBe(true);
    await reader.shutdown();
    await expectAll(fleet, async (one) => (await isOn(one, 'a')) === undefined);
    expect(fleet.some(({ failures }) => failures.join().includes('look like a mistake'))).toBe(
      true,
    );
  });

  it('goes on when the client that fetched is shut down', async () => {
    const fleet = [await start(cache + parameter), await start(cache + parameter)];
    await expectAll(fleet, (one) => isOn(one, 'a'));
    await clients.shift()!.client.shutdown(10_000);
    server.definitions = documentOf(['b']);
    await expectAll([fleet[1]!], (one) => isOn(one, 'b'));
  });

  it('shares with an app of the Nest module, and either brings a change to the other', async () => {
    const sinceMs = performance.now();
    const app = await startApp(cache + parameter);
    const client = await start(cache + parameter);
    await expectAll([client], (one) => isOn(one, 'a'));
    const intervals = (performance.now() - sinceMs) / (0.8 * 500);
    expect(fetches()).toBeLessThanOrEqual(2 + intervals);
    server.definitions = documentOf(['b']);
    await expectAll([client], (one) => isOn(one, 'b'));
    await expectAll([app], async (flags) => flags.local.isEnabled('b', { distinctId: 'x' }));
    await apps.shift()!.close();
    server.definitions = documentOf(['c']);
    await expectAll([client], (one) => isOn(one, 'c'));
    const again = await startApp(cache + parameter);
    await expectAll([again], async (flags) => flags.local.isEnabled('c', { distinctId: 'x' }));
  });

  it('without a secret only reads', async () => {
    const provider = await createPostHogCacheProvider(cache + parameter, {
      projectApiKey: server.projectApiKey,
      host: server.host,
      intervalMs: 500,
    });
    const reader = new PostHog(server.projectApiKey, {
      host: server.host,
      featureFlagsPollingInterval: 500,
      flagDefinitionCacheProvider: provider,
    });
    await start(cache + parameter);
    await expectAll([{ client: reader }], (one) => isOn(one, 'a'));
    await reader.shutdown(10_000);
  });
});

it('clients that share a Cache of cache-manager, whatever lies beneath it, have a change', async () => {
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const overRedis = createCache({
    stores: [new Keyv({ store: new KeyvAdapter(redisInsStore(redis as never)) })],
  });
  try {
    for (const given of [createCache(), overRedis]) {
      server.definitions = documentOf(['a']);
      const fleet = [await start(given), await start(given)];
      await expectAll(fleet, (one) => isOn(one, 'a'));
      server.definitions = documentOf(['b']);
      await expectAll(fleet, (one) => isOn(one, 'b'));
      await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
    }
  } finally {
    await redis.disconnect();
  }
});

describe('the provider in the option cache of the module', () => {
  it('is used with all that the cache can do: claims, heads, push', async () => {
    const { host, projectApiKey } = server;
    const patient = { cacheTimeoutMs: 20_000 };
    const provider = await createPostHogCacheProvider(cache, { host, projectApiKey, ...patient });
    const app = await startApp(provider, 60_000);
    const other = await startApp(cache, 60_000);
    expect(app.status().revision).toBe(other.status().revision);
    expect(fetches()).toBe(1);
    server.definitions = documentOf(['b']);
    await other.refresh();
    await expectAll([app], async (flags) => flags.local.isEnabled('b', { distinctId: 'x' }));
    expect(fetches()).toBe(2);
  });

  it('names all that is wrong with its options at once, and prints no secret', async () => {
    const wrong = createPostHogCacheProvider('redis://user:hunter2@[', {
      projectApiKey: 'phs_secret',
      intervalMs: 1,
      polling: true,
    } as never);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-options' });
    const message = await wrong.catch((error: Error) => error.message);
    for (const name of ['cache', 'projectApiKey', 'intervalMs', 'polling']) {
      expect(message).toContain(name);
    }
    expect(message).not.toMatch(/hunter2|phs_secret/);
    await expect(createPostHogCacheProvider('memory:', { projectApiKey: 'phc_x' })).rejects.toThrow(
      /shared with nobody/,
    );
    await expect(
      createPostHogCacheProvider({} as never, { projectApiKey: 'phc_x' }),
    ).rejects.toThrow(/expected a URL/);
  });
});

describe.each([
  ['under claims', ''],
  ['under the lease of PostHog', '&interop=posthog'],
])('posthog-node clients whose Redis is in trouble, %s', (_how, parameter) => {
  let redis: RedisServer;
  let url: string;
  beforeEach(async () => {
    redis = await RedisServer.start();
    url = `${redis.url()}?key=shop${parameter}`;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
    await redis.stop();
  });

  /** Soon tired of a Redis that does not answer. */
  const tired = { requestTimeoutMs: 2_000, cacheTimeoutMs: 1_000 };
  const startTired = (): Promise<SharingClient> => start(url, 500, tired);
  const trouble = {
    frozen: async () => redis.freeze(),
    killed: () => redis.kill(),
  };
  const recovery = { frozen: async () => redis.thaw(), killed: () => redis.launch() };

  it.each(['frozen', 'killed'] as const)('%s: evaluate, come back', async (how) => {
    const fleet = await Promise.all(Array.from({ length: 4 }, startTired));
    await expectAll(fleet, (one) => isOn(one, 'a'));
    await trouble[how]();
    await polled(fleet, 5);
    await expectAll(fleet, (one) => isOn(one, 'a'));
    await recovery[how]();
    server.definitions = documentOf(['b']);
    await expectAll(fleet, (one) => isOn(one, 'b'));
  });

  it('frozen before they start: each fetches for itself, and evaluates', async () => {
    redis.freeze();
    const fleet = [await startTired(), await startTired()];
    await expectAll(fleet, (one) => isOn(one, 'a'));
    redis.thaw();
  });

  it('frozen: shut down all the same, long before the client would give up', async () => {
    const fleet = [await startTired(), await startTired()];
    await expectAll(fleet, (one) => isOn(one, 'a'));
    redis.freeze();
    let ended = 0;
    for (const { client } of clients.splice(0)) {
      void client.shutdown(120_000).then(() => (ended += 1));
    }
    expect(await eventually(async () => ended === fleet.length)).toBe(true);
    redis.thaw();
  });
});
