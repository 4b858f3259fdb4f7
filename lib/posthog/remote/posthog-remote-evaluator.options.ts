/** What users give to a PostHogRemoteEvaluator, and the one place that knows the defaults. */
import { invalidOptions, mistake, mistakeInName, mistakeInNumber } from '../option-mistakes.js';
import { hasMethod } from '../../core/given/given-value.js';
import { systemClock, type Clock } from '../../core/time/clock.js';
import type { FetchFunction } from '../posthog-definition-source.options.js';
import { readPublicClient, type PublicClient } from '../public-client-options.js';

/** @publicApi */
export interface PostHogRemoteEvaluatorOptions {
  /**
   * Where PostHog is: PostHog Cloud EU, your own installation, or a reverse proxy.
   * @default 'https://us.i.posthog.com'
   */
  readonly host?: string;
  /** The project API key, `phc_…`: says which project. Public; `/flags` wants no other. */
  readonly projectApiKey: string;
  /**
   * Milliseconds for one question, all tries and pauses included, 1 to 60_000. A request that
   * needs the answer waits for so long, and for a fallback cache on top.
   * @default 3_000, as PostHog's SDKs have it for one try
   */
  readonly timeoutMs?: number;
  /**
   * How often a question is put again within that time when the connection failed, or PostHog
   * answered 502 or 504; 0 to 5. Pauses are up to 0.3, 0.6, 1.2 s, at random.
   * @default 1
   */
  readonly retries?: number;
  /** Lets PostHog derive properties from the address that asks: that of your server. @default false */
  readonly geoip?: boolean;
  /** Asks only for flags that are marked with one of these evaluation contexts, or with none. */
  readonly evaluationContexts?: readonly string[];
  /** Bytes that an answer may have once it is decompressed. @default 8_388_608 (8 MiB) */
  readonly maxBodyBytes?: number;
  /** Allows a host without TLS that is not this machine: properties can be read on the way. @default false */
  readonly allowInsecureHttp?: boolean;
  /** Used instead of the global `fetch`, e.g. to go through a proxy. */
  readonly fetch?: FetchFunction;
  /** Time, for tests of your own. @default that of the process */
  readonly clock?: Clock;
}

/** The options with nothing left open. */
export interface ResolvedRemoteOptions extends PublicClient {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly evaluationContexts: readonly string[] | undefined;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
}

const NAME = 'PostHogRemoteEvaluator';
const LONGEST_TIMEOUT_MS = 60_000;
const MOST_RETRIES = 5;
const LARGEST_BODY_BYTES = 2 ** 30;

const knownOptions: ReadonlySet<string> = new Set([
  'host',
  'projectApiKey',
  'timeoutMs',
  'retries',
  'geoip',
  'evaluationContexts',
  'maxBodyBytes',
  'allowInsecureHttp',
  'fetch',
  'clock',
] satisfies (keyof PostHogRemoteEvaluatorOptions)[]);

/** @throws FlagsError `invalid-options` that lists all mistakes and prints no value. */
export function resolveRemoteOptions(
  options: PostHogRemoteEvaluatorOptions,
): ResolvedRemoteOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidOptions(NAME, ['options must be an object.']);
  }
  const { evaluationContexts } = options;
  const { timeoutMs = 3_000, retries = 1, maxBodyBytes = 8 * 1024 * 1024 } = options;
  const { clock = systemClock } = options;
  const { client, mistakes: clientMistakes } = readPublicClient(options);
  const mistakes = [
    ...clientMistakes,
    mistake('timeoutMs', mistakeInNumber(timeoutMs, LONGEST_TIMEOUT_MS)),
    mistake('retries', mistakeInNumber(retries, MOST_RETRIES, 0)),
    mistake('evaluationContexts', mistakeInNames(evaluationContexts)),
    mistake('maxBodyBytes', mistakeInNumber(maxBodyBytes, LARGEST_BODY_BYTES)),
    mistake('clock', hasMethod(clock, 'setTimer') ? undefined : 'must be a Clock.'),
    ...Object.keys(options).map((name) => {
      return mistake(name, mistakeInName(name, knownOptions, 'this evaluator'));
    }),
  ].filter((text) => text !== undefined);
  if (mistakes.length > 0) throw invalidOptions(NAME, mistakes);
  return {
    ...client,
    timeoutMs,
    retries,
    evaluationContexts,
    maxBodyBytes,
    clock,
  };
}

function mistakeInNames(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const isGood = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isGood ? undefined : 'must be a list of names.';
}
