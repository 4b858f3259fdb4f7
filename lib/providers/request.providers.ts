/** What serves requests, and what guards and decorators need; nothing of core is made here. */
import type { Provider } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  MetadataScanner,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import type { Exposures } from '../core/exposure/exposures.js';
import { EvaluationChain } from '../core/remote/evaluation-chain.js';
import { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import type { Clock } from '../core/time/clock.js';
import type { ResolvedOptions } from '../options/feature-flags.resolved-options.js';
import { CLOCK, EXPOSURES, REQUEST_ENHANCERS, RESOLVED_OPTIONS } from '../feature-flags.tokens.js';
import { made } from './made-provider.js';
import { FallbackHandlers } from '../request/fallback-handlers.js';
import { FeatureFlagGuardParts } from '../request/feature-flag-guard-parts.js';
import { FeatureFlagGuard } from '../request/feature-flag.guard.js';
import { RequestContexts } from '../request/request-contexts.js';
import { RequestOverrides } from '../request/request-overrides.js';
import { RequestScopeGuard } from '../request/request-scope.guard.js';
import { RequestScopeInterceptor } from '../request/request-scope.interceptor.js';
import { RequestScopes } from '../request/request-scopes.js';
import { RequestLog } from '../request/request.log.js';
import { RouteCheck } from '../request/route-check.js';
import { safeLogger } from '../log/safe-logger.js';

export const requestProviders: Provider[] = [
  made(RequestLog, [RESOLVED_OPTIONS, CLOCK], ({ logger }: ResolvedOptions, clock: Clock) => {
    return new RequestLog(safeLogger(logger), clock);
  }),
  made(RequestContexts, [RESOLVED_OPTIONS], ({ context }: ResolvedOptions) => {
    return new RequestContexts(context);
  }),
  made(
    RequestScopes,
    [SnapshotStore, RequestContexts, RequestLog, EvaluationChain, RequestOverrides, EXPOSURES],
    (
      store: SnapshotStore,
      contexts: RequestContexts,
      log: RequestLog,
      chain: EvaluationChain,
      overrides: RequestOverrides,
      exposures: Exposures | undefined,
    ) => new RequestScopes({ store, contexts, log, chain, overrides, exposures }),
  ),
  {
    provide: REQUEST_ENHANCERS,
    inject: [ApplicationConfig, RequestScopes, RequestContexts, RESOLVED_OPTIONS],
    useFactory: putFirst,
  },
  made(
    RouteCheck,
    [
      DiscoveryService,
      MetadataScanner,
      ModuleRef,
      ModulesContainer,
      RequestContexts,
      FallbackHandlers,
      SnapshotStore,
      RequestLog,
      RESOLVED_OPTIONS,
    ],
    (
      discovery: DiscoveryService,
      scanner: MetadataScanner,
      moduleRef: ModuleRef,
      modules: ModulesContainer,
      contexts: RequestContexts,
      fallbacks: FallbackHandlers,
      store: SnapshotStore,
      log: RequestLog,
      { source: { description: source } }: ResolvedOptions,
    ) =>
      new RouteCheck({
        discovery,
        scanner,
        moduleRef,
        modules,
        contexts,
        fallbacks,
        store,
        log,
        source,
      }),
  ),
  FallbackHandlers,
  FeatureFlagGuardParts,
  FeatureFlagGuard,
];

/**
 * Before the guards and interceptors that the app provides: those are added when all providers
 * exist, so what is added while they are created comes first.
 */
function putFirst(
  config: ApplicationConfig,
  scopes: RequestScopes,
  contexts: RequestContexts,
  { contextTiming }: ResolvedOptions,
): true {
  config.addGlobalGuard(new RequestScopeGuard(scopes, contextTiming));
  if (contexts.isWaitedFor) config.addGlobalInterceptor(new RequestScopeInterceptor(scopes));
  return true;
}
