/**
 * The composition root: the one file that constructs what the module is made of. Everything gets
 * what it needs; nothing looks anything up.
 */
import type { FactoryProvider, Provider, Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  MetadataScanner,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { fanOut } from './core/observe/flags-observer.js';
import { RefreshCycle } from './core/refresh/refresh-cycle.js';
import { SnapshotStore } from './core/snapshot/snapshot-store.js';
import { systemClock } from './core/time/clock.js';
import type { Clock } from './core/time/clock.js';
import { DefinitionChanges } from './definition-changes.js';
import type { CachePlan } from './feature-flags.cache.js';
import { resolveOptions } from './feature-flags.resolved-options.js';
import type { ResolvedOptions } from './feature-flags.resolved-options.js';
import {
  CLOCK,
  DEFINITION_CACHE,
  MODULE_OPTIONS,
  REQUEST_ENHANCERS,
  RESOLVED_OPTIONS,
} from './feature-flags.tokens.js';
import { FlagsHealth } from './flags.health.js';
import { FlagsLifecycle } from './flags.lifecycle.js';
import { FlagsLog } from './flags.log.js';
import { FlagsReadiness } from './flags.readiness.js';
import { FlagsService } from './flags.service.js';
import { LocalFlags } from './local-flags.js';
import { safeLogger } from './safe-logger.js';
import { DefinitionPoller } from './polling/definition-poller.js';
import type { DefinitionPollerParts } from './polling/definition-poller.js';
import { schedulerRegistry } from './polling/scheduler-registry.js';
import { FallbackHandlers } from './request/fallback-handlers.js';
import { FeatureFlagGuardParts } from './request/feature-flag-guard-parts.js';
import { FeatureFlagGuard } from './request/feature-flag.guard.js';
import { RequestContexts } from './request/request-contexts.js';
import { RequestScopeGuard } from './request/request-scope.guard.js';
import { RequestScopeInterceptor } from './request/request-scope.interceptor.js';
import { RequestScopes } from './request/request-scopes.js';
import { RequestLog } from './request/request.log.js';
import { RouteCheck } from './request/route-check.js';

type Registry = DefinitionPollerParts['registry'];
type OpenedCache = Awaited<ReturnType<CachePlan['open']>>;

const settings: Provider[] = [
  { provide: RESOLVED_OPTIONS, inject: [MODULE_OPTIONS], useFactory: resolveOptions },
  { provide: CLOCK, useValue: systemClock },
  { provide: DEFINITION_CACHE, inject: [RESOLVED_OPTIONS, CLOCK], useFactory: openCache },
];

const definitions: Provider[] = [
  SnapshotStore,
  DefinitionChanges,
  made(FlagsLog, [RESOLVED_OPTIONS], ({ logger, source }: ResolvedOptions) => {
    return new FlagsLog(safeLogger(logger), source.description);
  }),
  made(FlagsReadiness, [SnapshotStore, CLOCK], (store: SnapshotStore, clock: Clock) => {
    return new FlagsReadiness(store, clock);
  }),
  made(FlagsHealth, [RESOLVED_OPTIONS, RefreshCycle, CLOCK], healthFrom),
  made(
    RefreshCycle,
    [RESOLVED_OPTIONS, DEFINITION_CACHE, SnapshotStore, CLOCK, FlagsLog, DefinitionChanges],
    cycleOf,
  ),
  made(
    DefinitionPoller,
    [RESOLVED_OPTIONS, DEFINITION_CACHE, RefreshCycle, FlagsLog, CLOCK, schedulerRegistry],
    pollerOf,
  ),
];

const requests: Provider[] = [
  made(RequestLog, [RESOLVED_OPTIONS, CLOCK], ({ logger }: ResolvedOptions, clock: Clock) => {
    return new RequestLog(safeLogger(logger), clock);
  }),
  made(RequestContexts, [RESOLVED_OPTIONS], ({ context }: ResolvedOptions) => {
    return new RequestContexts(context);
  }),
  made(
    RequestScopes,
    [SnapshotStore, RequestContexts, RequestLog],
    (store: SnapshotStore, contexts: RequestContexts, log: RequestLog) =>
      new RequestScopes({ store, contexts, log }),
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

const lifecycle = made(
  FlagsLifecycle,
  [
    RESOLVED_OPTIONS,
    CLOCK,
    RefreshCycle,
    DefinitionPoller,
    FlagsReadiness,
    DefinitionChanges,
    RouteCheck,
    FlagsLog,
  ],
  (
    options: ResolvedOptions,
    clock: Clock,
    cycle: RefreshCycle,
    poller: DefinitionPoller,
    readiness: FlagsReadiness,
    changes: DefinitionChanges,
    routes: RouteCheck,
    log: FlagsLog,
  ) => new FlagsLifecycle({ options, clock, cycle, poller, readiness, changes, routes, log }),
);

/** What the module consists of. */
export const flagsProviders: Provider[] = [
  ...settings,
  ...definitions,
  ...requests,
  LocalFlags,
  FlagsService,
  lifecycle,
];

/**
 * What other modules may inject. Beside the service: what the decorators need in the modules in
 * which they are used.
 */
export const exportedProviders: Type<unknown>[] = [
  FlagsService,
  FeatureFlagGuard,
  FeatureFlagGuardParts,
  RequestScopes,
  FallbackHandlers,
];

function made<T>(
  provide: Type<T> | (abstract new (...args: never[]) => T),
  inject: FactoryProvider['inject'],
  useFactory: (...args: never[]) => T,
): Provider {
  return { provide, inject, useFactory } as FactoryProvider<T>;
}

function openCache(
  { cache, refresh, source: { identity } }: ResolvedOptions,
  clock: Clock,
): Promise<OpenedCache> {
  const { intervalMs, jitter, checkMs, cacheTimeoutMs: commandTimeoutMs } = refresh;
  // A claim outlives the fetch and the publication that it is for.
  const leaseMs = refresh.fetchTimeoutMs + 2 * commandTimeoutMs;
  const times = { clock, random: Math.random, intervalMs, jitter, checkMs, leaseMs };
  return cache.open({ ...times, identity, commandTimeoutMs });
}

function cycleOf(
  { source, refresh: settings, observers }: ResolvedOptions,
  cache: OpenedCache,
  store: SnapshotStore,
  clock: Clock,
  log: FlagsLog,
  changes: DefinitionChanges,
): RefreshCycle {
  const observer = fanOut([log, changes, ...observers], (failed, error) =>
    log.observerFailed(failed, error),
  );
  return new RefreshCycle({ source, cache, store, clock, observer, settings });
}

function healthFrom(options: ResolvedOptions, cycle: RefreshCycle, clock: Clock): FlagsHealth {
  const { initialLoadTimeoutMs, refresh } = options;
  return new FlagsHealth({ cycle, clock, initialLoadTimeoutMs, intervalMs: refresh.intervalMs });
}

function pollerOf(
  { source }: ResolvedOptions,
  cache: OpenedCache,
  cycle: RefreshCycle,
  log: FlagsLog,
  clock: Clock,
  registry?: Registry,
): DefinitionPoller {
  const onWatchFailed = (error: unknown): void => log.watchFailed(error);
  return new DefinitionPoller({ cycle, clock, registry, watched: [source, cache], onWatchFailed });
}

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
