/**
 * A shared cache as `posthog-node` sees it: PostHog's four methods, for
 * `new PostHog(key, { flagDefinitionCacheProvider })`. That client calls a provider without a
 * deadline and takes an error for permission to fetch. So every answer here comes in time, none
 * is an error, and who is unsure does not fetch and keeps what it has.
 *
 * It cannot know that definitions are current when the client is told "not modified", and it does
 * not choose the etag with which the client asks. The refresh cycle of the Nest module does both.
 */
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import { FlagsError, isFlagsError } from '../errors/flags-error.js';
import { messageOf } from '../errors/message-of.js';
import { DEFAULT_CONFIRM_DROP_ABOVE, doubtOf } from '../refresh/doubt.js';
import { firstSoloMs, nextSoloMs, soloPeriodMs } from '../refresh/solo-pace.js';
import { withDeadline } from '../time/deadline.js';
import type { SharedState } from './definition-cache.js';
import type { FlagDefinitionCacheProvider } from './flag-definition-cache-provider.js';
import {
  goodDefinitions,
  LastGoodDefinitions,
  type GoodDefinitions,
} from './last-good-definitions.js';
import { PostHogNodeClaim, type PostHogNodeClaimParts } from './posthog-node-claim.js';
import { isRefusal } from './refused-record.js';
import type { SdkDefinitions } from './sdk-definitions.js';
import type { SharedDefinitionCache } from './shared-definition-cache.js';

export interface PostHogNodeFaceParts extends Omit<PostHogNodeClaimParts, 'cache'> {
  readonly cache: PostHogNodeClaimParts['cache'] & Pick<SharedDefinitionCache, 'look' | 'read'>;
  readonly random: () => number;
  /** Longest wait of the client for who fetches; other calls are given as much or twice that. */
  readonly cacheTimeoutMs: number;
  /** Told of what failed without breaking anything. */
  readonly onFailure?: (failure: Error) => void;
}

/** Shares of `cacheTimeoutMs`: the client waits without a deadline, and its evaluations wait with it. */
const ANSWER_SHARE = 0.9;
const STORE_SHARE = 1.5;
const COLD_READ_SHARE = 2;
const SHUTDOWN_SHARE = 1.5;

const heldBack =
  'posthog-node received definitions that look like a mistake: most flags are gone, or flags are older than before. They are not shared until they are confirmed; if they are meant, nothing is to be done.';

export class PostHogNodeFace implements FlagDefinitionCacheProvider {
  private readonly lastGood: LastGoodDefinitions;
  private readonly claim: PostHogNodeClaim;
  private readonly closing = new AbortController();
  private closed: Promise<void> | undefined;
  /** What is held is what is shared: the next read has nothing to do. */
  private isCurrent = false;
  /** When the cache is away: since when, and the next fetch of this client alone. */
  private solo: { readonly sinceMs: number; readonly dueAtMs: number } | undefined;
  private coldUntilMs = Number.NEGATIVE_INFINITY;
  /** Message of the refused record that was told of last. */
  private refusalTold: string | undefined;

  constructor(private readonly parts: PostHogNodeFaceParts) {
    const { cache, clock, random } = parts;
    const { signal } = this.closing;
    this.lastGood = new LastGoodDefinitions({ cache, clock, random, signal });
    this.claim = new PostHogNodeClaim(parts, (end) => void this.quietly('ending a claim', end));
  }

  /** Answers within `cacheTimeoutMs`. True for who has the claim, and for who has nothing and no cache. */
  async shouldFetchFlagDefinitions(): Promise<boolean> {
    let isGivenUp = false;
    try {
      return await this.within(ANSWER_SHARE, 'who fetches', () => this.decide(() => isGivenUp));
    } catch (error) {
      isGivenUp = true;
      this.tell(error);
      return this.mayFetchAlone();
    }
  }

  /** The last good definitions, within twice that. The caller may change them as it likes. */
  async getFlagDefinitions(): Promise<SdkDefinitions | undefined> {
    const isNeeded = !this.isCurrent && !this.claim.hasNewer && !this.closing.signal.aborted;
    this.isCurrent = false;
    if (isNeeded) {
      let isGivenUp = false;
      const share = this.lastGood.digest === undefined ? COLD_READ_SHARE : ANSWER_SHARE;
      await this.quietly('reading', () => this.tellOnce(this.read(() => isGivenUp)), share);
      isGivenUp = true;
    }
    return this.lastGood.copy();
  }

  /**
   * Ends the claim with what was fetched. Without a claim it is kept, and stored when it can be.
   * What looks like a mistake is neither kept nor stored before it is confirmed.
   */
  async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
    if (this.closing.signal.aborted) return;
    const good = this.examine(data);
    if (good instanceof Error) {
      this.tell(good);
      const failure = { code: 'invalid-definitions', message: messageOf(good) } as const;
      await this.quietly('ending a claim', () => this.claim.failed(failure));
      return;
    }
    await this.catchUp();
    if (this.isDoubtful(good)) {
      this.tell(new FlagsError(heldBack, { code: 'invalid-definitions' }));
      const failure = { code: 'unconfirmed', message: heldBack } as const;
      await this.quietly('ending a claim', () => this.claim.holdBack(good, failure));
      return;
    }
    this.lastGood.keep(good);
    await this.quietly('storing', () => this.store(good));
  }

  /** Hands the claim over and closes what was opened, within twice `cacheTimeoutMs`. */
  shutdown(): Promise<void> {
    this.closed ??= this.close();
    return this.closed;
  }

  private async decide(isGivenUp: () => boolean): Promise<boolean> {
    const { digest, revision } = this.lastGood;
    const kick = this.solo !== undefined;
    const isLate = (): boolean => isGivenUp() || this.closing.signal.aborted;
    const { leads, shared } = await this.claim.ask({ digest, revision, kick }, isLate);
    if (isLate()) return false;
    this.solo = undefined;
    this.isCurrent = this.holds(shared);
    if (shared.content === 'same') this.lastGood.sharedAs(shared.revision);
    return leads;
  }

  private holds({ content }: SharedState): boolean {
    // Nothing shared is nothing to read; but a newcomer waits for the first publication.
    return content === 'same' || (content === 'none' && this.lastGood.digest !== undefined);
  }

  private async read(isGivenUp: () => boolean): Promise<void> {
    const { clock, dueMs } = this.parts;
    await this.lastGood.refresh(isGivenUp);
    // A client without definitions asks again at each evaluation: it waits once an interval.
    if (this.lastGood.digest !== undefined || clock.monotonicMs() < this.coldUntilMs) return;
    this.coldUntilMs = clock.monotonicMs() + dueMs;
    const isOver = (): boolean => isGivenUp() || clock.monotonicMs() >= this.coldUntilMs;
    await this.lastGood.waitForFirst(isOver);
  }

  /** A doubt is measured against what is shared; a client that leads has not read it. */
  private async catchUp(): Promise<void> {
    if (this.isCurrent || this.claim.hasNewer || !this.claim.isOpen) return;
    let isGivenUp = false;
    const refresh = (): Promise<void> => this.lastGood.refresh(() => isGivenUp);
    await this.quietly('reading', () => this.tellOnce(refresh()), ANSWER_SHARE);
    isGivenUp = true;
  }

  private isDoubtful(good: GoodDefinitions): boolean {
    const { definitions, digest } = this.lastGood;
    if (definitions === undefined || digest === good.digest) return false;
    if (this.claim.hasHeldBack(good)) return false;
    return doubtOf(definitions, good.definitions, DEFAULT_CONFIRM_DROP_ABOVE) !== undefined;
  }

  private async store(good: GoodDefinitions): Promise<void> {
    const revision = await this.claim.received(good);
    // It may have come late, and something newer be held by now.
    if (this.lastGood.digest === good.digest) this.lastGood.sharedAs(revision);
  }

  private examine(data: unknown): GoodDefinitions | Error {
    try {
      return goodDefinitions(data);
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  /** The cache cannot be asked: all of the fleet may stand so, and must not fetch together. */
  private mayFetchAlone(): boolean {
    if (this.closing.signal.aborted) return false;
    if (this.lastGood.digest === undefined) return true;
    const { clock, random, dueMs: intervalMs } = this.parts;
    const nowMs = clock.monotonicMs();
    const { sinceMs = nowMs, dueAtMs } = this.solo ?? {};
    const { instances } = this.claim;
    const periodMs = soloPeriodMs({ intervalMs, instances, awayMs: nowMs - sinceMs });
    const isDue = dueAtMs !== undefined && nowMs >= dueAtMs;
    if (dueAtMs === undefined || isDue) {
      const waitMs = isDue ? nextSoloMs(periodMs, random) : firstSoloMs(periodMs, random);
      this.solo = { sinceMs, dueAtMs: nowMs + waitMs };
    }
    return isDue;
  }

  private async close(): Promise<void> {
    this.closing.abort();
    const { clock, cacheTimeoutMs } = this.parts;
    const ms = SHUTDOWN_SHARE * cacheTimeoutMs;
    const deadline = { clock, ms, what: 'The cache (shutdown)', keepsAlive: true };
    await withDeadline(deadline, () => this.claim.shutdown()).catch(this.tell);
  }

  private within<T>(share: number, what: string, work: () => Promise<T>): Promise<T> {
    const { clock, cacheTimeoutMs } = this.parts;
    const { signal } = this.closing;
    const ms = share * cacheTimeoutMs;
    return withDeadline({ clock, ms, signal, what: `The cache (${what})` }, work);
  }

  /** An error is told, and is no error to the caller. */
  private async quietly(
    what: string,
    work: () => Promise<void>,
    share = STORE_SHARE,
  ): Promise<void> {
    await this.within(share, what, work).catch(this.tell);
  }

  private readonly tell = (error: unknown): void => {
    if (this.closing.signal.aborted) return;
    try {
      this.parts.onFailure?.(error instanceof Error ? error : new Error(messageOf(error)));
    } catch {
      // Who listens must not break what it listens to.
    }
  };

  /** A refused record lies there at every look: it is told of when it is found. */
  private async tellOnce(reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      if (!isFlagsError(error) || !isRefusal(error.code)) throw error;
      if (error.message === this.refusalTold) return;
      this.refusalTold = error.message;
      throw error;
    }
  }
}
