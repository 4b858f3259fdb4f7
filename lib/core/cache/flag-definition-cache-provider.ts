/**
 * The port to the cache in which the instances of an app share the definitions. The four
 * required methods are PostHog's contract to the letter, so a provider written for
 * `posthog-node` works here and ours works there. Its law: an error of the cache never breaks
 * an evaluation.
 */
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { FetchFailure, Unsubscribe } from '../definitions/definition-source.js';
import { FlagsError } from '../errors/flags-error.js';

/** A value, or a promise of it. @publicApi */
export type Awaitable<T> = T | PromiseLike<T>;

/** @publicApi */
export interface FlagDefinitionCacheProvider {
  /** The shared definitions; undefined or null when there are none. */
  getFlagDefinitions(): Awaitable<FlagDefinitionCacheData | undefined | null>;
  /** True when this instance is the one to fetch now. */
  shouldFetchFlagDefinitions(): Awaitable<boolean>;
  /** Stores what this instance has fetched. */
  onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Awaitable<void>;
  /** Gives up any lease and closes what the provider itself opened. */
  shutdown(): Awaitable<void>;

  /** Ours, optional: calls back when another instance has published. A hint, never the truth. */
  watch?(onChanged: () => void): Unsubscribe;
  /** Ours, optional: the source said "not modified"; renews the shared copy and its age. */
  onFlagDefinitionsConfirmed?(): Awaitable<void>;
  /** Ours, optional: the fetch failed; gives the lease up so that another may try. */
  onFetchFailed?(failure: FetchFailure): Awaitable<void>;
}

const requiredMethods = [
  'getFlagDefinitions',
  'shouldFetchFlagDefinitions',
  'onFlagDefinitionsReceived',
  'shutdown',
] as const;

const optionalMethods = ['watch', 'onFlagDefinitionsConfirmed', 'onFetchFailed'] as const;

/**
 * Checks that a value has the methods of a {@link FlagDefinitionCacheProvider}.
 * @throws FlagsError `invalid-cache-provider`, naming every method that is missing or is not a
 * function, at once.
 * @publicApi
 */
export function assertFlagDefinitionCacheProvider(
  value: unknown,
): asserts value is FlagDefinitionCacheProvider {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    throw new FlagsError(
      `A flag definition cache provider must be an object with the methods ${requiredMethods.join(', ')}; got ${value === null ? 'null' : typeof value}.`,
      { code: 'invalid-cache-provider' },
    );
  }
  const candidate = value as Record<string, unknown>;
  const missing = requiredMethods.filter((name) => typeof candidate[name] !== 'function');
  const wrong = optionalMethods.filter(
    (name) => candidate[name] !== undefined && typeof candidate[name] !== 'function',
  );
  if (missing.length === 0 && wrong.length === 0) return;
  const parts = [
    ...missing.map((name) => `${name}() is missing`),
    ...wrong.map((name) => `${name} is present but is not a function`),
  ];
  throw new FlagsError(
    `The given flag definition cache provider does not fulfil PostHog's contract: ${parts.join('; ')}. ` +
      'Implement these methods (sync or async), or leave the option `cache` out to keep definitions in memory.',
    { code: 'invalid-cache-provider' },
  );
}
