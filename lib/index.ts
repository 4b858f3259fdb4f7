/**
 * PostHog feature flags for NestJS: evaluated in the process, shared by the fleet.
 * Other doors: `/caches/redis` (a Redis client that the app has), `/caches/posthog-node` (the shared
 * cache for posthog-node clients), `/caches` (caches put together from parts), `/evaluation`
 * (definitions in, answers out; no Nest) and `/testing`.
 */

// Module
export { FeatureFlagsModule } from './feature-flags.module.js';
export type { FeatureFlagsModuleExtras } from './feature-flags.module-definition.js';
export type { FeatureFlagsModuleOptions, PollingOptions } from './feature-flags.options.js';
export type { SnapshotFileOptions } from './boot-snapshot.js';
export type { CacheOption } from './feature-flags.cache.js';
export type { GivenCache } from './caches/cache-manager/cache-manager-record-store.js';
export type { FeatureFlagsOptionsFactory } from './feature-flags.options.js';
export type { FlagsLogger } from './flags-logger.js';
export { POLLER_NAME } from './polling/definition-poller.js';

// Service
export { FlagsService } from './flags.service.js';
export { LocalFlags } from './local-flags.js';
export type { EvaluateOptions } from './evaluate-options.js';
export type { FlagsStatus } from './flags-status.js';
export type { HealthState } from './core/refresh/health.js';
export type { DocumentPlace } from './core/refresh/document-place.js';
export type { FleetIncompleteness, FleetInstance } from './core/fleet/fleet-view.js';
export type { FleetRevision, FleetView } from './core/fleet/fleet-view.js';
export type { Convergence, ConvergenceOptions } from './core/fleet/convergence.js';
export type { EvaluationContext } from './core/evaluation/evaluation-context.js';
export type { EvaluationOrigin, EvaluationReason } from './core/evaluation/flag-evaluation.js';
export type { DecidedReason, UnresolvedReason } from './core/evaluation/flag-evaluation.js';
export type { FlagEvaluation, FlagValue } from './core/evaluation/flag-evaluation.js';
export type { ExplainOptions, FlagExplanation } from './core/evaluation/flag-explanation.js';
export type { ConditionExplanation } from './core/evaluation/flag-explanation.js';
export type { FilterExplanation } from './core/evaluation/flag-explanation.js';

// Requests
export { FeatureFlag } from './request/feature-flag.decorator.js';
export { FlagEnabled, FlagPayload, FlagResult, FlagVariant } from './request/flag-parameters.js';
export { FeatureFlagGuard } from './request/feature-flag.guard.js';
export { FeatureFlagGuardParts } from './request/feature-flag-guard-parts.js';
export { FeatureDisabledException } from './request/feature-disabled.exception.js';
export { FeatureRedirectException } from './request/feature-redirect.exception.js';
export type { FlagExpression, Verdict } from './request/flag-expression.js';
export type { FeatureFlagOptions, SingleFlagOptions } from './request/flag-requirement.js';
export type { FlagFallback, FlagRedirect } from './request/flag-requirement.js';
export type { FlagRefusalFactory, FlagRequirement } from './request/flag-requirement.js';
export type { ContextResolver } from './request/evaluation-context-resolver.js';
export type { EvaluationContextFunction } from './request/evaluation-context-resolver.js';
export type { EvaluationContextResolver } from './request/evaluation-context-resolver.js';

// Sources and caches
export { PostHogDefinitionSource } from './posthog/posthog-definition-source.js';
export type { PostHogDefinitionSourceOptions } from './posthog/posthog-definition-source.options.js';
export { FileDefinitionSource } from './sources/file-definition-source.js';
export type { FileDefinitionSourceOptions } from './sources/file-definition-source.js';
export { StaticDefinitionSource } from './sources/static-definition-source.js';
export type { FetchFunction } from './posthog/posthog-definition-source.options.js';
export type { DefinitionSource, FetchFailure } from './core/definitions/definition-source.js';
export type { DefinitionSourceAnswer } from './core/definitions/definition-source.js';
export type { DefinitionSourceRequest, Unsubscribe } from './core/definitions/definition-source.js';
export type { CohortDefinition, ConditionGroup } from './core/definitions/flag-definitions.js';
export type { FlagDefinition, FlagFilters } from './core/definitions/flag-definitions.js';
export type { FlagDefinitionCacheData } from './core/definitions/flag-definitions.js';
export type { PropertyFilter, VariantDefinition } from './core/definitions/flag-definitions.js';
export { assertFlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
export type { FlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
export type { RecordBackend } from './core/cache/record-backend.js';
export type { SharedDefinitionCacheOptions } from './core/cache/create-shared-definition-cache.js';
export type { RecordCodec, RecordFacts } from './core/cache/codecs/record-codec.js';
export type { Awaitable } from './core/cache/flag-definition-cache-provider.js';

// Remote evaluation
export { PostHogRemoteEvaluator } from './posthog/remote/posthog-remote-evaluator.js';
export type { PostHogRemoteEvaluatorOptions } from './posthog/remote/posthog-remote-evaluator.options.js';
export type { RemoteAnswer, RemoteEvaluator } from './core/remote/remote-evaluator.js';
export type { RemoteFailure, RemoteFlag, RemoteQuestion } from './core/remote/remote-evaluator.js';
export type { FallbackCache, KnownAnswer } from './core/remote/fallback-cache.js';
export type { FallbackCacheOption } from './feature-flags.remote.js';

// Events and errors
export type { FlagsObserver } from './core/observe/flags-observer.js';
export type { CacheShutdownFailed } from './core/observe/flags-event.js';
export type { DefinitionIssuesFound, DefinitionsChanged } from './core/observe/flags-event.js';
export type { DefinitionsDoubted, DefinitionsRejected } from './core/observe/flags-event.js';
export type { FlagsEvent, TurnFinished } from './core/observe/flags-event.js';
export type { DefinitionIssue } from './core/definitions/parse-definitions.js';
export type { CacheFailure, RefreshOutcome, TurnResult } from './core/refresh/refresh-outcome.js';
export type { FetchRole, InstanceRole } from './core/refresh/refresh-outcome.js';
export type { HealthChanged } from './core/observe/flags-event.js';
export type { FlagsFailure, LastError } from './core/observe/flags-failure.js';
export type { CancelTimer, Clock, TimerOptions } from './core/time/clock.js';
export { FlagsError, isFlagsError } from './core/errors/flags-error.js';
export type { FlagsErrorCode, FlagsErrorFacts } from './core/errors/flags-error.js';
