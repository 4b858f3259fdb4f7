/**
 * Definitions in Redis over a client that the app has already: of node-redis (one server, cluster,
 * Sentinel) or of ioredis. Claims, bodies and push are those of the cache with a URL, and both
 * kinds of instances share one cache. Nothing is imported: who has a client needs no other package.
 *
 * The client stays its owner's. It is not connected and not closed here, and a connection that is
 * dead without showing it is not replaced: until the client notices, the app goes on with the
 * definitions in memory.
 */
import type { RecordBackend, RecordSettings } from '../../core/cache/record-backend.js';
import { boundedCommands } from './bounded-commands.js';
import { DEFAULT_CACHE_KEY, isCacheKey, namespaceOf } from '../../core/cache/cache-key.js';
import {
  commandsOf,
  isClosed,
  isReady,
  placeOf,
  pushOf,
  type GivenRedisClient,
} from './given-client.js';
import {
  faultOfClient,
  kindOfClient,
  redisClientKinds,
  type RedisClientKind,
} from './given-client-kind.js';
import { RedisBodies } from './redis-bodies.js';
import type { RedisCommands } from './redis-commands.js';
import { RedisRecordStore } from './redis-record-store.js';
import { StagingClient } from './staging-client.js';

/** @publicApi */
export interface RedisCacheOptions {
  /**
   * Tells apps apart that use one Redis: 1 to 100 letters, digits, or . : / - _. Projects are told
   * apart by themselves. It is `?key=` of a cache URL.
   * @default 'default'
   */
  readonly key?: string;
  /** How the client sends commands, where its methods do not show it. @default what they show */
  readonly kind?: RedisClientKind;
  /**
   * False: no connection is made to listen, and changes are found at the next check.
   * @default true, where the client can be made to listen
   */
  readonly push?: boolean;
}

/** Bounds the handshake of the connection that listens. */
const CONNECT_TIMEOUT_MS = 2_000;

const optionNames = ['key', 'kind', 'push'] as const satisfies readonly (keyof RedisCacheOptions)[];

/**
 * For the option `cache`: `redisCache(client, { key: 'shop' })`. Never throws; what is wrong with
 * the client or the options is reported at start, together with all other mistakes.
 * @publicApi
 */
export function redisCache(
  client: GivenRedisClient,
  options: RedisCacheOptions = {},
): RecordBackend {
  const kind = options.kind ?? kindOfClient(client);
  const mistakes = mistakesIn(client, kind, options);
  const { key = DEFAULT_CACHE_KEY, push = true } = options;
  const open = (settings: RecordSettings): RedisRecordStore => {
    // The mistakes were reported before; this is for who calls it all the same.
    if (kind === undefined || mistakes.length > 0) throw new TypeError(mistakes.join(' '));
    return openGivenRedis({ client, kind, key, push }, settings);
  };
  return { mistakes, open };
}

export interface GivenRedis {
  readonly client: GivenRedisClient;
  readonly kind: RedisClientKind;
  readonly key: string;
  readonly push: boolean;
  /** Comes between the store and the client, e.g. to connect it first. */
  readonly around?: (commands: RedisCommands) => RedisCommands;
}

export function openGivenRedis(given: GivenRedis, settings: RecordSettings): RedisRecordStore {
  const { client, kind, key, around = (commands) => commands } = given;
  const { clock, commandTimeoutMs, identity } = settings;
  const bounds = {
    clock,
    commandTimeoutMs,
    isReady: () => isReady(client),
    isClosed: () => isClosed(client),
  };
  const commands = boundedCommands(around(commandsOf(client, kind)), bounds);
  const push = given.push
    ? pushOf({ client, kind, clock, connectTimeoutMs: CONNECT_TIMEOUT_MS })
    : undefined;
  return new RedisRecordStore({
    commands,
    namespace: namespaceOf(key, identity),
    description: placeOf(client, kind),
    bodies: new RedisBodies(new StagingClient(commands)),
    close: () => push?.close(),
    ...(push === undefined ? {} : { push }),
  });
}

function mistakesIn(
  client: unknown,
  kind: RedisClientKind | undefined,
  options: RedisCacheOptions,
): string[] {
  const known: readonly string[] = optionNames;
  const mistakes = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `redisCache has no option ${name}. There are ${known.join(', ')}.`);
  if (options.kind !== undefined && !redisClientKinds.includes(options.kind)) {
    mistakes.push(`the option kind of redisCache must be one of ${redisClientKinds.join(', ')}.`);
    return mistakes;
  }
  if (options.key !== undefined && !isCacheKey(options.key)) {
    mistakes.push(
      "the option key of redisCache must have 1 to 100 letters, digits, or . : / - _, for example { key: 'my-service' }.",
    );
  }
  const fault = faultOfClient(client, kind);
  return fault === undefined ? mistakes : [...mistakes, `redisCache ${fault}`];
}
