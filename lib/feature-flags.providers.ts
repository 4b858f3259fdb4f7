/**
 * The composition root: the one file that constructs what the module is made of. Everything gets
 * what it needs; nothing looks anything up.
 */
import type { Provider, Type } from '@nestjs/common';
import { sharingOf } from './core/cache/cache-sharing.js';
import { isDefinitionCache } from './core/cache/definition-cache.js';
import { FleetWatch } from './core/fleet/fleet-watch.js';
import { OverdueTurn } from './core/refresh/overdue-turn.js';
import { RefreshCycle } from './core/refresh/refresh-cycle.js';
import { EvaluationChain } from './core/remote/evaluation-chain.js';
import { SnapshotStore } from './core/snapshot/snapshot-store.js';
import { systemClock } from './core/time/clock.js';
import type { Clock } from './core/time/clock.js';
import { DefinitionChanges } from './definition-changes.js';
import type { CachePlan } from './options/feature-flags.cache.js';
import { resolveOptions, type ResolvedOptions } from './options/feature-flags.resolved-options.js';
import {
  CLOCK,
  DEFINITION_CACHE,
  MODULE_OPTIONS,
  RESOLVED_OPTIONS,
} from './feature-flags.tokens.js';
import { exposureProviders } from './providers/exposures.providers.js';
import { FlagsEvents } from './flags.events.js';
import { FlagsHealth } from './flags.health.js';
import { FlagsLifecycle } from './flags.lifecycle.js';
import { FlagsLog } from './log/flags.log.js';
import { FlagsReadiness } from './flags.readiness.js';
import { FlagsService } from './flags.service.js';
import { LocalFlags } from './local-flags.js';
import { made } from './providers/made-provider.js';
import { overrideProviders } from './providers/overrides.providers.js';
import { requestProviders } from './providers/request.providers.js';
import { remoteProviders } from './providers/remote.providers.js';
import { safeLogger } from './log/safe-logger.js';
import { DefinitionPoller, type DefinitionPollerParts } from './polling/definition-poller.js';
import { schedulerRegistry } from './polling/scheduler-registry.js';
import { FallbackHandlers } from './request/fallback-handlers.js';
import { FeatureFlagGuardParts } from './request/feature-flag-guard-parts.js';
import { FeatureFlagGuard } from './request/feature-flag.guard.js';
import { RequestScopes } from './request/request-scopes.js';
import { RouteCheck } from './request/route-check.js';

type Registry = DefinitionPollerParts['registry'];
type OpenedCache = Awaited<ReturnType<CachePlan['open']>>;

const settings: Provider[] = [
  { provide: RESOLVED_OPTIONS, inject: [MODULE_OPTIONS], useFactory: resolveOptions },
  { provide: CLOCK, useValue: systemClock },
  { provide: DEFINITION_CACHE, inject: [RESOLVED_OPTIONS, CLOCK, FlagsLog], useFactory: openCache },
];

const definitions: Provider[] = [
  SnapshotStore,
  DefinitionChanges,
  made(FlagsLog, [RESOLVED_OPTIONS, CLOCK], ({ logger, source }: ResolvedOptions, clock: Clock) => {
    return new FlagsLog(safeLogger(logger), source.description, clock);
  }),
  made(
    FlagsEvents,
    [RESOLVED_OPTIONS, FlagsLog, DefinitionChanges],
    ({ observers }: ResolvedOptions, log: FlagsLog, changes: DefinitionChanges) =>
      new FlagsEvents([log, changes, ...observers], log),
  ),
  made(FlagsReadiness, [SnapshotStore, CLOCK], (store: SnapshotStore, clock: Clock) => {
    return new FlagsReadiness(store, clock);
  }),
  made(FlagsHealth, [RESOLVED_OPTIONS, RefreshCycle, CLOCK, FlagsEvents], healthFrom),
  made(
    RefreshCycle,
    [RESOLVED_OPTIONS, DEFINITION_CACHE, SnapshotStore, CLOCK, FlagsEvents],
    cycleOf,
  ),
  made(OverdueTurn, [RefreshCycle, CLOCK, FlagsEvents], overdueTurnFrom),
  made(
    FleetWatch,
    [RESOLVED_OPTIONS, DEFINITION_CACHE, SnapshotStore, CLOCK, RefreshCycle],
    fleetWatchOf,
  ),
  made(
    DefinitionPoller,
    [RESOLVED_OPTIONS, DEFINITION_CACHE, RefreshCycle, FlagsLog, CLOCK, schedulerRegistry],
    pollerOf,
  ),
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
    FleetWatch,
    FlagsHealth,
    EvaluationChain,
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
    fleet: FleetWatch,
    health: FlagsHealth,
    chain: EvaluationChain,
  ) =>
    new FlagsLifecycle({
      options,
      clock,
      cycle,
      poller,
      readiness,
      changes,
      routes,
      log,
      fleet,
      health,
      chain,
    }),
);

/** What the module consists of. */
export const flagsProviders: Provider[] = [
  ...settings,
  ...definitions,
  ...exposureProviders,
  ...remoteProviders,
  ...overrideProviders,
  ...requestProviders,
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

async function openCache(
  { cache, refresh, source: { identity } }: ResolvedOptions,
  clock: Clock,
  log: FlagsLog,
): Promise<OpenedCache> {
  const { intervalMs, jitter, checkMs, cacheTimeoutMs: commandTimeoutMs } = refresh;
  // A claim outlives the fetch and the publication that it is for.
  const leaseMs = refresh.fetchTimeoutMs + 2 * commandTimeoutMs;
  const times = { clock, random: Math.random, intervalMs, jitter, checkMs, leaseMs };
  const opened = await cache.open({ ...times, identity, commandTimeoutMs });
  const instance = isDefinitionCache(opened) ? opened.instance : undefined;
  log.cacheOpened(sharingOf(opened), refresh, instance);
  return opened;
}

function cycleOf(
  { source, refresh: settings, snapshotFile }: ResolvedOptions,
  cache: OpenedCache,
  store: SnapshotStore,
  clock: Clock,
  observer: FlagsEvents,
): RefreshCycle {
  return new RefreshCycle({ source, cache, store, clock, observer, settings, snapshotFile });
}

/** It hears of a turn before the log does, which then tells state and failure in one line. */
function healthFrom(
  options: ResolvedOptions,
  cycle: RefreshCycle,
  clock: Clock,
  events: FlagsEvents,
): FlagsHealth {
  const { initialLoadTimeoutMs, refresh } = options;
  const { intervalMs } = refresh;
  const parts = { cycle, clock, initialLoadTimeoutMs, intervalMs, observer: events };
  const health = new FlagsHealth(parts);
  events.addFirst(health);
  return health;
}

function overdueTurnFrom(cycle: RefreshCycle, clock: Clock, events: FlagsEvents): OverdueTurn {
  const overdue = new OverdueTurn({ cycle, clock });
  events.addFirst(overdue);
  return overdue;
}

function fleetWatchOf(
  { refresh: { cacheTimeoutMs: timeoutMs, checkMs } }: ResolvedOptions,
  opened: OpenedCache,
  store: SnapshotStore,
  clock: Clock,
  cycle: RefreshCycle,
): FleetWatch {
  const cache = isDefinitionCache(opened) ? opened : undefined;
  const { random } = Math;
  return new FleetWatch({ cache, store, cycle, clock, random, timeoutMs, checkMs });
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
  const onPushTrouble = log.pushTroubled.bind(log);
  const watched = [source, cache];
  return new DefinitionPoller({ cycle, clock, registry, watched, onWatchFailed, onPushTrouble });
}
