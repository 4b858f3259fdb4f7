/**
 * What looks like a mistake of the source counts only when it was seen twice: the source is asked
 * again, unconditionally, after a short pause. The same answer is believed; another one, in which
 * nothing looks wrong, is believed in its place; anything else leaves the doubt open, and the next
 * turn is the second look. Both fetches together take no longer than one may, so that a claim
 * outlives them. It does not judge a first load: there is nothing to compare it with
 * but perhaps a file that is much older.
 */
import type { FetchFailure } from '../definitions/definition-source.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { Clock } from '../time/clock.js';
import { pause } from '../time/deadline.js';
import type { BoundedSource } from './bounded-source.js';
import type { DefinitionHolder, Examined } from './definition-holder.js';
import { doubtOf, type Doubt } from './doubt.js';
import type { RefreshSettings } from './refresh-settings.js';

export interface SecondLookParts {
  readonly source: BoundedSource;
  readonly holder: DefinitionHolder;
  readonly observer: FlagsObserver;
  readonly clock: Clock;
  readonly settings: RefreshSettings;
  readonly random: () => number;
  /** Ends the pause. */
  readonly signal: AbortSignal;
}

/** Definitions as the source sent them. */
export interface Sent {
  readonly document: Examined;
  readonly etag: string | undefined;
}

export type Sight =
  | ({ readonly kind: 'believed' } & Sent)
  | { readonly kind: 'doubted'; readonly failure: FetchFailure };

/** Long enough for another server to answer, short enough for a person who waits. */
const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 750;

export class SecondLook {
  /** Digest of what was doubted last, and not seen a second time yet. */
  private open: string | undefined;

  constructor(private readonly parts: SecondLookParts) {}

  /** The source has said that what is held is current: no doubt is left. */
  forget(): void {
    this.open = undefined;
  }

  /** @param askedAtMs when the fetch began that brought the document, by the monotonic clock. */
  async at(first: Sent, askedAtMs: number): Promise<Sight> {
    const doubt = this.doubtOf(first.document);
    const wasOpen = this.open === first.document.digest;
    this.open = undefined;
    if (doubt === undefined) return { kind: 'believed', ...first };
    if (wasOpen) return this.believe(first, doubt, 'confirmed', first);
    const second = await this.askAgain(askedAtMs);
    if (second.kind === 'doubted') return this.leaveOpen(first, doubt, second.failure);
    const { document } = second;
    if (document.digest === first.document.digest) {
      return this.believe(first, doubt, 'confirmed', second);
    }
    const newDoubt = this.doubtOf(document);
    if (newDoubt !== undefined) return this.leaveOpen(second, newDoubt);
    return this.believe(first, doubt, 'withdrawn', second);
  }

  private doubtOf({ definitions, changed }: Examined): Doubt | undefined {
    const { holder, settings } = this.parts;
    if (holder.held === undefined || holder.isCold || !changed) return undefined;
    return doubtOf(holder.held.definitions, definitions, settings.confirmDropAbove);
  }

  private async askAgain(askedAtMs: number): Promise<Sight> {
    const { source, holder, clock, random, settings, signal } = this.parts;
    const pauseMs = SHORTEST_PAUSE_MS + random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
    const leftMs = settings.fetchTimeoutMs - (clock.monotonicMs() - askedAtMs) - pauseMs;
    if (leftMs <= 0) return { kind: 'doubted', failure: this.unconfirmed() };
    await pause(clock, pauseMs, signal);
    const answer = await source.fetch(undefined, leftMs);
    if (answer.kind === 'failed') return { kind: 'doubted', failure: answer.failure };
    if (answer.kind === 'not-modified') return { kind: 'doubted', failure: this.unconfirmed() };
    const examined = holder.examine(answer.body, 'source');
    if (examined.ok) return { kind: 'believed', document: examined, etag: answer.etag };
    const { message } = examined;
    return { kind: 'doubted', failure: { code: 'invalid-definitions', message } };
  }

  private believe(first: Sent, doubt: Doubt, verdict: 'confirmed' | 'withdrawn', sent: Sent) {
    this.tell(first, doubt, verdict);
    return { kind: 'believed', ...sent } as const;
  }

  private leaveOpen(sent: Sent, doubt: Doubt, failure = this.unconfirmed()) {
    this.open = sent.document.digest;
    this.tell(sent, doubt, 'open');
    return { kind: 'doubted', failure } as const;
  }

  private tell({ document }: Sent, doubt: Doubt, verdict: 'confirmed' | 'withdrawn' | 'open') {
    if (this.parts.signal.aborted) return;
    this.parts.observer.onEvent({
      type: 'definitions-doubted',
      ...doubt,
      verdict,
      flagCount: document.definitions.flags.length,
      heldFlagCount: this.parts.holder.held?.definitions.flags.length ?? 0,
    });
  }

  private unconfirmed(): FetchFailure {
    const message = `${this.parts.source.description} sent definitions that look like a mistake, and no second answer has confirmed them; the next fetch asks again.`;
    return { code: 'unconfirmed', message };
  }
}
