/**
 * The door `nestjs-feature-flags/testing`: what an app's own tests may want in their hands, and the
 * contracts by which whoever writes a cache can test it. Nothing in the library imports it.
 */

// Time
export { ManualClock } from './testing/manual-clock.js';
export type { CancelTimer, Clock, TimerOptions } from './core/time/clock.js';

// Contracts
export { describeRecordStore } from './testing/contract/describe-record-store.js';
export { describeClaimStore } from './testing/contract/describe-claim-store.js';
export type { ClaimContractOptions } from './testing/contract/describe-claim-store.js';
export { describeLeaseStore } from './testing/contract/describe-lease-store.js';
export type { LeaseContractOptions } from './testing/contract/describe-lease-store.js';
export type {
  RecordContractOptions,
  RecordPlace,
  RecordPromise,
} from './testing/contract/record-place.js';
export type { ContractRunner } from './testing/contract/contract-runner.js';
export { describeFlagDefinitionCacheProvider } from './testing/contract/describe-provider.js';
export type {
  ProviderContractOptions,
  ProviderPlace,
  ProviderPromise,
} from './testing/contract/provider-place.js';
