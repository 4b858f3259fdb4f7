/**
 * The cache of an app that shares with nobody: one process, one copy, always its own leader.
 * The default when no cache is configured.
 */
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { CacheSharing } from './cache-sharing.js';
import type { FlagDefinitionCacheProvider } from './flag-definition-cache-provider.js';

export class MemoryDefinitionCache implements FlagDefinitionCacheProvider {
  readonly sharing: CacheSharing;
  private definitions: FlagDefinitionCacheData | undefined;

  /** @param isConfigured whether an app has asked for it. */
  constructor(isConfigured = true) {
    this.sharing = { kind: 'none', place: 'memory', isConfigured };
  }

  getFlagDefinitions(): FlagDefinitionCacheData | undefined {
    return this.definitions;
  }

  shouldFetchFlagDefinitions(): boolean {
    return true;
  }

  onFlagDefinitionsReceived(definitions: FlagDefinitionCacheData): void {
    this.definitions = definitions;
  }

  onFlagDefinitionsConfirmed(): void {
    // The copy in memory has no expiry to renew.
  }

  shutdown(): void {
    this.definitions = undefined;
  }
}
