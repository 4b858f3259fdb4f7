/**
 * The contract of a {@link FlagDefinitionCacheProvider}, as a suite of tests: PostHog's four
 * methods, sync or async, and what a fleet relies on beyond them, promise by promise.
 */
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { describeContract } from './contract-cases.js';
import { providerManners } from './provider-manners.js';
import {
  providerHooks,
  providerTrial,
  type ProviderContractOptions,
  type ProviderPlace,
} from './provider-place.js';
import { providerSharing } from './provider-sharing.js';

/**
 * Describes, in the tests of the caller, that the providers which `open` gives keep the contract.
 * Each case opens a place of its own and closes it. Without the hook `advanceMs` the cases wait
 * `intervalMs` and `takeoverMs` in real time: let the providers have short ones in the test.
 * @param open a fresh place: a new key, table or folder.
 * @throws FlagsError `invalid-options` where there is no test runner.
 * @publicApi
 */
export function describeFlagDefinitionCacheProvider(
  name: string,
  open: () => Awaitable<ProviderPlace>,
  options: ProviderContractOptions = {},
): void {
  describeContract({
    name: `the cache provider ${name}`,
    groups: [...providerSharing, ...providerManners],
    hooks: providerHooks,
    runner: options.runner,
    lacks: options.lacks ?? {},
    open,
    begin: (place) => providerTrial(place, options),
  });
}
