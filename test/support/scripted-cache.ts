/**
 * A cache provider with PostHog's four methods, whose every step a test can replace. As it comes
 * it keeps one document and lets its instance lead or follow as `leads` says.
 */
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { FlagDefinitionCacheProvider } from '../../lib/core/cache/flag-definition-cache-provider.js';

export class ScriptedCache implements FlagDefinitionCacheProvider {
  leads = true;
  stored: FlagDefinitionCacheData | undefined;
  readonly calls: string[] = [];
  /** Replaces what a step does: throw, hang, answer nonsense. */
  readonly faults: Partial<Record<'should' | 'read' | 'store' | 'shutdown', () => unknown>> = {};

  getFlagDefinitions() {
    this.calls.push('read');
    const { read } = this.faults;
    return (read === undefined ? this.stored : read()) as FlagDefinitionCacheData | undefined;
  }

  shouldFetchFlagDefinitions() {
    this.calls.push('should');
    const { should } = this.faults;
    return (should === undefined ? this.leads : should()) as boolean;
  }

  onFlagDefinitionsReceived(data: FlagDefinitionCacheData) {
    this.calls.push('store');
    const { store } = this.faults;
    if (store !== undefined) return store() as void;
    this.stored = structuredClone(data);
  }

  shutdown() {
    this.calls.push('shutdown');
    return this.faults.shutdown?.() as void;
  }
}
