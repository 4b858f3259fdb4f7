/**
 * The fetching half of a turn: ask the source, then publish what came, confirm what did not
 * change, or report the failure; and only then take it over. As the leader under a grant of the
 * cache, or solo, when the cache cannot grant anything: what was fetched solo is not published.
 */
import type { FinishVerdict, Grant, SharedState } from '../cache/definition-cache.js';
import { isRefusal } from '../cache/refused-record.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import { isOwnFailure } from '../definitions/failure-class.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { Clock } from '../time/clock.js';
import { backoffMs } from './backoff.js';
import type { BoundedCache } from './bounded-cache.js';
import type { BoundedSource } from './bounded-source.js';
import type { DefinitionHolder, Examined } from './definition-holder.js';
import type { TurnResult } from './refresh-outcome.js';
import type { RefreshSettings } from './refresh-settings.js';
import { SecondLook } from './second-look.js';

export interface FetchStepParts {
  readonly cache: BoundedCache;
  readonly source: BoundedSource;
  readonly holder: DefinitionHolder;
  readonly observer: FlagsObserver;
  readonly clock: Clock;
  readonly settings: RefreshSettings;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Under what right a fetch is made. */
type Right =
  | { readonly role: 'leader'; readonly grant: Grant; readonly shared: SharedState }
  | { readonly role: 'solo' };

/** So soon another is to try what has failed here. */
const SOON_MS = 1_000;

export class FetchStep {
  private failures = 0;
  private published = 0;
  /** What is held came from the source but did not reach the cache. */
  private unpublished = false;
  private readonly secondLook: SecondLook;

  constructor(private readonly parts: FetchStepParts) {
    this.secondLook = new SecondLook(parts);
  }

  /** Fetches of this instance that have failed in a row. */
  get failuresInARow(): number {
    return this.failures;
  }

  /** How many times this instance has published: what lies there then it can read. */
  get publications(): number {
    return this.published;
  }

  /** The shared content was read, or seen to be what is held. */
  sharedSeen(): void {
    this.unpublished = false;
    this.failures = 0;
  }

  /** How long to wait after a failure, in milliseconds. */
  delayAfter(failure: FetchFailure, failuresInARow = this.failures): number {
    const { intervalMs } = this.parts.settings;
    return backoffMs({ failure, failuresInARow, intervalMs, random: this.parts.random });
  }

  /** The same for an instance whose cache is away: nobody else tries for it. */
  delayAlone(failure: FetchFailure): number {
    const { settings, random } = this.parts;
    const { intervalMs } = settings;
    return backoffMs({ failure, failuresInARow: this.failures, intervalMs, random, alone: true });
  }

  async run(right: Right): Promise<TurnResult> {
    const { source, holder, clock, signal } = this.parts;
    const etag = etagFor(right) ?? holder.held?.etag;
    const askedAtMs = clock.monotonicMs();
    const answer = await source.fetch(etag);
    if (signal.aborted) return { kind: 'closed' };
    switch (answer.kind) {
      case 'definitions':
        return this.take(answer, askedAtMs, right);
      case 'not-modified':
        return this.confirm(etag, answer.etag, right);
      case 'failed':
        return this.fail(answer.failure, right);
    }
  }

  private async take(
    { body, etag: sentEtag }: { readonly body: unknown; readonly etag?: string },
    askedAtMs: number,
    right: Right,
  ): Promise<TurnResult> {
    const { holder } = this.parts;
    const sent = holder.examine(body, 'source');
    if (!sent.ok) return this.fail({ code: 'invalid-definitions', message: sent.message }, right);
    const sight = await this.secondLook.at({ document: sent, etag: sentEtag }, askedAtMs);
    if (this.parts.signal.aborted) return { kind: 'closed' };
    if (sight.kind === 'doubted') return this.fail(sight.failure, right);
    const { document: examined, etag } = sight;
    const { changed, definitions } = examined;
    const finished = await this.finish(examined, { etag, notModified: false }, right);
    if (this.parts.signal.aborted) return { kind: 'closed' };
    if (finished === 'fenced') return { kind: 'superseded' };
    this.failures = 0;
    holder.take(examined, { etag, revision: revisionOf(right, finished) });
    const revision = holder.held?.revision ?? 0;
    const published = finished === 'published' || finished === 'confirmed';
    const flagCount = definitions.flags.length;
    return { kind: 'fetched', role: right.role, revision, flagCount, changed, published };
  }

  private async confirm(
    sent: string | undefined,
    answered: string | undefined,
    right: Right,
  ): Promise<TurnResult> {
    const { holder, source } = this.parts;
    const { held } = holder;
    if (held === undefined || sent === undefined) {
      const message = `${source.description} answered "not modified" though no etag was sent; the next fetch asks again.`;
      return this.fail({ code: 'invalid-definitions', message }, right);
    }
    this.secondLook.forget();
    const etag = answered ?? sent;
    const { definitions, digest } = held;
    const content = { definitions, digest, changed: false };
    const finished = await this.finish(content, { etag, notModified: true }, right);
    if (this.parts.signal.aborted) return { kind: 'closed' };
    if (finished === 'fenced') return { kind: 'superseded' };
    this.failures = 0;
    holder.confirm({ etag, revision: revisionOf(right, finished) }, 'source');
    const revision = holder.held?.revision ?? held.revision;
    return { kind: 'confirmed', role: right.role, revision };
  }

  /** Tells the cache what the source has said; what it holds already is only confirmed. */
  private async finish(
    { definitions, digest, changed }: Omit<Examined, 'where'>,
    { etag, notModified }: { readonly etag: string | undefined; readonly notModified: boolean },
    right: Right,
  ): Promise<'published' | 'confirmed' | 'fenced' | 'failed' | 'solo'> {
    if (right.role === 'solo') {
      this.unpublished = this.unpublished || changed;
      return 'solo';
    }
    const { cache } = this.parts;
    const { grant } = right;
    const publication = { definitions, digest, etag };
    const { content } = right.shared;
    const known = !changed && !grant.mustPublish && !this.unpublished;
    let verdict: FinishVerdict | undefined;
    // A plain provider cannot say whether it has what we hold: a 200 is always stored.
    if (known && (content === 'same' || (content === 'unknown' && notModified))) {
      const confirmed = await cache.confirm(grant, publication);
      verdict = confirmed.ok ? confirmed.value : undefined;
      if (verdict === 'accepted') return 'confirmed';
      if (verdict === undefined) return 'failed';
    }
    if (verdict !== 'fenced') {
      const published = await cache.publish(grant, publication);
      this.unpublished = !published.ok;
      if (!published.ok) {
        if (isRefusal(published.code)) await this.giveUp(right);
        return 'failed';
      }
      verdict = published.value;
      if (verdict === 'accepted') this.published += 1;
    }
    return verdict === 'accepted' ? 'published' : 'fenced';
  }

  /** What cannot be encoded cannot be shared: each tries it once, and then one in an interval. */
  private async giveUp({ grant, shared }: Right & { role: 'leader' }): Promise<void> {
    const failures = (grant.failuresInARow ?? 0) + 1;
    // The first of a fleet that starts has not seen the others yet.
    const othersLeft = failures < Math.max(shared.instances ?? 1, 2);
    const nextDueMs = othersLeft ? SOON_MS : this.parts.settings.intervalMs;
    const message = 'The definitions cannot be published.';
    // Else the empty store would be mended at once, again and again.
    const failure = { code: 'invalid-definitions', message, retryAfterMs: nextDueMs } as const;
    await this.parts.cache.fail(grant, failure, nextDueMs);
  }

  private async fail(failure: FetchFailure, right: Right): Promise<TurnResult> {
    const { holder, cache, settings } = this.parts;
    this.failures += 1;
    if (failure.code === 'quota-exceeded') {
      // Kept, the etag would be answered by 304 after the quota's return: flags gone for good.
      holder.forgetEtag();
      if (settings.onQuotaExceeded === 'clear') holder.clear();
    }
    if (right.role === 'leader') {
      await cache.fail(right.grant, failure, this.nextDueAfter(failure, right));
    }
    return { kind: 'failed', role: right.role, failure };
  }

  /** Others are given their chance soon; when all have failed, the fleet backs off. */
  private nextDueAfter(failure: FetchFailure, { grant, shared }: Right & { role: 'leader' }) {
    const failures = (grant.failuresInARow ?? this.failures - 1) + 1;
    const othersLeft = failures < (shared.instances ?? 1);
    if (isOwnFailure(failure.code) && othersLeft) return SOON_MS;
    return this.delayAfter(failure, failures);
  }
}

/** The etag of the shared content serves only an instance that holds just that content. */
function etagFor(right: Right): string | undefined {
  if (right.role === 'solo' || right.shared.content !== 'same') return undefined;
  return right.grant.etag;
}

function revisionOf(
  right: Right,
  finished: 'published' | 'confirmed' | 'failed' | 'solo',
): number | undefined {
  if (right.role === 'solo') return undefined;
  return finished === 'confirmed' ? right.shared.revision : right.grant.token;
}
