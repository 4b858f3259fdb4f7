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
  type ProviderPlace,
  type RecordPlace,
} from '../../lib/testing.js';
import type { Clock } from '../../lib/core/time/clock.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { postgresPlace } from '../support/postgres-places.js';
import { OwnersLeaseExample } from '../support/owners-lease-example.js';
import {
  awaited,
  patient,
  plainLacks,
  plainPlace,
  postHogProviderPlace,
  quick,
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
import { sideBySide } from '../support/side-by-side.js';

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

/** Waits that the provider makes, whatever the codecs, and whoever fetches. */
const waits: readonly string[] = [
  'are undefined or null while there are none',
  'lets no later call hang, and throws nothing where a promise was',
];
/** What a place is asked that does not answer: there nothing else can be asked meanwhile. */
const outages: readonly string[] = [
  'F26: lets no call hang, and throws nothing where a promise was',
  'ends, and definitions are shared again',
];
/** What comes after an interval, or after the end of a claim. */
const awaitedCases: readonly string[] = [
  'are replaced by newer ones, for all, after an interval',
  'F09: is another’s when the one that was at it has died',
  'F03: that comes to its end too late overwrites nothing newer',
];
const jest: ContractRunner = { describe, it };
const together = sideBySide();
const only = (isMeant: (name: string) => boolean, runner = jest): ContractRunner => ({
  describe: runner.describe,
  it: (name, body) => (isMeant(name) ? runner.it(name, body) : undefined),
});
const isOutage = (name: string): boolean => outages.includes(name);
const isAwaited = (name: string): boolean => awaitedCases.includes(name);
const isWait = (name: string): boolean => waits.includes(name);

/** Asks a place whose time is real, each case with times that suit it. */
function describeUntimed(
  name: string,
  open: (times: typeof patient) => ProviderPlace,
  { lacks, isAskedToWait }: { readonly lacks: Lacks; readonly isAskedToWait: boolean },
): void {
  const ask = (what: string, times: typeof patient, runner: ContractRunner): void =>
    describeFlagDefinitionCacheProvider(`${name}${what}`, () => open(times), {
      lacks,
      patienceMs: 120_000,
      runner,
      intervalMs: times.provider.intervalMs,
      takeoverMs: times.takeoverMs,
    });
  ask(
    '',
    patient,
    only((one) => !isOutage(one) && !isAwaited(one) && !isWait(one)),
  );
  ask(', where time passes', awaited, only(isAwaited, together));
  const isQuick = (one: string): boolean => isOutage(one) || (isAskedToWait && isWait(one));
  ask(', where there is nothing', quick, only(isQuick));
}

interface Part<Name extends string> {
  readonly name: Name;
  /** What a composition with it does not promise, or cannot be asked. */
  readonly lacks?: Lacks;
}

type CoordinationName =
  'claimed' | 'leased' | 'unclaimed' | 'timeSlots' | 'randomBackoff' | 'always';

interface Backend extends Part<string> {
  open(): RecordPlace & Partial<Pick<TimedPlace<Clock>, 'clock'>>;
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
      const whole = `${backend.name} × ${codec.name} × ${name}`;
      const lackings = { ...backend.lacks, ...codec.lacks, ...untimed, ...lacks };
      const open = (times?: typeof patient): ProviderPlace => {
        const place = backend.open();
        const { clock } = place;
        return postHogProviderPlace(place, composed, {
          ...times?.provider,
          ...(clock === undefined ? {} : { clock }),
        });
      };
      if (!isTimed) {
        describeUntimed(whole, open, { lacks: lackings, isAskedToWait: !isNext });
        continue;
      }
      describeFlagDefinitionCacheProvider(whole, open, { lacks: lackings, patienceMs: 120_000 });
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

describeUntimed(
  'after PostHog’s examples, in Redis',
  ({ takeoverMs }) => {
    const service = `contract-${Math.random()}`;
    return {
      another: () => new OwnersLeaseExample(client, service, takeoverMs),
      close: async () => {
        await client.del([`posthog:flags:${service}`, `posthog:flags:${service}:lock`]);
      },
    };
  },
  {
    lacks: {
      ...noServer,
      advanceMs: 'the clock is the server’s',
      ordered: 'it writes without looking at what is there',
      bounded: 'its client waits for a server that hangs',
    },
    isAskedToWait: true,
  },
);
