/**
 * A provider with PostHog's four methods, seen as a {@link DefinitionCache}. It has no revision,
 * no head and no age: whether the shared content has moved only a read can tell, and a
 * publication is accepted whenever the provider takes it.
 */
import type { FetchFailure, Unsubscribe } from '../definitions/definition-source.js';
import type {
  CacheVerdict,
  DefinitionCache,
  FinishVerdict,
  Grant,
  Publication,
  SharedDocument,
  SharedState,
} from './definition-cache.js';
import type { Awaitable, FlagDefinitionCacheProvider } from './flag-definition-cache-provider.js';

const unknownState: SharedState = {
  content: 'unknown',
  revision: undefined,
  token: undefined,
  verifiedToken: undefined,
  ageMs: undefined,
  dueInMs: undefined,
  instances: undefined,
};

const plainGrant: Grant = {
  token: undefined,
  etag: undefined,
  mustPublish: false,
  failuresInARow: undefined,
};

export class ProviderCache implements DefinitionCache {
  readonly pace = 'interval';

  constructor(private readonly provider: FlagDefinitionCacheProvider) {}

  async check(): Promise<CacheVerdict> {
    const lead = await this.provider.shouldFetchFlagDefinitions();
    if (!lead) return { kind: 'follow', shared: unknownState };
    return { kind: 'lead', grant: plainGrant, shared: unknownState };
  }

  async read(): Promise<SharedDocument | undefined> {
    const document = await this.provider.getFlagDefinitions();
    return document === undefined || document === null ? undefined : { document };
  }

  async publish(_grant: Grant, { definitions }: Publication): Promise<FinishVerdict> {
    await this.provider.onFlagDefinitionsReceived(definitions);
    return 'accepted';
  }

  /**
   * Renews the shared copy after the source has confirmed it. A provider that cannot renew gets
   * the same definitions once more, so that its copy does not expire on a quiet project.
   */
  async confirm(grant: Grant, publication: Publication): Promise<FinishVerdict> {
    if (this.provider.onFlagDefinitionsConfirmed === undefined) {
      return this.publish(grant, publication);
    }
    await this.provider.onFlagDefinitionsConfirmed();
    return 'accepted';
  }

  async fail(_grant: Grant, failure: FetchFailure): Promise<void> {
    await this.provider.onFetchFailed?.(failure);
  }

  watch(onChanged: () => void): Unsubscribe {
    return this.provider.watch?.(onChanged) ?? (() => undefined);
  }

  shutdown(): Awaitable<void> {
    return this.provider.shutdown();
  }
}
