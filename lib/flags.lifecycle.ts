/**
 * The order of things: the first load holds up the start of the app, but not for long; then the
 * polling begins; at shutdown no turn is begun, the one in flight is ended, cache and source are
 * closed, and those who wait are told. Correctness does not depend on the last part.
 */
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { RefreshCycle } from './core/refresh/refresh-cycle.js';
import type { EvaluationChain } from './core/remote/evaluation-chain.js';
import type { FleetWatch } from './core/fleet/fleet-watch.js';
import type { Unsubscribe } from './core/definitions/definition-source.js';
import type { Clock } from './core/time/clock.js';
import { heldOpen, withDeadline } from './core/time/deadline.js';
import type { DefinitionChanges } from './definition-changes.js';
import type { ResolvedOptions } from './options/feature-flags.resolved-options.js';
import type { FlagsHealth } from './flags.health.js';
import type { FlagsLog } from './log/flags.log.js';
import type { FlagsReadiness } from './flags.readiness.js';
import type { DefinitionPoller } from './polling/definition-poller.js';
import type { RouteCheck } from './request/route-check.js';

export interface FlagsLifecycleParts {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly cycle: RefreshCycle;
  readonly poller: DefinitionPoller;
  readonly readiness: FlagsReadiness;
  readonly changes: DefinitionChanges;
  readonly fleet: FleetWatch;
  readonly chain: EvaluationChain;
  readonly routes: RouteCheck;
  readonly log: FlagsLog;
  readonly health: Pick<FlagsHealth, 'state'>;
}

export class FlagsLifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private stopWatchingRoutes: Unsubscribe = () => undefined;

  constructor(private readonly parts: FlagsLifecycleParts) {}

  /** Loads before the app's own hooks run, so that these can ask for flags. */
  async onModuleInit(): Promise<void> {
    const { options, clock, cycle, readiness, routes } = this.parts;
    await routes.connect();
    const ms = options.initialLoadTimeoutMs;
    // The app is not listening yet: nothing else may hold the process up while it loads.
    const deadline = { clock, ms, what: 'The first load', keepsAlive: true };
    // Too late is no error: the turn goes on, and the poller joins it.
    await withDeadline(deadline, () => cycle.turn()).catch(() => undefined);
    if (!readiness.isReady) return this.startWithLess(ms);
    void this.tryOutSnapshotFile();
  }

  /** With the snapshot file, or with nothing. */
  private async startWithLess(ms: number): Promise<void> {
    const { options, cycle, log, health } = this.parts;
    const booted = await cycle.boot();
    // The first load may have come while the file was read.
    if (booted.kind === 'none' && this.parts.readiness.isReady) return;
    const { lastOutcome } = cycle.status();
    const failure = lastOutcome?.kind === 'failed' ? lastOutcome.failure.message : undefined;
    const facts = { ms, failure, isPolling: options.polling.enabled };
    if (booted.kind === 'loaded') {
      const file = options.snapshotFile?.description ?? '';
      return log.startedFromSnapshot({ ...facts, ...booted, file, state: health.state() });
    }
    const refusal = booted.kind === 'refused' ? booted.message : undefined;
    log.startedWithoutDefinitions({ ...facts, refusal });
  }

  /** There is no need of it now: the day on which there is one is too late to learn that it is no use. */
  private async tryOutSnapshotFile(): Promise<void> {
    const { options, clock, log } = this.parts;
    const read = await options.snapshotFile?.read(clock.now());
    if (read?.ok === false) log.snapshotFileUseless(read.message);
  }

  onApplicationBootstrap(): void {
    const { options, poller, routes } = this.parts;
    this.stopWatchingRoutes = routes.watch();
    if (options.polling.enabled) poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    const { clock, poller, cycle, readiness, changes, fleet, chain } = this.parts;
    this.stopWatchingRoutes();
    readiness.close();
    fleet.close();
    // At once: closing the cycle is what ends a turn that hangs, for which the poller waits.
    const closing = (): Promise<unknown> =>
      Promise.all([poller.stop(), cycle.close(), chain.close()]);
    await heldOpen(clock, closing);
    changes.close();
  }
}
