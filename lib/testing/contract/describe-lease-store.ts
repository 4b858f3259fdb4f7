/**
 * The contract of a {@link LeaseStore}, as a suite of tests: who has the lease and for how long,
 * and, where it gives tokens, that they order what is published under it.
 */
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { describeContract } from './contract-cases.js';
import { leaseKeeping } from './lease-keeping.js';
import { leaseTokens } from './lease-tokens.js';
import {
  recordHooks,
  recordTrial,
  type RecordContractOptions,
  type RecordPlace,
} from './record-place.js';

/** @publicApi */
export interface LeaseContractOptions extends Omit<RecordContractOptions, 'lacks'> {
  /**
   * As for record stores; and `tokens`: why the lease gives none, if it gives none.
   * @default none
   */
  readonly lacks?: RecordContractOptions['lacks'] & { readonly tokens?: string };
}

/**
 * Describes, in the tests of the caller, that the stores which `open` gives keep a lease.
 * @param open a fresh place, whose stores have a `lease`.
 * @throws FlagsError `invalid-options` where there is no test runner.
 * @publicApi
 */
export function describeLeaseStore(
  name: string,
  open: () => Awaitable<RecordPlace>,
  options: LeaseContractOptions = {},
): void {
  describeContract({
    name: `the lease store ${name}`,
    groups: [...leaseKeeping, ...leaseTokens],
    hooks: recordHooks,
    runner: options.runner,
    lacks: options.lacks ?? {},
    open,
    begin: (place) => recordTrial(place, options),
  });
}
