/**
 * The right to fetch, as a `posthog-node` client uses it: granted when the client asks, ended by
 * what it has received, or unheard. For that client tells its provider of new definitions only,
 * neither of "not modified" nor of a failure: a claim of whose end nothing came is ended when the
 * client asks again, and at the latest before its lease is over, so that the schedule goes on.
 */
import type { FetchFailure } from '../definitions/definition-source.js';
import type { CancelTimer, Clock } from '../time/clock.js';
import type { FinishVerdict, Grant, SharedState } from './definition-cache.js';
import { HeldBack } from './held-back.js';
import type { GoodDefinitions } from './last-good-definitions.js';
import type { SharedDefinitionCache } from './shared-definition-cache.js';

export interface PostHogNodeClaimParts {
  readonly cache: Pick<
    SharedDefinitionCache,
    'check' | 'publish' | 'confirm' | 'fail' | 'unheard' | 'shutdown'
  >;
  readonly clock: Clock;
  /** How long after one fetch of the fleet the next is due. */
  readonly dueMs: number;
  /** Longest time that the client's own fetch may take; a claim lasts a little longer. */
  readonly fetchTimeoutMs: number;
}

interface OpenClaim {
  readonly grant: Grant;
  readonly shared: SharedState;
  /** What was held when the claim was granted. */
  readonly digest: string | undefined;
  readonly grantedAtMs: number;
  readonly cancelTimer: CancelTimer;
}

/** Definitions that the client has, and the cache has not got. */
interface Unpublished extends GoodDefinitions {
  /** The last refresh of the fleet that was seen before they were fetched. */
  readonly after: number | undefined;
  /** Whether they were fetched under a claim: nobody else can then have fetched meanwhile. */
  readonly isClaimed: boolean;
  /** The last claim that was granted when the cache answered again. */
  readonly untilAfter?: number;
}

/** What the client holds, and whether the cache was away. */
export interface AskingFacts {
  readonly revision: number;
  readonly digest: string | undefined;
  readonly kick: boolean;
}

/** For an answer that has come just in time, before its claim is ended unheard. */
const UNHEARD_MARGIN_MS = 1_000;
const UNCONFIRMED = 'unconfirmed' satisfies FetchFailure['code'];
/** How soon another may look at what seems to be a mistake; only the first look is hurried. */
const SECOND_LOOK_MS = 1_000;

export class PostHogNodeClaim {
  private open: OpenClaim | undefined;
  private unpublished: Unpublished | undefined;
  private readonly heldBack = new HeldBack();
  /** Tells one refresh of the fleet from the next. */
  private lastRefresh: number | undefined;
  private token = 0;
  private told: number | undefined;
  private isFleetInDoubt = false;
  /** The claim after which this instance lets another go first. */
  private sitsOutAfter: number | undefined;

  /** @param onLate ends the claim that it is given to end, in its own time. */
  constructor(
    private readonly parts: PostHogNodeClaimParts,
    private readonly onLate: (end: () => Promise<void>) => void,
  ) {}

  /**
   * The client has definitions that may be newer than what is shared. What it fetched alone is kept
   * until a refresh that was claimed after the cache had come back: one that ended just before the
   * cache went away may not have been seen.
   */
  get hasNewer(): boolean {
    const { untilAfter } = this.unpublished ?? {};
    return this.isNext || (untilAfter !== undefined && (this.lastRefresh ?? 0) <= untilAfter);
  }

  /** Instances that share the cache, as it told last; undefined when it never has. */
  get instances(): number | undefined {
    return this.told;
  }

  /** What the client has and could not store is certainly newer: nobody has refreshed since. */
  private get isNext(): boolean {
    return this.unpublished !== undefined && this.unpublished.after === this.lastRefresh;
  }

  /**
   * @param isGivenUp whether the client has stopped waiting; a claim is then given back at once.
   * @returns what is shared, and whether the client is to fetch.
   */
  async ask(facts: AskingFacts, isGivenUp: () => boolean) {
    const { cache, clock, dueMs } = this.parts;
    await this.endUnheard();
    const { token } = this;
    const grantedAtMs = clock.monotonicMs();
    const sitOutMs = this.sitsOutAfter === token || this.leavesConfirming ? dueMs : 0;
    const verdict = await cache.check({ ...facts, token, sitOutMs, ageMs: undefined });
    const { shared } = verdict;
    if (verdict.kind === 'lead' && isGivenUp()) {
      await cache.unheard(verdict.grant, 0);
      return { leads: false, shared };
    }
    this.seen(shared);
    if (verdict.kind !== 'lead') return { leads: false, shared };
    const { digest } = facts;
    const cancelTimer = this.endLater();
    this.open = { grant: verdict.grant, shared, digest, grantedAtMs, cancelTimer };
    return { leads: true, shared };
  }

  /**
   * Ends the claim, if there is one, with what the client has received. What could not be stored
   * is stored at the end of a later claim, unless the fleet has refreshed by then.
   * @returns the revision under which the fleet has it; undefined when it has not.
   */
  async received(good: GoodDefinitions): Promise<number | undefined> {
    const claim = this.take();
    this.heldBack.forget();
    this.unpublished = { ...good, after: this.lastRefresh, isClaimed: claim !== undefined };
    if (claim === undefined) return undefined;
    const revision = await this.finish(claim, good);
    if (revision !== undefined) this.stored();
    return revision;
  }

  /** There is a claim, and so the cache has just answered. */
  get isOpen(): boolean {
    return this.open !== undefined;
  }

  /** Whether this was held back when it was received before. */
  hasHeldBack(good: GoodDefinitions): boolean {
    return this.heldBack.hasSeen(good, this.lastRefresh);
  }

  /** Ends the claim, if there is one, and shares nothing yet: it looks like a mistake. */
  async holdBack(good: GoodDefinitions, failure: FetchFailure): Promise<void> {
    const claim = this.take();
    this.heldBack.hold(good, this.lastRefresh);
    if (claim === undefined) return;
    const { cache, dueMs } = this.parts;
    // Once hurried: a fleet of clients, each of which must see it for itself, would ask in turn.
    const isFirst = claim.shared.fetching?.reason !== UNCONFIRMED;
    await cache.fail(claim.grant, failure, isFirst ? Math.min(SECOND_LOOK_MS, dueMs) : dueMs);
  }

  /** Ends the claim, if there is one: what the client has received is no definitions document. */
  async failed(failure: FetchFailure): Promise<void> {
    const claim = this.take();
    if (claim !== undefined) await this.parts.cache.fail(claim.grant, failure, this.parts.dueMs);
  }

  /** Hands over. */
  async shutdown(): Promise<void> {
    this.take();
    await this.parts.cache.shutdown();
  }

  /**
   * Nothing is claimed to be current: "not modified" and a failure look the same. Where there are
   * others one of them is next, for it may be this one that cannot reach the source.
   */
  private async endUnheard(): Promise<void> {
    const claim = this.take();
    if (claim === undefined) return;
    const { cache, clock, dueMs } = this.parts;
    const { grant, shared, grantedAtMs } = claim;
    const confirmed = this.heldBack.silence(this.lastRefresh);
    const news = confirmed ?? (this.isNext ? this.unpublished : undefined);
    if (news !== undefined) {
      if ((await this.finish(claim, news)) !== undefined) this.stored();
      return;
    }
    const isInDoubt = this.heldBack.isOpenAfter(this.lastRefresh);
    if (!isInDoubt && (shared.instances ?? 1) > 1) this.sitsOutAfter = this.token;
    await cache.unheard(grant, Math.max(0, grantedAtMs + dueMs - clock.monotonicMs()));
  }

  private async finish(
    { grant, shared, digest }: OpenClaim,
    good: GoodDefinitions,
  ): Promise<number | undefined> {
    const { cache } = this.parts;
    const publication = { ...good, etag: undefined };
    const isKnown = shared.content === 'same' && good.digest === digest && !grant.mustPublish;
    let verdict: FinishVerdict = 'must-publish';
    if (isKnown) {
      verdict = await cache.confirm(grant, publication);
      if (verdict === 'accepted') return shared.revision;
    }
    if (verdict === 'must-publish') verdict = await cache.publish(grant, publication);
    return verdict === 'accepted' ? grant.token : undefined;
  }

  /** Who has seen what is in doubt can confirm it; one more first sight would only take a turn. */
  private get leavesConfirming(): boolean {
    return this.isFleetInDoubt && !this.heldBack.isOpenAfter(this.lastRefresh);
  }

  private seen(shared: SharedState): void {
    const { unpublished } = this;
    this.token = Math.max(this.token, shared.token ?? 0);
    this.isFleetInDoubt = shared.fetching?.reason === UNCONFIRMED;
    this.told = shared.instances ?? this.told;
    this.lastRefresh = shared.verifiedToken ?? shared.revision;
    const isNews = unpublished?.isClaimed === false && unpublished.untilAfter === undefined;
    if (isNews && shared.token !== undefined) {
      this.unpublished = { ...unpublished, untilAfter: shared.token };
    }
    if (!this.hasNewer) this.unpublished = undefined;
  }

  private stored(): void {
    this.isFleetInDoubt = false;
    this.heldBack.forget();
    this.unpublished = undefined;
    this.sitsOutAfter = undefined;
  }

  private take(): OpenClaim | undefined {
    const { open } = this;
    this.open = undefined;
    open?.cancelTimer();
    return open;
  }

  private endLater(): CancelTimer {
    const { clock, fetchTimeoutMs } = this.parts;
    return clock.setTimer(fetchTimeoutMs + UNHEARD_MARGIN_MS, () =>
      this.onLate(() => this.endUnheard()),
    );
  }
}
