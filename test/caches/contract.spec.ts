/**
 * Cache providers keep PostHog's contract, and what our own promise beyond it: every backend, with
 * every codec and every coordination that makes sense for it. A new one is a line in one of the
 * three lists; what a composition does not promise is told by its parts.
 */
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createClient } from 'redis';
import {
  always,
  claimed,
  compressed,
  leased,
  randomBackoff,
  sealed,
  sizeLimited,
  timeSlots,
  unclaimed,
  type SharedDefinitionCacheOptions,
} from '../../lib/caches.js';
import { postgresCache } from '../../lib/caches-postgres.js';
import { redisCache } from '../../lib/caches-redis.js';
import {
  describeFlagDefinitionCacheProvider,
  type ContractRunner,
  type ProviderContractOptions,
  ManualClock,
  type RecordPlace,
} from '../../lib/testing.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { postgresPlace } from '../support/postgres-places.js';
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
import { dynamodbPlace, filePlace, sharedMemoryPlace } from '../support/register-places.js';
import { sealKey } from '../support/record-facts.js';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;
let client: ReturnType<typeof createClient>;
const database = PostgresDatabase.forThisFile();
let proxy: CountingProxy;
let dynamodb: DynamodbServer;
beforeAll(async () => {
  server = await RedisServer.start();
  client = createClient({ url: server.url() });
  client.on('error', () => undefined);
  await client.connect();
  proxy = await CountingProxy.before(new URL(database.url));
  dynamodb = await DynamodbServer.start();
  await dynamodb.createTable('flags');
});
afterAll(async () => {
  await dynamodb.close();
  await proxy.close();
  await client.disconnect();
  await server.stop();
});

type Lacks = NonNullable<ProviderContractOptions['lacks']>;

/**
 * What takes real time where none is in hand, and is the same with all codecs, or in memory. How a
 * lease is taken over is asked of each store itself, by the contract of leases.
 */
function askedBefore(what: string): Lacks {
  return { takeover: `asked with ${what}`, bounded: `asked with ${what}` };
}

/** Waits of two seconds that the provider makes, whatever the codecs, and whoever fetches. */
const waits: readonly string[] = [
  'are undefined or null while there are none',
  'lets no later call hang, and throws nothing where a promise was',
];
const jest: ContractRunner = { describe, it };
const withoutWaits: ContractRunner = {
  describe,
  it: (name, body) => (waits.includes(name) ? undefined : jest.it(name, body)),
};

interface Part<Name extends string> {
  readonly name: Name;
  /** What a composition with it does not promise, or cannot be asked. */
  readonly lacks?: Lacks;
}

type CoordinationName =
  'claimed' | 'leased' | 'unclaimed' | 'timeSlots' | 'randomBackoff' | 'always';

interface Backend extends Part<string> {
  open(): RecordPlace & Partial<Pick<TimedPlace, 'clock'>>;
  /** What it can bear, as far as it is asked. */
  readonly bears: readonly CoordinationName[];
  /** Whether codecs are tried here, or plain JSON alone. */
  readonly hasCodecs?: boolean;
}

const inThisProcess: Lacks = {
  bounded: 'memory always answers',
  stopServer: 'it is in this process',
  startServer: 'it is in this process',
};
const unrecorded: Lacks = { advanceMs: 'the clock is the server’s' };
const selfChosen = ['timeSlots', 'randomBackoff', 'always'] as const;

const backends: readonly Backend[] = [
  {
    name: 'memory',
    open: memoryPlace,
    bears: ['claimed', 'leased', 'unclaimed', ...selfChosen],
    hasCodecs: true,
    lacks: inThisProcess,
  },
  {
    name: 'Redis from a URL',
    open: () => redisPlace(server, client, (key) => redisUrlBackend(server, key)),
    bears: ['claimed', 'leased', 'unclaimed', ...selfChosen],
    hasCodecs: true,
    lacks: unrecorded,
  },
  {
    name: 'Redis over a given client',
    open: () => redisPlace(server, client, (key) => redisCache(client, { key })),
    bears: ['claimed', 'leased'],
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
  {
    name: 'PostgreSQL',
    open: () => postgresPlace(database, postgresThroughProxy, proxy),
    bears: ['claimed', 'leased'],
    lacks: unrecorded,
  },
  {
    name: 'DynamoDB',
    open: () => dynamodbPlace(dynamodb, 'flags'),
    bears: ['claimed', 'leased'],
    lacks: { advanceMs: 'it is asked with the clock of the system, as an app has it' },
  },
  {
    name: 'a folder',
    open: () => filePlace(),
    bears: ['claimed', 'leased'],
    lacks: {
      advanceMs: 'it is asked with the clock of the system, as an app has it',
      bounded: 'no file system hangs here',
      stopServer: 'there is no server',
      startServer: 'there is no server',
    },
  },
  {
    name: 'shared memory',
    open: () => {
      const clock = new ManualClock();
      return { ...sharedMemoryPlace(clock), advanceMs: (ms) => clock.advance(ms), clock };
    },
    bears: ['claimed', 'leased'],
    lacks: inThisProcess,
  },
];

function postgresThroughProxy(key: string) {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${proxy.port}`;
  return postgresCache(url.href, { key });
}

/** What is laid around the bytes. */
const gzip = compressed('gzip');
const seal = sealed({ keys: [sealKey('a')], mode: 'encrypt' });
interface Codec extends Part<string>, Pick<SharedDefinitionCacheOptions, 'codecs'> {
  /** Whether it waits for another thread: then it is asked where time is real, else where it is in hand. */
  readonly isWork?: boolean;
}
const codecs: readonly Codec[] = [
  { name: 'JSON', codecs: [] },
  { name: 'compressed', codecs: [gzip], isWork: true },
  { name: 'sealed', codecs: [seal] },
  { name: 'compressed and sealed', codecs: [gzip, seal], isWork: true },
  { name: 'sizeLimited', codecs: [sizeLimited(1_000_000)] },
];
const coordinations: readonly (Part<CoordinationName> &
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
  {
    name: 'timeSlots',
    coordination: timeSlots({ index: 0, of: 1 }),
    lacks: { exclusive: 'all clients have the one slot: who has none cannot be asked to fetch' },
  },
  {
    name: 'randomBackoff',
    // The clients of the suite do not wait for their luck.
    coordination: randomBackoff({ chance: 1 }),
    lacks: { exclusive: 'chance decides, and may decide for two' },
  },
  {
    name: 'always',
    coordination: always(),
    lacks: { exclusive: 'everybody fetches', following: 'everybody fetches' },
  },
];

for (const backend of backends) {
  for (const codec of codecs) {
    for (const { name, coordination, lacks } of coordinations) {
      const isPlain = codec.name === 'JSON';
      // What the bytes look like and who fetches know nothing of each other.
      const isAsked = isPlain || (backend.hasCodecs === true && name === 'claimed');
      if (!isAsked || !backend.bears.includes(name)) continue;
      const composed = { coordination, codecs: codec.codecs ?? [] };
      const isTimed = backend.lacks?.advanceMs === undefined;
      if (!isPlain && isTimed === (codec.isWork === true)) continue;
      const isLed = name === 'leased' && backend.bears.includes('claimed');
      const isNext = !isPlain || isLed || selfChosen.some((one) => one === name);
      const untimed = isTimed || !isNext ? {} : askedBefore('JSON × claimed');
      describeFlagDefinitionCacheProvider(
        `${backend.name} × ${codec.name} × ${name}`,
        () => {
          const place = backend.open();
          const { clock } = place;
          return postHogProviderPlace(place, composed, clock === undefined ? quick : { clock });
        },
        {
          lacks: { ...backend.lacks, ...codec.lacks, ...untimed, ...lacks },
          patienceMs: 30_000,
          ...(isTimed || !isNext ? {} : { runner: withoutWaits }),
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
