/**
 * A shared cache for whoever evaluates with `posthog-node`: PostHog's four methods, over the same
 * records and the same election as the Nest module, so that services with and without Nest share
 * one set of definitions. Nothing of Nest is loaded here.
 */
import type { GivenCache } from './caches/cache-manager/cache-manager-record-store.js';
import { givenCache, isGivenCache } from './caches/given/given-cache.js';
import { isMeantAsParts, readCacheParts } from './options/cache-parts.js';
import {
  createSharedDefinitionCache,
  withOpenRecords,
  type OpenedCacheOptions,
  type ReadCacheOptions,
  type SharedDefinitionCacheOptions,
} from './core/cache/create-shared-definition-cache.js';
import type { FlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
import { PostHogNodeFace } from './core/cache/posthog-node-face.js';
import type { RecordBackend } from './core/cache/record-backend.js';
import type { RecordCodec } from './core/cache/codecs/record-codec.js';
import type { RecordStore } from './core/cache/record-store.js';
import type { SdkDefinitions } from './core/cache/sdk-definitions.js';
import type { CoordinationFactory } from './core/coordination/coordination-factory.js';
import type { FlagDefinitionCacheData } from './core/definitions/flag-definitions.js';
import { systemClock, type Clock } from './core/time/clock.js';
import { describe, OptionReport, type Written } from './options/option-report.js';
import {
  DEFAULT_REQUEST_TIMEOUT_MS,
  LONGEST_REQUEST_MS,
} from './posthog/posthog-definition-source.options.js';
import { resolveHost } from './posthog/posthog-host.js';
import { mistakeInProjectApiKey } from './posthog/posthog-keys.js';
import { projectIdentity } from './posthog/project-identity.js';
import { missingRecords, recordsAtUrl } from './options/records-at-url.js';
import { refreshInterval } from './options/refresh-interval.js';

/** @publicApi */
export interface PostHogCacheProviderOptions {
  /** The project API key, `phc_…`, as the client has it: caches of other projects have other keys. */
  readonly projectApiKey: string;
  /** As the client has it. @default 'https://us.i.posthog.com' */
  readonly host?: string;
  /** Allows a host without TLS that is not this machine. @default false */
  readonly allowInsecureHttp?: boolean;
  /**
   * How often the fleet refreshes, in milliseconds, 100 to 86,400,000: the client's
   * `featureFlagsPollingInterval`.
   * @default 30_000
   */
  readonly intervalMs?: number;
  /**
   * Longest time of one fetch of the client, in milliseconds, 100 to 60,000: its `requestTimeout`.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * Longest wait of the client until it knows who fetches, in milliseconds, 100 to 60,000; it is
   * given definitions within twice that. For stores that are far away: evaluations wait with it.
   * @default 1_000
   */
  readonly cacheTimeoutMs?: number;
  /**
   * Told of what failed. The client hears of nothing: an error would make it fetch.
   * @default none
   */
  readonly onFailure?: (failure: Error) => void;
  /** @default the clock of this process */
  readonly clock?: Clock;
}

const optionNames: readonly (keyof PostHogCacheProviderOptions)[] = [
  'projectApiKey',
  'host',
  'allowInsecureHttp',
  'intervalMs',
  'requestTimeoutMs',
  'cacheTimeoutMs',
  'onFailure',
  'clock',
];

interface Resolved {
  readonly identity: string;
  readonly intervalMs: number;
  readonly requestTimeoutMs: number;
  readonly cacheTimeoutMs: number;
  readonly onFailure: ((failure: Error) => void) | undefined;
  readonly clock: Clock;
}

/**
 * A command ends before the answer is due, and no sooner: the first one waits for the connection,
 * and a client that starts without an answer fetches for itself.
 */
const COMMAND_SHARE = 0.85;
/** A client that polls each interval finds the refresh due a little before it asks. */
const DUE_SHARE = 0.95;
/** Who did not fetch last lets who did go first, by so large a share of the interval. */
const GRACE_SHARE = 0.5;
/** By how much a claim outlives the client's fetch. */
const LEASE_MARGIN_MS = 2_000;

/**
 * The provider for one client: `new PostHog(key, { flagDefinitionCacheProvider: provider })`. The
 * option `cache` of the Nest module takes it, too, and then uses all that the cache can do.
 * @publicApi
 */
export class PostHogCacheProvider
  implements FlagDefinitionCacheProvider, SharedDefinitionCacheOptions
{
  readonly records: RecordStore;
  readonly coordination?: CoordinationFactory;
  readonly codecs?: readonly RecordCodec[];
  readonly maxBodyBytes?: number;
  readonly #face: PostHogNodeFace;

  /** @internal Use {@link createPostHogCacheProvider}. */
  constructor(options: OpenedCacheOptions, resolved: Resolved) {
    const { intervalMs, requestTimeoutMs, cacheTimeoutMs, onFailure, clock } = resolved;
    this.records = options.records;
    if (options.coordination !== undefined) this.coordination = options.coordination;
    if (options.codecs !== undefined) this.codecs = options.codecs;
    if (options.maxBodyBytes !== undefined) this.maxBodyBytes = options.maxBodyBytes;
    const dueMs = DUE_SHARE * intervalMs;
    const cache = createSharedDefinitionCache(options, {
      clock,
      random: Math.random,
      intervalMs: dueMs,
      jitter: 0,
      checkMs: GRACE_SHARE * intervalMs,
      leaseMs: requestTimeoutMs + LEASE_MARGIN_MS,
    });
    this.#face = new PostHogNodeFace({
      cache,
      clock,
      random: Math.random,
      dueMs,
      fetchTimeoutMs: requestTimeoutMs,
      cacheTimeoutMs,
      ...(onFailure === undefined ? {} : { onFailure }),
    });
  }

  shouldFetchFlagDefinitions(): Promise<boolean> {
    return this.#face.shouldFetchFlagDefinitions();
  }

  getFlagDefinitions(): Promise<SdkDefinitions | undefined> {
    return this.#face.getFlagDefinitions();
  }

  onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
    return this.#face.onFlagDefinitionsReceived(data);
  }

  shutdown(): Promise<void> {
    return this.#face.shutdown();
  }
}

/**
 * A cache provider for `posthog-node`, which shares definitions with all that use the same cache.
 * Does not wait for a connection. Make one for each client.
 * @param cache `redis://host:6379/0?key=shop`, `rediss://…`, with `&interop=posthog` where workers
 * with PostHog's SDKs in other languages take part; `redisCache(client)`; a `Cache` of cache-manager;
 * or records with a coordination and codecs.
 * @throws FlagsError `invalid-options`, naming all mistakes at once and printing no secret.
 * @publicApi
 */
export async function createPostHogCacheProvider(
  cache: string | RecordBackend | SharedDefinitionCacheOptions | GivenCache,
  options: PostHogCacheProviderOptions,
): Promise<PostHogCacheProvider> {
  const report = new OptionReport('createPostHogCacheProvider');
  const parts = partsOf(cache, report);
  const resolved = resolve(options, report);
  report.throwIfAny();
  const { identity, clock, cacheTimeoutMs } = resolved;
  const settings = { identity, clock, commandTimeoutMs: COMMAND_SHARE * cacheTimeoutMs };
  return withOpenRecords(parts, settings, (opened) => new PostHogCacheProvider(opened, resolved));
}

/** Understands what was given, without opening anything yet. */
function partsOf(cache: unknown, report: OptionReport): ReadCacheOptions {
  if (typeof cache === 'string') return { records: recordsAtUrl(cache, report, 'cache') };
  if (isMeantAsParts(cache)) return readCacheParts(cache, report) ?? missingParts;
  if (isGivenCache(cache)) return { records: givenCache(cache) };
  report.mistake(
    'cache',
    `got ${describe(cache)}, expected a URL such as redis://host:6379/0?key=shop, or records.`,
  );
  return missingParts;
}

/** Stands in until the report is thrown. */
const missingParts: ReadCacheOptions = { records: missingRecords };

function resolve(options: unknown, report: OptionReport): Resolved {
  const written: Written = report.record('options', options ?? {}, optionNames, '');
  const { projectApiKey, onFailure, clock } = written;
  const keyMistake = mistakeInProjectApiKey(projectApiKey);
  if (keyMistake !== undefined) report.mistake('projectApiKey', keyMistake);
  const insecure = report.boolean('allowInsecureHttp', written['allowInsecureHttp'], false);
  const host = resolveHost(written['host'], insecure);
  if (!host.ok) report.mistake('host', host.mistake);
  if (onFailure !== undefined && typeof onFailure !== 'function') {
    report.mistake('onFailure', `got ${describe(onFailure)}, expected a function.`);
  }
  const intervalMs = report.durationMs('intervalMs', written['intervalMs'], refreshInterval);
  const requestTimeoutMs = report.durationMs('requestTimeoutMs', written['requestTimeoutMs'], {
    min: 100,
    max: LONGEST_REQUEST_MS,
    fallback: DEFAULT_REQUEST_TIMEOUT_MS,
  });
  const cacheTimeoutMs = report.durationMs('cacheTimeoutMs', written['cacheTimeoutMs'], {
    min: 100,
    max: 60_000,
    fallback: 1_000,
  });
  return {
    identity: projectIdentity(host.ok ? host.host : '', String(projectApiKey).trim()),
    intervalMs,
    requestTimeoutMs,
    cacheTimeoutMs,
    onFailure: onFailure as Resolved['onFailure'],
    clock: (clock as Clock | undefined) ?? systemClock,
  };
}
