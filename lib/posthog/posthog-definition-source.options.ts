/** What users give to a PostHogDefinitionSource, and the one place that knows the defaults. */
import {
  invalidOptions,
  mistake,
  mistakeInName,
  mistakeInNumber,
  mistakeInType,
} from './option-mistakes.js';
import { resolveHost } from './posthog-host.js';
import { mistakeInProjectApiKey, mistakeInSecretKey } from './posthog-keys.js';

/** The part of `fetch` that is used. @publicApi */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/** @publicApi */
export interface PostHogDefinitionSourceOptions {
  /**
   * Where PostHog is: PostHog Cloud EU, your own installation, or a reverse proxy.
   * @default 'https://us.i.posthog.com'
   */
  readonly host?: string;
  /** The project API key, `phc_…`: says which project. Public. */
  readonly projectApiKey: string;
  /**
   * What may read the definitions: the project's secret key, `phs_…`, or a personal API key,
   * `phx_…`. A function is asked at each fetch, so that a rotated key needs no restart.
   */
  readonly secretKey: string | (() => string | Promise<string>);
  /**
   * Milliseconds for one fetch, from its start to the last byte of the body, 1 to 60_000. With a
   * shared cache a fetch is given 10 s at the most, since a claim lasts no longer.
   * @default 10_000
   */
  readonly requestTimeoutMs?: number;
  /** Bytes that a body may have once it is decompressed. @default 33_554_432 (32 MiB) */
  readonly maxBodyBytes?: number;
  /** Allows a host without TLS that is not this machine: the secret key can be read on the way. @default false */
  readonly allowInsecureHttp?: boolean;
  /** Used instead of the global `fetch`, e.g. to go through a proxy. */
  readonly fetch?: FetchFunction;
}

/** The options with nothing left open. */
export interface ResolvedSourceOptions {
  readonly host: string;
  readonly projectApiKey: string;
  readonly readSecretKey: () => string | Promise<string>;
  readonly requestTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly fetch: FetchFunction;
}

export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
export const LONGEST_REQUEST_MS = 60_000;
const LARGEST_BODY_BYTES = 2 ** 30;

const knownOptions: ReadonlySet<string> = new Set([
  'host',
  'projectApiKey',
  'secretKey',
  'requestTimeoutMs',
  'maxBodyBytes',
  'allowInsecureHttp',
  'fetch',
] satisfies (keyof PostHogDefinitionSourceOptions)[]);

/** @throws FlagsError `invalid-options` that lists all mistakes and prints no value. */
export function resolveSourceOptions(
  options: PostHogDefinitionSourceOptions,
): ResolvedSourceOptions {
  if (typeof options !== 'object' || options === null)
    throw invalidOptions('PostHogDefinitionSource', ['options must be an object.']);
  const { projectApiKey, secretKey, fetch: givenFetch, allowInsecureHttp = false } = options;
  const { requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, maxBodyBytes = 32 * 1024 * 1024 } =
    options;
  const host = resolveHost(options.host, allowInsecureHttp === true);
  const mistakes = [
    mistake('host', host.ok ? undefined : host.mistake),
    mistake('projectApiKey', mistakeInProjectApiKey(projectApiKey)),
    mistake(
      'secretKey',
      typeof secretKey === 'function' ? undefined : mistakeInSecretKey(secretKey),
    ),
    mistake('requestTimeoutMs', mistakeInNumber(requestTimeoutMs, LONGEST_REQUEST_MS)),
    mistake('maxBodyBytes', mistakeInNumber(maxBodyBytes, LARGEST_BODY_BYTES)),
    mistake('allowInsecureHttp', mistakeInType(allowInsecureHttp, 'boolean')),
    mistake('fetch', givenFetch && mistakeInType(givenFetch, 'function')),
    ...Object.keys(options).map((name) =>
      mistake(name, mistakeInName(name, knownOptions, 'this source')),
    ),
  ].filter((text) => text !== undefined);
  if (!host.ok || mistakes.length > 0) throw invalidOptions('PostHogDefinitionSource', mistakes);
  return {
    host: host.host,
    projectApiKey: projectApiKey.trim(),
    readSecretKey: typeof secretKey === 'function' ? secretKey : () => secretKey,
    requestTimeoutMs,
    maxBodyBytes,
    // Looked up at each call: tools that instrument fetch may replace it later.
    fetch: givenFetch ?? ((url, init) => globalThis.fetch(url, init)),
  };
}
