/** What users give to a PostHogExposureSender, and the one place that knows the defaults. */
import { invalidOptions, mistake, mistakeInName, mistakeInNumber } from '../option-mistakes.js';
import type { FetchFunction } from '../posthog-definition-source.options.js';
import { readPublicClient, type PublicClient } from '../public-client-options.js';

/** @publicApi */
export interface PostHogExposureSenderOptions {
  /**
   * Where PostHog is: PostHog Cloud EU, your own installation, or a reverse proxy.
   * @default 'https://us.i.posthog.com'
   */
  readonly host?: string;
  /** The project API key, `phc_…`: says which project. Public; events want no other. */
  readonly projectApiKey: string;
  /**
   * Milliseconds for one batch, all tries and pauses included, 1 to 30_000. Nobody waits for it but
   * the next batch.
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /**
   * How often a batch is sent again within that time when the connection failed, or PostHog
   * answered 408, 429 or 5xx; 0 to 10. Pauses are up to 0.5, 1, 2, … s, at random, or as long as
   * `Retry-After` says. PostHog knows an event that comes twice.
   * @default 3
   */
  readonly retries?: number;
  /** Lets PostHog derive places from the address that sends: that of your server. @default false */
  readonly geoip?: boolean;
  /** Allows a host without TLS that is not this machine: ids can be read on the way. @default false */
  readonly allowInsecureHttp?: boolean;
  /** Used instead of the global `fetch`, e.g. to go through a proxy. */
  readonly fetch?: FetchFunction;
}

/** The options with nothing left open. */
export interface ResolvedSenderOptions extends PublicClient {
  readonly timeoutMs: number;
  readonly retries: number;
}

const NAME = 'PostHogExposureSender';
/** Beyond that the queue has given a batch up. */
const LONGEST_TIMEOUT_MS = 30_000;
const MOST_RETRIES = 10;

const knownOptions: ReadonlySet<string> = new Set([
  'host',
  'projectApiKey',
  'timeoutMs',
  'retries',
  'geoip',
  'allowInsecureHttp',
  'fetch',
] satisfies (keyof PostHogExposureSenderOptions)[]);

/** @throws FlagsError `invalid-options` that lists all mistakes and prints no value. */
export function resolveSenderOptions(options: PostHogExposureSenderOptions): ResolvedSenderOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidOptions(NAME, ['options must be an object.']);
  }
  const { timeoutMs = 10_000, retries = 3 } = options;
  const { client, mistakes: clientMistakes } = readPublicClient(options);
  const mistakes = [
    ...clientMistakes,
    mistake('timeoutMs', mistakeInNumber(timeoutMs, LONGEST_TIMEOUT_MS)),
    mistake('retries', mistakeInNumber(retries, MOST_RETRIES, 0)),
    ...Object.keys(options).map((name) => {
      return mistake(name, mistakeInName(name, knownOptions, 'this sender'));
    }),
  ].filter((text) => text !== undefined);
  if (mistakes.length > 0) throw invalidOptions(NAME, mistakes);
  return {
    ...client,
    timeoutMs,
    retries,
  };
}
