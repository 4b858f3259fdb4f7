/**
 * The reading half of a turn: takes over what the cache holds. What lies there and cannot be used
 * is confirmed by those who hold the same content and never read it, so who finds it asks for it
 * to be published anew, at most once in an interval.
 */
import type { SharedState } from '../cache/definition-cache.js';
import { isRefusal } from '../cache/refused-record.js';
import type { Clock } from '../time/clock.js';
import type { BoundedCache } from './bounded-cache.js';
import type { DefinitionHolder } from './definition-holder.js';
import type { FetchStep } from './fetch-step.js';
import type { TurnResult } from './refresh-outcome.js';

export interface ReadStepParts {
  readonly cache: BoundedCache;
  readonly holder: DefinitionHolder;
  readonly fetchStep: FetchStep;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

export class ReadStep {
  private unreadable = false;
  /** The record that was refused, until another was read or this instance has published. */
  private refused: { readonly revision: number | undefined; readonly after: number } | undefined;
  /** Revision of the record that lies there and is none, until another was read. */
  private spoiltRevision: number | undefined;
  private askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ReadStepParts) {}

  /** The last read has found something, or nothing at all, that it could not use. */
  get isUnreadable(): boolean {
    return this.unreadable;
  }

  /** A copy lies there, as far as is known, and is refused. */
  get isRefused(): boolean {
    return this.refused !== undefined && this.refused.after === this.parts.fetchStep.publications;
  }

  /**
   * The head names the content that is held, which is confirmed. Who has fetched it because the
   * copy was refused looks whether it can be read by now: a head alone does not say that.
   */
  async confirm(shared: SharedState): Promise<TurnResult> {
    const { holder, fetchStep } = this.parts;
    const { spoiltRevision, isRefused, refused } = this;
    holder.confirm({ ageMs: shared.ageMs, revision: shared.revision }, 'cache');
    fetchStep.sharedSeen();
    if (!isRefused) return { kind: 'unchanged', revision: holder.held?.revision ?? 0 };
    if (refused?.revision === shared.revision) return { kind: 'waiting', why: 'cache-rejected' };
    const result = await this.run(shared);
    // It holds the content: it asks nobody to publish for its sake a second time.
    if (this.isRefused) this.spoiltRevision = spoiltRevision;
    return result ?? { kind: 'waiting', why: 'cache-empty' };
  }

  /** The lowest revision that is of use here, to be told with the next check; 0 for any. */
  takeFloor(): number {
    const { clock, intervalMs } = this.parts;
    const nowMs = clock.monotonicMs();
    if (this.spoiltRevision === undefined || nowMs - this.askedAtMs < intervalMs) return 0;
    this.askedAtMs = nowMs;
    return this.spoiltRevision + 1;
  }

  /** Undefined when there is nothing at all. */
  async run({ revision: looked }: SharedState): Promise<TurnResult | undefined> {
    const { cache, holder, fetchStep, signal } = this.parts;
    const read = await cache.read();
    const document = read.ok && !signal.aborted ? read.value : undefined;
    const examined = document && holder.examine(document.document, 'cache', document.digest);
    if (document !== undefined && examined?.ok) {
      this.unreadable = false;
      this.refused = undefined;
      this.spoiltRevision = undefined;
      const etag = document.etag ?? (examined.changed ? undefined : holder.held?.etag);
      if (!holder.take(examined, { ...document, etag }))
        return { kind: 'waiting', why: 'cache-older' };
      fetchStep.sharedSeen();
      const revision = holder.held?.revision ?? 0;
      if (!examined.changed) return { kind: 'unchanged', revision };
      return { kind: 'read', revision, flagCount: examined.definitions.flags.length };
    }
    if (signal.aborted) return undefined;
    this.unreadable = !read.ok || document !== undefined;
    // A newer schema, or a codec that is unknown here, may be good for others.
    const isSpoilt = read.ok || read.code === 'foreign-value';
    this.spoiltRevision = isSpoilt ? looked : undefined;
    const isRefused = document !== undefined || (!read.ok && isRefusal(read.code));
    if (isRefused) this.refused = { revision: looked, after: fetchStep.publications };
    else if (read.ok) this.refused = undefined;
    if (holder.isCold) return undefined;
    if (isRefused) return { kind: 'waiting', why: 'cache-rejected' };
    return { kind: 'waiting', why: read.ok ? 'cache-empty' : 'cache-unavailable' };
  }
}
