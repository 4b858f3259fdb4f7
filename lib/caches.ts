/**
 * The door `nestjs-feature-flags/caches`: for who puts a cache together from its parts, records
 * (where the definitions lie), a coordination (who fetches) and codecs (what the bytes look like),
 * or writes one of them.
 */

// Compositions
export type { SharedDefinitionCacheOptions } from './core/cache/create-shared-definition-cache.js';
export { claimed, leased, unclaimed } from './core/coordination/coordination-factory.js';
export {
  always,
  never,
  randomBackoff,
  timeSlots,
} from './core/coordination/self-chosen-factory.js';
export type { RandomBackoffOptions } from './core/coordination/self-chosen-factory.js';
export type { TimeSlotsOptions } from './core/coordination/self-chosen-factory.js';

// Records that wrap others
export { CacheMeter } from './core/cache/cache-meter.js';
export type {
  CacheMeasurement,
  CacheMeasures,
  CacheMeterOptions,
  LatencyBucket,
  MeteredResult,
  MeteredStep,
  StepMeasures,
} from './core/cache/cache-meter.js';
export { metered } from './core/cache/metered.js';
export { tiered } from './core/cache/tiered.js';

// Codecs
export { compressed } from './core/cache/codecs/compressed.js';
export type { Compression } from './core/cache/codecs/compressed.js';
export { sealed } from './core/cache/codecs/sealed.js';
export type { SealOptions } from './core/cache/codecs/sealed.js';
export type { SealKey } from './core/cache/codecs/seal-keys.js';
export { sizeLimited } from './core/cache/codecs/size-limited.js';
export type { RecordCodec, RecordFacts } from './core/cache/codecs/record-codec.js';

// Records
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
export type { PushTrouble, RecordStore } from './core/cache/record-store.js';
export type { NewRecord, RecordBody, RecordHead } from './core/cache/definition-record.js';
export type {
  CheckReply,
  CheckRequest,
  CheckVerdict,
  ClaimEnd,
  ClaimResult,
  ClaimStore,
  FinishReply,
  FinishRequest,
  FleetMember,
} from './core/coordination/claim-store.js';

// Coordinations
export type { CoordinationFactory } from './core/coordination/coordination-factory.js';
export type { CoordinationParts } from './core/coordination/coordination-factory.js';
export type { Coordination } from './core/coordination/coordination.js';
export type {
  CacheVerdict,
  FinishVerdict,
  FleetFetching,
  Grant,
  HeldFacts,
  SharedContent,
  SharedState,
} from './core/cache/definition-cache.js';

export type { LeaseStore } from './core/coordination/lease-store.js';

// What both speak of
export type { Awaitable } from './core/cache/flag-definition-cache-provider.js';
export type { FetchFailure, Unsubscribe } from './core/definitions/definition-source.js';
export type { CancelTimer, Clock, TimerOptions } from './core/time/clock.js';
export { FlagsError, isFlagsError } from './core/errors/flags-error.js';
export type { FlagsErrorCode, FlagsErrorFacts } from './core/errors/flags-error.js';
