/**
 * PostHog feature flags for NestJS: evaluated in the process, shared by the fleet. Other doors: one
 * for each kind of cache, `/caches` for their parts, `/evaluation` (no Nest) and `/testing`. Here one
 * line exports all that one file gives, however wide that is (`.prettierrc`).
 */

// Module
export { FeatureFlagsModule } from './feature-flags.module.js';
export type { FeatureFlagsModuleExtras } from './feature-flags.module-definition.js';
export type { FeatureFlagsModuleOptions, FeatureFlagsOptionsFactory, PollingOptions } from './feature-flags.options.js';
export type { SnapshotFileOptions } from './boot-snapshot.js';
export type { CacheOption } from './options/feature-flags.cache.js';
export type { GivenCache } from './caches/cache-manager/cache-manager-record-store.js';
export type { FlagsLogger } from './log/flags-logger.js';
export { POLLER_NAME } from './polling/definition-poller.js';

// Service
export { FlagsService } from './flags.service.js';
export { LocalFlags } from './local-flags.js';
export type { EvaluateOptions } from './evaluate-options.js';
export type { FlagsStatus } from './flags-status.js';
export type { HealthState } from './core/refresh/health.js';
export type { DocumentPlace } from './core/refresh/document-place.js';
export type { FleetIncompleteness, FleetInstance, FleetRevision, FleetView } from './core/fleet/fleet-view.js';
export type { Convergence, ConvergenceOptions } from './core/fleet/convergence.js';
export type { EvaluationContext } from './core/evaluation/evaluation-context.js';
export type { DecidedReason, EvaluationOrigin, EvaluationReason, FlagEvaluation, FlagValue, UnresolvedReason } from './core/evaluation/flag-evaluation.js';
export type { ConditionExplanation, ExplainOptions, FilterExplanation, FlagExplanation } from './core/evaluation/flag-explanation.js';

// Requests
export { FeatureFlag } from './request/feature-flag.decorator.js';
export { FlagEnabled, FlagPayload, FlagResult, FlagVariant } from './request/flag-parameters.js';
export { FeatureFlagGuard } from './request/feature-flag.guard.js';
export { FeatureFlagGuardParts } from './request/feature-flag-guard-parts.js';
export { FeatureDisabledException } from './request/feature-disabled.exception.js';
export { FeatureRedirectException } from './request/feature-redirect.exception.js';
export type { FlagExpression, Verdict } from './request/flag-expression.js';
export type { FeatureFlagOptions, FlagFallback, FlagRedirect, FlagRefusalFactory, FlagRequirement, SingleFlagOptions } from './request/flag-requirement.js';
export type { ContextResolver, EvaluationContextFunction, EvaluationContextResolver } from './request/evaluation-context-resolver.js';

// Overrides
export { signOverrides } from './core/overrides/sign-overrides.js';
export type { SignOverridesOptions } from './core/overrides/sign-overrides.js';
export type { FlagOverride, FlagOverrides } from './core/overrides/flag-overrides.js';
export type { UndoOverride } from './core/overrides/override-stack.js';
export type { SignedOverridesOptions } from './options/overrides.options.js';

// Sources and caches
export { PostHogDefinitionSource } from './posthog/posthog-definition-source.js';
export type { FetchFunction, PostHogDefinitionSourceOptions } from './posthog/posthog-definition-source.options.js';
export { FileDefinitionSource, type FileDefinitionSourceOptions } from './sources/file-definition-source.js';
export { StaticDefinitionSource } from './sources/static-definition-source.js';
export type { DefinitionSource, DefinitionSourceAnswer, DefinitionSourceRequest, FetchFailure, Unsubscribe } from './core/definitions/definition-source.js';
export type { CohortDefinition, ConditionGroup, FlagDefinition, FlagDefinitionCacheData } from './core/definitions/flag-definitions.js';
export type { FlagFilters, PropertyFilter, VariantDefinition } from './core/definitions/flag-definitions.js';
export { assertFlagDefinitionCacheProvider, type Awaitable, type FlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
export type { RecordBackend } from './core/cache/record-backend.js';
export type { SharedDefinitionCacheOptions } from './core/cache/create-shared-definition-cache.js';
export type { RecordCodec, RecordFacts } from './core/cache/codecs/record-codec.js';

// Remote evaluation
export { PostHogRemoteEvaluator } from './posthog/remote/posthog-remote-evaluator.js';
export type { PostHogRemoteEvaluatorOptions } from './posthog/remote/posthog-remote-evaluator.options.js';
export type { RemoteAnswer, RemoteEvaluator, RemoteFailure, RemoteFlag, RemoteQuestion } from './core/remote/remote-evaluator.js';
export type { FallbackCache, KnownAnswer } from './core/remote/fallback-cache.js';
export type { FallbackCacheOption, FallbackCacheSettings } from './options/feature-flags.remote.js';

// Exposures
export { PostHogExposureSender } from './posthog/exposures/posthog-exposure-sender.js';
export type { PostHogExposureSenderOptions } from './posthog/exposures/posthog-exposure-sender.options.js';
export { posthogSink } from './posthog/exposures/posthog-sink.js';
export type { PostHogCapture } from './posthog/exposures/posthog-sink.js';
export type { Exposure } from './core/exposure/exposure.js';
export type { ExposureError } from './core/remote/answer-facts.js';
export type { ExposureCounts, ExposureSink } from './core/exposure/exposure-sink.js';
export type { ExposureOption, ExposureOptions } from './options/feature-flags.exposures.js';

// Events and errors
export type { FlagsObserver } from './core/observe/flags-observer.js';
export type { CacheShutdownFailed, DefinitionIssuesFound, DefinitionsChanged, DefinitionsDoubted } from './core/observe/flags-event.js';
export type { DefinitionsRejected, FlagsEvent, HealthChanged, TurnFinished } from './core/observe/flags-event.js';
export type { DefinitionIssue } from './core/definitions/parse-definitions.js';
export type { CacheFailure, FetchRole, InstanceRole, RefreshOutcome, TurnResult } from './core/refresh/refresh-outcome.js';
export type { FlagsFailure, LastError } from './core/observe/flags-failure.js';
export type { CancelTimer, Clock, TimerOptions } from './core/time/clock.js';
export { FlagsError, isFlagsError, type FlagsErrorCode, type FlagsErrorFacts } from './core/errors/flags-error.js';
