/**
 * What a fallback cache gives and takes, so that it can do no harm: each call has a deadline, a
 * failure is told once until it works again, and an answer is served only while it may be.
 */
import type { Clock } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';
import type { FallbackCache, FallbackSettings, KnownAnswer } from './fallback-cache.js';

export interface LastKnownParts {
  readonly cache: FallbackCache;
  readonly settings: FallbackSettings;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Told at the first failure, and again when the cache works. */
  readonly onTrouble: (trouble: FallbackTrouble) => void;
}

export type FallbackTrouble =
  { readonly kind: 'failed'; readonly doing: string; readonly error: unknown } | { readonly kind: 'recovered' }; // prettier-ignore

/** For whom, under which definitions, and how old answers may be. */
export interface AnswerLimits {
  readonly person: string;
  /** Undefined when no definitions are loaded: then those of any will do. */
  readonly digest: string | undefined;
  readonly oldestMs: number;
}

const nothing: ReadonlyMap<string, KnownAnswer> = new Map();

export class LastKnown {
  private isInTrouble = false;
  private isClosed = false;
  private forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: LastKnownParts) {}

  get settings(): FallbackSettings {
    return this.parts.settings;
  }

  /** Never rejects; what cannot be had is missing. */
  async read(
    keys: readonly string[],
    { person, digest, oldestMs }: AnswerLimits,
  ): Promise<ReadonlyMap<string, KnownAnswer>> {
    const { cache, clock } = this.parts;
    const nowMs = clock.now();
    const isUsable = (key: string, answer: KnownAnswer): boolean =>
      answer.key === key &&
      answer.answeredAt > this.forgottenAt &&
      (typeof answer.value === 'boolean' || typeof answer.value === 'string') &&
      (digest === undefined || answer.digest === digest) &&
      // Not by the difference alone: a clock that is ahead must not make answers live for ever.
      Math.abs(nowMs - answer.answeredAt) <= oldestMs;
    // Within the attempt: a cache that is given may answer anything.
    const found = await this.attempt('reading', async () => {
      const known = await cache.read(person, keys);
      return new Map([...known].filter(([key, answer]) => isUsable(key, answer)));
    });
    return found ?? nothing;
  }

  /** Never rejects. */
  async write(person: string, answers: readonly KnownAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    await this.attempt('writing', () => this.parts.cache.write(person, answers));
  }

  /** Never rejects. What cannot be deleted is not served any more, either. */
  async clear(): Promise<void> {
    this.forgottenAt = this.parts.clock.now();
    await this.attempt('clearing', () => this.parts.cache.clear());
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.isClosed = true;
    // Nobody reads it any more: that it could not be closed is nobody's trouble.
    await Promise.resolve()
      .then(() => this.parts.cache.close?.())
      .catch(() => undefined);
  }

  private async attempt<T>(doing: string, work: () => T | PromiseLike<T>): Promise<T | undefined> {
    const { clock, timeoutMs: ms, cache, onTrouble } = this.parts;
    if (this.isClosed) return undefined;
    try {
      const what = `The fallback cache (${cache.description})`;
      const result = await withDeadline({ clock, ms, what }, work);
      if (this.isInTrouble) onTrouble({ kind: 'recovered' });
      this.isInTrouble = false;
      return result;
    } catch (error) {
      // The end of the app is no trouble.
      if (this.isClosed) return undefined;
      if (!this.isInTrouble) onTrouble({ kind: 'failed', doing, error });
      this.isInTrouble = true;
      return undefined;
    }
  }
}
