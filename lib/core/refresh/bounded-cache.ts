/**
 * The cache as the cycle may call it: every call has a deadline and answers a value, whatever
 * the cache does (throw, reject, hang, answer nonsense). Each failure is noted for the outcome
 * of the turn.
 */
import type {
  CacheVerdict,
  DefinitionCache,
  FinishVerdict,
  Grant,
  HeldFacts,
  Publication,
  SharedDocument,
} from '../cache/definition-cache.js';
import type { Awaitable } from '../cache/flag-definition-cache-provider.js';
import type { FleetMember } from '../coordination/claim-store.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import { isFlagsError, type FlagsErrorCode } from '../errors/flags-error.js';
import { messageOf } from '../errors/message-of.js';
import type { Clock } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';
import type { CacheFailure } from './refresh-outcome.js';

export interface BoundedCacheParts {
  readonly cache: DefinitionCache;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends every wait but the one of `shutdown`. */
  readonly signal: AbortSignal;
}

type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FlagsErrorCode | undefined };

/** Members, where the cache knows them. */
type FleetAnswered =
  | { readonly ok: true; readonly value: readonly FleetMember[] | undefined }
  | { readonly ok: false; readonly message: string };

export class BoundedCache {
  private failures: CacheFailure[] = [];

  constructor(private readonly parts: BoundedCacheParts) {}

  get pace(): DefinitionCache['pace'] {
    return this.parts.cache.pace;
  }

  get readsOnly(): boolean {
    return this.parts.cache.readsOnly ?? false;
  }

  /** As a deadline that has passed names it. */
  private get name(): string {
    const { sharing } = this.parts.cache;
    return sharing === undefined
      ? 'The definition cache'
      : `The definition cache (${sharing.place})`;
  }

  check(facts: HeldFacts): Promise<Settled<CacheVerdict>> {
    return this.call('shouldFetch', (cache) => cache.check(facts));
  }

  read(): Promise<Settled<SharedDocument | undefined>> {
    return this.call('read', (cache) => cache.read());
  }

  publish(grant: Grant, publication: Publication): Promise<Settled<FinishVerdict>> {
    return this.call('publish', (cache) => cache.publish(grant, publication));
  }

  confirm(grant: Grant, publication: Publication): Promise<Settled<FinishVerdict>> {
    return this.call('confirm', (cache) => cache.confirm(grant, publication));
  }

  fail(grant: Grant, failure: FetchFailure, nextDueMs: number): Promise<Settled<void>> {
    return this.call('report-failure', (cache) => cache.fail(grant, failure, nextDueMs));
  }

  /** No step of a turn: how it fails is answered, and noted for no outcome. */
  async fleet(): Promise<FleetAnswered> {
    const { cache, clock, timeoutMs: ms, signal } = this.parts;
    const deadline = { clock, ms, signal, what: this.name };
    try {
      return { ok: true, value: await withDeadline(deadline, () => cache.fleet?.()) };
    } catch (cause) {
      return { ok: false, message: messageOf(cause) };
    }
  }

  async shutdown(): Promise<void> {
    const { cache, clock, timeoutMs: ms } = this.parts;
    await this.settle('shutdown', () =>
      withDeadline({ clock, ms, what: this.name }, () => cache.shutdown()),
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
    work: (cache: DefinitionCache) => Awaitable<T>,
  ): Promise<Settled<T>> {
    const { cache, clock, timeoutMs: ms, signal } = this.parts;
    return this.settle(step, () =>
      withDeadline({ clock, ms, signal, what: this.name }, () => work(cache)),
    );
  }

  private async settle<T>(step: CacheFailure['step'], work: () => Promise<T>): Promise<Settled<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (cause) {
      const message = messageOf(cause);
      this.failures.push({ step, message, cause });
      return { ok: false, code: isFlagsError(cause) ? cause.code : undefined };
    }
  }
}
