/**
 * How `posthog-node` 5.70 loads definitions with a cache provider, as a model: a provider that
 * throws counts as permission to fetch; a follower reads; one that finds nothing fetches without
 * storing; the etag is the process's own; no call of a provider has a deadline; and the next load
 * is planned when the one before has ended.
 */
import type { FlagDefinitionCacheProvider } from '../../../lib/core/cache/flag-definition-cache-provider.js';
import type { DefinitionSource } from '../../../lib/core/definitions/definition-source.js';
import type { FlagDefinitionCacheData } from '../../../lib/core/definitions/flag-definitions.js';
import type { Clock } from '../../../lib/core/time/clock.js';

export interface PosthogPollerParts {
  readonly provider: FlagDefinitionCacheProvider;
  readonly source: DefinitionSource;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly onApplied: (definitions: FlagDefinitionCacheData) => void;
  readonly onLoaded: (outcome: string) => void;
}

const LONGEST_BACKOFF_MS = 60_000;
const SHUTDOWN_MS = 30_000;

export class PosthogPoller {
  private etag: string | undefined;
  private loadedOnce = false;
  private failures = 0;
  private isShutDown = false;
  private cancelTimer = (): void => undefined;

  constructor(private readonly parts: PosthogPollerParts) {}

  start(): void {
    void this.poll();
  }

  async shutdown(): Promise<void> {
    const { clock, provider } = this.parts;
    this.isShutDown = true;
    this.cancelTimer();
    const timeout = new Promise<void>((resolve) => {
      clock.setTimer(SHUTDOWN_MS, resolve);
    });
    await Promise.race([provider.shutdown(), timeout]).catch(() => undefined);
  }

  private async poll(): Promise<void> {
    const { clock, intervalMs, onLoaded } = this.parts;
    onLoaded(await this.load());
    if (this.isShutDown) return;
    const delayMs =
      this.failures === 0 ? intervalMs : Math.min(LONGEST_BACKOFF_MS, intervalMs * 2 ** this.failures); // prettier-ignore
    this.cancelTimer = clock.setTimer(delayMs, () => void this.poll());
  }

  private async load(): Promise<string> {
    const mayStore = await this.decides();
    if (!mayStore) {
      const shared = await this.read();
      if (shared !== undefined) {
        this.apply(shared);
        return 'read';
      }
      if (this.loadedOnce) return 'kept';
    }
    return this.fetch(mayStore);
  }

  private async decides(): Promise<boolean> {
    try {
      return await this.parts.provider.shouldFetchFlagDefinitions();
    } catch {
      return true;
    }
  }

  private async read(): Promise<FlagDefinitionCacheData | undefined> {
    try {
      return (await this.parts.provider.getFlagDefinitions()) ?? undefined;
    } catch {
      return undefined;
    }
  }

  private async fetch(mayStore: boolean): Promise<string> {
    const { source, provider } = this.parts;
    const { etag } = this;
    const { signal } = new AbortController();
    const answer = await source.fetch({ signal, ...(etag === undefined ? {} : { etag }) });
    this.failures = answer.kind === 'failed' ? this.failures + 1 : 0;
    if (answer.kind === 'failed') return `failed:${answer.failure.code}`;
    if (answer.kind === 'not-modified') return 'not-modified';
    const definitions = answer.body as FlagDefinitionCacheData;
    if (!Array.isArray((definitions as { flags?: unknown } | null)?.flags)) return 'failed:invalid';
    this.etag = answer.etag;
    this.apply(definitions);
    if (mayStore) {
      await Promise.resolve(provider.onFlagDefinitionsReceived(definitions)).catch(() => undefined);
    }
    return 'fetched';
  }

  private apply(definitions: FlagDefinitionCacheData): void {
    this.loadedOnce = true;
    this.parts.onApplied(definitions);
  }
}
