/** Places for the contract of cache providers: a plain one, after PostHog's examples, and ours. */
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import {
  createPostHogCacheProvider,
  type PostHogCacheProviderOptions,
} from '../../lib/posthog-cache-provider.js';
import type { SharedDefinitionCacheOptions } from '../../lib/caches.js';
import type { FlagDefinitionCacheProvider } from '../../lib/index.js';
import type { ProviderPlace, RecordPlace } from '../../lib/testing.js';

/** Where nothing may run out while a case lasts, however busy the machine. */
export const patient = timesOf({ intervalMs: 120_000, requestTimeoutMs: 58_000 });
/** Where a case waits until an interval or a claim is over: long enough for what comes before. */
export const awaited = timesOf({ intervalMs: 40_000, requestTimeoutMs: 23_000 });
/** Where it does not matter what runs out. */
export const quick = timesOf({ intervalMs: 300, requestTimeoutMs: 100 });

/** How clients poll, and after how long another takes over: two seconds after a client's fetch. */
function timesOf(times: { readonly intervalMs: number; readonly requestTimeoutMs: number }) {
  const takeoverMs = times.requestTimeoutMs + 2_000;
  return { provider: { ...times, cacheTimeoutMs: 60_000 }, takeoverMs };
}

/** Our provider over records; the cache's own parts are what `composed` adds to them. */
export function postHogProviderPlace(
  place: RecordPlace,
  composed: Omit<SharedDefinitionCacheOptions, 'records'> = {},
  options: Partial<PostHogCacheProviderOptions> = {},
): ProviderPlace {
  const providers: FlagDefinitionCacheProvider[] = [];
  return {
    // Its hooks, but not its handles and its end.
    ...place,
    another: async () => {
      const cache = { ...composed, records: await place.another() };
      const provider = await createPostHogCacheProvider(cache, {
        projectApiKey: 'phc_contract',
        ...options,
      });
      providers.push(provider);
      return provider;
    },
    close: async () => {
      const shut = Promise.all(providers.map(async (provider) => provider.shutdown()));
      // Its deadline, where time is in hand.
      await place.advanceMs?.(5_000);
      await shut;
      await place.close();
    },
  };
}

/** What clients share that live in one process, in the spirit of PostHog's examples. */
export interface PlainShare {
  stored: string | undefined;
  lock: { readonly owner: PlainProvider; readonly endsAtMs: number } | undefined;
  nowMs: number;
  readonly watchers: Set<{ readonly onChanged: () => void }>;
}

const LOCK_MS = 60_000;

/** Four methods, one lock with an owner, JSON. Sync where it can be. */
export class PlainProvider implements FlagDefinitionCacheProvider {
  constructor(protected readonly share: PlainShare) {}

  getFlagDefinitions(): FlagDefinitionCacheData | undefined {
    const { stored } = this.share;
    return stored === undefined ? undefined : (JSON.parse(stored) as FlagDefinitionCacheData);
  }

  shouldFetchFlagDefinitions(): boolean {
    const { lock, nowMs } = this.share;
    if (lock !== undefined && lock.owner !== this && lock.endsAtMs > nowMs) return false;
    this.share.lock = { owner: this, endsAtMs: nowMs + LOCK_MS };
    return true;
  }

  async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
    this.share.stored = JSON.stringify(data);
  }

  shutdown(): void {
    if (this.share.lock?.owner === this) this.share.lock = undefined;
  }
}

/** The same with the optional methods. */
export class RichProvider extends PlainProvider {
  watch(onChanged: () => void): () => void {
    const watcher = { onChanged };
    this.share.watchers.add(watcher);
    return () => void this.share.watchers.delete(watcher);
  }

  override async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
    await super.onFlagDefinitionsReceived(data);
    for (const { onChanged } of this.share.watchers) onChanged();
  }

  onFlagDefinitionsConfirmed(): void {
    // Nothing expires here.
  }

  onFetchFailed(): void {
    this.shutdown();
  }
}

export function plainPlace(
  make: (share: PlainShare) => FlagDefinitionCacheProvider = (share) => new PlainProvider(share),
): ProviderPlace {
  const share: PlainShare = { stored: undefined, lock: undefined, nowMs: 0, watchers: new Set() };
  return {
    another: () => make(share),
    close: () => undefined,
    advanceMs: (ms) => void (share.nowMs += ms),
  };
}

/** What a plain provider does not promise, or cannot be asked here. */
export const plainLacks = {
  ordered: 'it writes without looking at what is there',
  bounded: 'nothing can hang in memory',
} as const;
