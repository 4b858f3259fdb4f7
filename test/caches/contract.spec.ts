/**
 * Cache providers keep PostHog's contract, and what our own promise beyond it: every backend, with
 * every codec and every coordination that makes sense for it. A new one is a line in one of the
 * three lists; what a composition does not promise is told by its parts.
 */
import { afterAll, beforeAll } from '@jest/globals';
import { createClient } from 'redis';
import { claimed, leased, unclaimed, type SharedDefinitionCacheOptions } from '../../lib/caches.js';
import { redisCache } from '../../lib/caches-redis.js';
import {
  describeFlagDefinitionCacheProvider,
  type ProviderContractOptions,
  type RecordPlace,
} from '../../lib/testing.js';
import { OwnersLeaseExample } from '../support/owners-lease-example.js';
import {
  plainLacks,
  plainPlace,
  postHogProviderPlace,
  quick,
  quickTakeoverMs,
  RichProvider,
} from '../support/provider-places.js';
import {
  cacheManagerPlace,
  interopPlace,
  memoryPlace,
  redisPlace,
  redisUrlBackend,
  type TimedPlace,
} from '../support/record-places.js';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await RedisServer.start();
  client = createClient({ url: server.url() });
  client.on('error', () => undefined);
  await client.connect();
});
afterAll(async () => {
  await client.disconnect();
  await server.stop();
});

type Lacks = NonNullable<ProviderContractOptions['lacks']>;

interface Part<Name extends string> {
  readonly name: Name;
  /** What a composition with it does not promise, or cannot be asked. */
  readonly lacks?: Lacks;
}

interface Backend extends Part<string> {
  open(): RecordPlace & Partial<Pick<TimedPlace, 'clock'>>;
  /** What it can bear. */
  readonly bears: readonly ('claimed' | 'leased' | 'unclaimed')[];
}

const inThisProcess: Lacks = {
  bounded: 'memory always answers',
  stopServer: 'it is in this process',
  startServer: 'it is in this process',
};
const unrecorded: Lacks = { advanceMs: 'the clock is the server’s' };

const backends: readonly Backend[] = [
  { name: 'memory', open: memoryPlace, bears: ['claimed', 'unclaimed'], lacks: inThisProcess },
  {
    name: 'Redis from a URL',
    open: () => redisPlace(server, client, (key) => redisUrlBackend(server, key)),
    bears: ['claimed', 'unclaimed'],
    lacks: unrecorded,
  },
  {
    name: 'Redis over a given client',
    open: () => redisPlace(server, client, (key) => redisCache(client, { key })),
    bears: ['claimed'],
    lacks: unrecorded,
  },
  {
    name: 'Redis shared with other SDKs',
    open: () => interopPlace(server, client),
    bears: ['leased', 'unclaimed'],
    lacks: unrecorded,
  },
  {
    name: 'cache-manager',
    open: () => cacheManagerPlace(),
    bears: ['unclaimed'],
    lacks: inThisProcess,
  },
];

/** What is laid around the bytes. */
const codecs: readonly (Part<string> & { readonly with: object })[] = [{ name: 'JSON', with: {} }];

const coordinations: readonly (Part<Backend['bears'][number]> &
  Required<Pick<SharedDefinitionCacheOptions, 'coordination'>>)[] = [
  { name: 'claimed', coordination: claimed() },
  { name: 'leased', coordination: leased() },
  {
    name: 'unclaimed',
    coordination: unclaimed(),
    lacks: {
      exclusive: 'nobody is asked',
      ordered: 'the order is that of the clocks of the clients',
    },
  },
];

for (const backend of backends) {
  for (const codec of codecs) {
    for (const { name, coordination, lacks } of coordinations) {
      if (!backend.bears.includes(name)) continue;
      const composed = { coordination, ...codec.with };
      const isTimed = backend.lacks?.advanceMs === undefined;
      describeFlagDefinitionCacheProvider(
        `${backend.name} × ${codec.name} × ${name}`,
        () => {
          const place = backend.open();
          const { clock } = place;
          return postHogProviderPlace(place, composed, clock === undefined ? quick : { clock });
        },
        {
          lacks: { ...backend.lacks, ...codec.lacks, ...lacks },
          patienceMs: 30_000,
          ...(isTimed ? {} : { intervalMs: quick.intervalMs, takeoverMs: quickTakeoverMs }),
        },
      );
    }
  }
}

const noServer = { stopServer: 'it is in memory', startServer: 'it is in memory' };
const lacks = { ...plainLacks, ...noServer };
describeFlagDefinitionCacheProvider('plain, in memory', () => plainPlace(), { lacks });
describeFlagDefinitionCacheProvider(
  'with the optional methods, in memory',
  () => plainPlace((share) => new RichProvider(share)),
  { lacks },
);

const LOCK_MS = 1_000;
describeFlagDefinitionCacheProvider(
  'after PostHog’s examples, in Redis',
  () => {
    const service = `contract-${Math.random()}`;
    return {
      another: () => new OwnersLeaseExample(client, service, LOCK_MS),
      close: async () => {
        await client.del([`posthog:flags:${service}`, `posthog:flags:${service}:lock`]);
      },
    };
  },
  {
    takeoverMs: LOCK_MS,
    intervalMs: 300,
    patienceMs: 30_000,
    lacks: {
      ...noServer,
      advanceMs: 'the clock is the server’s',
      ordered: 'it writes without looking at what is there',
      bounded: 'its client waits for a server that hangs',
    },
  },
);
