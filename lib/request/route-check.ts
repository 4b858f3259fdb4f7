/**
 * What can be checked before the first request: the app's context resolver exists, fallback
 * handlers can be served, routes name flags that exist, and somebody says who asks.
 */
import { DiscoveryService, MetadataScanner, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { Unsubscribe } from '../core/definitions/definition-source.js';
import type { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import type { FallbackHandlers } from './fallback-handlers.js';
import { findGuardedRoutes } from './guarded-routes.js';
import type { FlagUse } from './guarded-routes.js';
import type { RequestContexts } from './request-contexts.js';
import type { RequestLog } from './request.log.js';
import { watchUnknownFlags } from './unknown-flag-watch.js';

export interface RouteCheckParts {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  readonly moduleRef: ModuleRef;
  readonly modules: ModulesContainer;
  readonly contexts: RequestContexts;
  readonly fallbacks: FallbackHandlers;
  readonly store: SnapshotStore;
  readonly log: RequestLog;
  /** Where the definitions come from, as the source describes itself. */
  readonly source: string;
}

export class RouteCheck {
  private uses: readonly FlagUse[] = [];

  constructor(private readonly parts: RouteCheckParts) {}

  /**
   * Gets ready what requests need.
   * @throws FlagsError `invalid-options` when the app could not be served safely.
   */
  async connect(): Promise<void> {
    const { discovery, scanner, moduleRef, modules, contexts, fallbacks, log } = this.parts;
    await contexts.connect(moduleRef, modules);
    const { uses, hasFallbacks } = findGuardedRoutes(discovery, scanner);
    this.uses = uses;
    if (hasFallbacks) await fallbacks.prepare();
    const [first] = uses;
    if (first !== undefined && !contexts.isConfigured) log.resolverMissing(first.place);
  }

  /** Tells of routes whose flag does not exist, now and whenever the definitions change. */
  watch(): Unsubscribe {
    const { store, log, source } = this.parts;
    return watchUnknownFlags(this.uses, { store, log, source });
  }
}
