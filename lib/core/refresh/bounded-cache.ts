/**
 * The cache provider as the cycle may call it: every call has a deadline and answers a value,
 * whatever the provider does (throw, reject, hang, answer nonsense). Each failure is noted for
 * the outcome of the turn.
 */
import type {
  Awaitable,
  FlagDefinitionCacheProvider,
} from '../cache/flag-definition-cache-provider.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { Clock } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';
import type { CacheFailure } from './refresh-outcome.js';

export interface BoundedCacheParts {
  readonly provider: FlagDefinitionCacheProvider;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends every wait but the one of `shutdown`. */
  readonly signal: AbortSignal;
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

export class BoundedCache {
  private failures: CacheFailure[] = [];

  constructor(private readonly parts: BoundedCacheParts) {}

  shouldFetch(): Promise<Settled<boolean>> {
    return this.call('shouldFetch', (provider) => provider.shouldFetchFlagDefinitions());
  }

  /** The shared document, not yet checked. */
  read(): Promise<Settled<unknown>> {
    return this.call<unknown>('read', (provider) => provider.getFlagDefinitions());
  }

  async publish(definitions: FlagDefinitionCacheData): Promise<boolean> {
    const published = await this.call('publish', (provider) =>
      provider.onFlagDefinitionsReceived(definitions),
    );
    return published.ok;
  }

  /**
   * Renews the shared copy after the source has confirmed it. A provider that cannot renew gets
   * the same definitions once more, so that its copy does not expire on a quiet project.
   */
  async confirm(definitions: FlagDefinitionCacheData): Promise<boolean> {
    if (this.parts.provider.onFlagDefinitionsConfirmed === undefined) {
      return this.publish(definitions);
    }
    const confirmed = await this.call('confirm', (provider) =>
      provider.onFlagDefinitionsConfirmed?.(),
    );
    return confirmed.ok;
  }

  async reportFailure(failure: FetchFailure): Promise<void> {
    await this.call('report-failure', (provider) => provider.onFetchFailed?.(failure));
  }

  async shutdown(): Promise<void> {
    const { provider, clock, timeoutMs: ms } = this.parts;
    await this.settle('shutdown', () =>
      withDeadline({ clock, ms, what: 'The cache (shutdown)' }, () => provider.shutdown()),
    );
  }

  /** The failures since the last time they were taken. */
  takeFailures(): readonly CacheFailure[] {
    const taken = this.failures;
    this.failures = [];
    return taken;
  }

  private call<T>(
    step: CacheFailure['step'],
    work: (provider: FlagDefinitionCacheProvider) => Awaitable<T>,
  ): Promise<Settled<T>> {
    const { provider, clock, timeoutMs: ms, signal } = this.parts;
    return this.settle(step, () =>
      withDeadline({ clock, ms, signal, what: `The cache (${step})` }, () => work(provider)),
    );
  }

  private async settle<T>(step: CacheFailure['step'], work: () => Promise<T>): Promise<Settled<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.failures.push({ step, message, cause });
      return { ok: false };
    }
  }
}
