/**
 * A shared cache for whoever evaluates with `posthog-node`: PostHog's four methods, over the same
 * records and the same election as the Nest module, so that services with and without Nest share
 * one set of definitions. Nothing of Nest is loaded here.
 */
import { readCacheUrl } from './caches/url/cache-url.js';
import {
  createSharedDefinitionCache,
  type OpenedCacheOptions,
  type SharedDefinitionCacheOptions,
} from './core/cache/create-shared-definition-cache.js';
import type { FlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
import { PostHogNodeFace } from './core/cache/posthog-node-face.js';
import { isRecordBackend, type RecordBackend } from './core/cache/record-backend.js';
import type { RecordStore } from './core/cache/record-store.js';
import type { SdkDefinitions } from './core/cache/sdk-definitions.js';
import type { CoordinationFactory } from './core/coordination/coordination-factory.js';
import type { FlagDefinitionCacheData } from './core/definitions/flag-definitions.js';
import { systemClock, type Clock } from './core/time/clock.js';
import { describe, OptionReport, type Written } from './option-report.js';
import { resolveHost } from './posthog/posthog-host.js';
import { mistakeInProjectApiKey } from './posthog/posthog-keys.js';
import { projectIdentity } from './posthog/project-identity.js';

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
  'onFailure',
  'clock',
];

interface Resolved {
  readonly identity: string;
  readonly intervalMs: number;
  readonly requestTimeoutMs: number;
  readonly onFailure: ((failure: Error) => void) | undefined;
  readonly clock: Clock;
}

/**
 * Below the second in which a client is answered, and no shorter: the first command waits for the
 * connection, and a client that starts without an answer fetches for itself.
 */
const COMMAND_TIMEOUT_MS = 850;
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
  readonly maxBodyBytes?: number;
  readonly #face: PostHogNodeFace;

  /** @internal Use {@link createPostHogCacheProvider}. */
  constructor(options: OpenedCacheOptions, resolved: Resolved) {
    const { intervalMs, requestTimeoutMs, onFailure, clock } = resolved;
    this.records = options.records;
    if (options.coordination !== undefined) this.coordination = options.coordination;
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
 * with PostHog's SDKs in other languages take part; `redisCache(client)`; or records with a
 * coordination.
 * @throws FlagsError `invalid-options`, naming all mistakes at once and printing no secret.
 * @publicApi
 */
export async function createPostHogCacheProvider(
  cache: string | RecordBackend | SharedDefinitionCacheOptions,
  options: PostHogCacheProviderOptions,
): Promise<PostHogCacheProvider> {
  const report = new OptionReport('createPostHogCacheProvider cannot be used so');
  const open = opening(cache, report);
  const resolved = resolve(options, report);
  report.throwIfAny();
  return new PostHogCacheProvider(await open(resolved), resolved);
}

type Opening = (settings: Resolved) => Promise<OpenedCacheOptions>;

/** Understands what was given, without opening anything yet. */
function opening(cache: unknown, report: OptionReport): Opening {
  const never: Opening = () => Promise.reject(new Error('unreachable'));
  if (typeof cache !== 'string') {
    const options = isRecordBackend(cache) ? { records: cache } : cache;
    if (isOptions(options)) return openingOf(options, report);
    report.mistake(
      'cache',
      `got ${describe(cache)}, expected a URL such as redis://host:6379/0?key=shop, or records.`,
    );
    return never;
  }
  try {
    const read = readCacheUrl(cache);
    if (read.kind === 'shared') return openingOf({ records: read }, report);
    report.mistake('cache', 'memory: is shared with nobody. Leave the provider out, or use Redis.');
  } catch (error) {
    report.mistake('cache', error instanceof Error ? error.message : String(error));
  }
  return never;
}

function isOptions(value: unknown): value is SharedDefinitionCacheOptions {
  if (typeof value !== 'object' || value === null || !('records' in value)) return false;
  const { records } = value;
  if (isRecordBackend(records)) return true;
  return typeof records === 'object' && records !== null && 'readHead' in records;
}

function openingOf(options: SharedDefinitionCacheOptions, report: OptionReport): Opening {
  const { records } = options;
  if (!isRecordBackend(records)) return async () => ({ ...options, records });
  for (const mistake of records.mistakes ?? []) report.mistake('cache', mistake);
  return async ({ identity, clock }) => ({
    ...options,
    records: await records.open({ identity, clock, commandTimeoutMs: COMMAND_TIMEOUT_MS }),
  });
}

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
  const intervalMs = report.durationMs('intervalMs', written['intervalMs'], {
    min: 100,
    max: 86_400_000,
    fallback: 30_000,
  });
  const requestTimeoutMs = report.durationMs('requestTimeoutMs', written['requestTimeoutMs'], {
    min: 100,
    max: 60_000,
    fallback: 10_000,
  });
  return {
    identity: projectIdentity(host.ok ? host.host : '', String(projectApiKey).trim()),
    intervalMs,
    requestTimeoutMs,
    onFailure: onFailure as Resolved['onFailure'],
    clock: (clock as Clock | undefined) ?? systemClock,
  };
}
