/**
 * Refresh claims: the store says when the next refresh is due; who finds it due gets a short
 * lease and a token, and finishes once, by compare-and-set. Between refreshes nobody leads: the
 * crash of the last to fetch costs nothing, and one that cannot reach the source loses its turn
 * to the others.
 *
 * It does not promise that two instances never fetch at once: a pause longer than the lease can
 * do that. It promises that only the last one granted can publish.
 */
import { randomUUID } from 'node:crypto';
import type {
  CacheVerdict,
  FinishVerdict,
  Grant,
  HeldFacts,
  SharedContent,
  SharedState,
} from '../cache/definition-cache.js';
import type { NewRecord } from '../cache/definition-record.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import { checkPeriodMs } from './check-period.js';
import type { CheckReply, ClaimResult, ClaimStore, FleetMember } from './claim-store.js';
import type { Coordination } from './coordination.js';

export interface ClaimSettings {
  /** How often the fleet refreshes. */
  readonly intervalMs: number;
  /** Share of the interval by which each due time may be earlier or later, 0 to 1. */
  readonly jitter: number;
  /** How often an instance looks. */
  readonly checkMs: number;
  /** How long a claim lasts; longer than a fetch and a store operation together. */
  readonly leaseMs: number;
}

export interface ClaimedParts {
  readonly claims: ClaimStore;
  readonly settings: ClaimSettings;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Name of this start of this process; never reused. @default a random UUID */
  readonly instance?: string;
}

/** Soonest that a kick or a repair may follow the refresh before it. */
const SHORTEST_GAP_MS = 5_000;
/** A due time that the slowest back-off and the longest Retry-After cannot have set. */
const LONGEST_BACKOFF_MS = 20 * 60_000;
/** One that has missed so many checks is gone. */
const MISSED_CHECKS = 4;

interface OpenClaim {
  readonly token: number;
  /** Local, taken before the claim was asked for: the lease cannot have begun earlier. */
  readonly askedAtMs: number;
}

export class ClaimedCoordination implements Coordination {
  readonly instance: string;
  private open: OpenClaim | undefined;
  /** As many as the store has counted last. */
  private instances = 1;
  private readonly random: () => number;

  constructor(private readonly parts: ClaimedParts) {
    this.instance = parts.instance ?? randomUUID();
    this.random = parts.random ?? Math.random;
  }

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    const { claims, clock, settings } = this.parts;
    const { intervalMs, jitter, checkMs, leaseMs } = settings;
    const { revision, digest, ageMs, token, floor = 0, kick, sitOutMs } = facts;
    const askedAtMs = clock.monotonicMs();
    const reply = await claims.check({
      instance: this.instance,
      revision,
      digest,
      ageMs,
      token,
      floor,
      kick,
      sitOutMs,
      graceMs: checkMs,
      leaseMs,
      longestDueMs: Math.max(2 * intervalMs * (1 + jitter), LONGEST_BACKOFF_MS),
      shortestGapMs: Math.min(SHORTEST_GAP_MS, intervalMs),
      memberTtlMs: this.memberTtlMs,
    });
    this.instances = reply.instances ?? this.instances;
    const shared = stateOf(reply, facts);
    if (reply.verdict !== 'granted') return { kind: 'follow', shared };
    this.open = { token: reply.token, askedAtMs };
    const { etag, mustPublish, failuresInARow } = reply;
    const grant = { token: reply.token, etag, mustPublish, failuresInARow };
    return { kind: 'lead', grant, shared };
  }

  publish(grant: Grant, record: NewRecord): Promise<FinishVerdict> {
    return this.finish(grant, { kind: 'new', record, nextDueMs: this.nextDueMs() });
  }

  confirm(grant: Grant, etag: string | undefined): Promise<FinishVerdict> {
    return this.finish(grant, { kind: 'same', etag, nextDueMs: this.nextDueMs() });
  }

  async fail(grant: Grant, failure: FetchFailure, nextDueMs: number): Promise<void> {
    const { code: reason, retryAfterMs } = failure;
    // What the source asked for also holds for a kick; a back-off of ours does not.
    const notBefore =
      retryAfterMs === undefined ? {} : { notBeforeMs: Math.min(retryAfterMs, nextDueMs) };
    await this.finish(grant, { kind: 'failed', reason, nextDueMs, ...notBefore });
  }

  /** Those that live: the store itself forgets the others only when it grants a claim. */
  async members(): Promise<readonly FleetMember[]> {
    const { claims } = this.parts;
    const ttlMs = Math.max(this.memberTtlMs, claims.longestSilenceMs ?? 0);
    const members = await claims.members();
    return members.filter(({ seenAgoMs }) => seenAgoMs <= ttlMs);
  }

  async unheard(grant: Grant, nextDueMs: number): Promise<void> {
    await this.finish(grant, { kind: 'unheard', nextDueMs });
  }

  /** A leave is no failure: the next to look is due at once, and waits for nobody who has gone. */
  async release(): Promise<void> {
    const { open, instance } = this;
    const { claims } = this.parts;
    this.open = undefined;
    const handOver =
      open && claims.finish({ instance, token: open.token, result: { kind: 'handed-over' } });
    await Promise.all([handOver, claims.leave(instance)]);
  }

  private async finish(grant: Grant, result: ClaimResult): Promise<FinishVerdict> {
    const { claims, clock, settings } = this.parts;
    const { open } = this;
    if (open === undefined || open.token !== grant.token) return 'fenced';
    // Fenced by ourselves before the store would have to: a claim that may have run out is not
    // finished, however long the process was paused since.
    if (clock.monotonicMs() - open.askedAtMs > settings.leaseMs) {
      this.open = undefined;
      return 'fenced';
    }
    const { instance } = this;
    const reply = await claims.finish({ instance, token: open.token, result });
    if (reply !== 'must-publish') this.open = undefined;
    return reply;
  }

  private get memberTtlMs(): number {
    return MISSED_CHECKS * checkPeriodMs(this.parts.settings.checkMs, this.instances);
  }

  private nextDueMs(): number {
    const { intervalMs, jitter } = this.parts.settings;
    return intervalMs * (1 + jitter * (2 * this.random() - 1));
  }
}

function stateOf(reply: CheckReply, facts: HeldFacts): SharedState {
  const { revision, token, verifiedToken, ageMs, dueInMs, instances, digest } = reply;
  const { failuresInARow, reason } = reply;
  const content = contentOf(revision, digest, facts);
  const fetching = { failuresInARow, reason };
  return { content, revision, token, verifiedToken, ageMs, dueInMs, instances, fetching };
}

function contentOf(revision: number, digest: string | undefined, held: HeldFacts): SharedContent {
  if (revision === 0) return 'none';
  if (digest === undefined) return 'same';
  // The same revision with another digest: a failover forgot one of two publications.
  return revision < held.revision ? 'older' : 'newer';
}
