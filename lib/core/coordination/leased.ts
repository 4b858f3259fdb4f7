/**
 * A leader that keeps its lease, in the protocol of PostHog's own cache examples. While it has the
 * lease it fetches every interval. Where the store gives tokens with the lease, publications come
 * in their order: what a leader sent before it lost the lease cannot follow what its successor has
 * published.
 *
 * It promises less than claims do. A leader that crashes leaves the fleet without a refresh until
 * its lease runs out, and back-off is each instance's own. Of a lease that other SDKs take part in,
 * less again: revisions are numbered by the leaders' own clocks, and a leader of another SDK that
 * cannot reach the source is not replaced at all.
 */
import { randomUUID } from 'node:crypto';
import type { CacheVerdict, FinishVerdict, Grant, HeldFacts } from '../cache/definition-cache.js';
import type { NewRecord, RecordHead } from '../cache/definition-record.js';
import type { RecordStore } from '../cache/record-store.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import { isOwnFailure } from '../definitions/failure-class.js';
import type { Clock } from '../time/clock.js';
import type { Coordination } from './coordination.js';
import { isLost, stateOfHead } from './head-state.js';
import type { LeaseStore } from './lease-store.js';
import { OwnGrants } from './own-grants.js';

export interface LeaseSettings {
  /** How often the leader fetches. */
  readonly intervalMs: number;
  /** How long a lease lasts without being extended; longer than a check and a fetch together. */
  readonly leaseMs: number;
}

export interface LeasedParts {
  readonly lease: LeaseStore;
  readonly records: RecordStore;
  readonly settings: LeaseSettings;
  readonly clock: Clock;
  /** Name of this start of this process; never reused. @default a random UUID */
  readonly owner?: string;
}

type AskedForLead =
  /** The token is that of the lease, where it comes with one. */
  | { readonly kind: 'leads'; readonly token: number | undefined }
  | { readonly kind: 'follows' }
  | { readonly kind: 'unknown'; readonly error: unknown };

/** After so many fetches in a row of which nothing was heard, somebody else should try. */
const UNHEARD_OF_A_LOST_LEADER = 3;

export class LeasedCoordination implements Coordination {
  readonly owner: string;
  private readonly grants: OwnGrants;
  private unheardInARow = 0;
  /** Until then this instance does not even ask for the lease. */
  private retryAtMs = Number.NEGATIVE_INFINITY;
  private notDueUntilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: LeasedParts) {
    this.owner = parts.owner ?? randomUUID();
    const { records, clock, settings } = parts;
    this.grants = new OwnGrants({ records, clock, leaseMs: settings.leaseMs });
  }

  get isExclusive(): boolean {
    return this.parts.lease.isOpenToAll !== true;
  }

  get whoFetches(): string | undefined {
    return this.isExclusive ? 'one instance fetches for all while it keeps its lease' : undefined;
  }

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    const { records, settings, clock } = this.parts;
    const askedAtMs = clock.monotonicMs();
    const stepsBack = askedAtMs < this.retryAtMs;
    const asked = stepsBack ? undefined : await this.askForLead(facts);
    const head = await records.readHead();
    if (asked?.kind === 'unknown' && head === undefined) throw asked.error;
    const lead = asked?.kind === 'leads' ? asked : undefined;
    const shared = stateOfHead(head, facts);
    const isEarly = askedAtMs < this.notDueUntilMs && !facts.kick;
    if (lead === undefined || isEarly || !isDue(head, facts, settings.intervalMs)) {
      return { kind: 'follow', shared };
    }
    // Published while this instance looked: the next look has a token above it.
    if (head !== undefined && lead.token !== undefined && lead.token <= head.revision) {
      return { kind: 'follow', shared };
    }
    const mustPublish = shared.content === 'older' || lacksUse(head, facts);
    const grant = this.grants.give(head, facts, { askedAtMs, mustPublish, token: lead.token });
    return { kind: 'lead', grant, shared };
  }

  async publish(grant: Grant, record: NewRecord): Promise<FinishVerdict> {
    const verdict = await this.grants.publish(grant, record);
    if (verdict !== 'fenced') this.unheardInARow = 0;
    return verdict;
  }

  async confirm(grant: Grant): Promise<FinishVerdict> {
    const verdict = await this.grants.confirm(grant);
    if (verdict !== 'fenced') this.unheardInARow = 0;
    return verdict;
  }

  /**
   * What may work elsewhere is tried elsewhere at once. What fails everywhere is not: the lease
   * runs out, and then another tries, so that a source in trouble is not asked by all in turn.
   */
  async fail(_grant: Grant, failure: FetchFailure, nextDueMs: number): Promise<void> {
    this.grants.end();
    this.unheardInARow = 0;
    this.retryAtMs = this.parts.clock.monotonicMs() + nextDueMs;
    if (isOwnFailure(failure.code)) await this.release();
  }

  /** Keeps the lease, but not for ever: it may be this instance that cannot reach the source. */
  async unheard(_grant: Grant, nextDueMs: number): Promise<void> {
    const { clock, settings } = this.parts;
    const nowMs = clock.monotonicMs();
    this.grants.end();
    this.notDueUntilMs = nowMs + nextDueMs;
    this.unheardInARow += 1;
    if (this.unheardInARow < UNHEARD_OF_A_LOST_LEADER) return;
    this.unheardInARow = 0;
    this.retryAtMs = nowMs + settings.intervalMs;
    await this.release();
  }

  release(): Promise<void> {
    this.grants.end();
    return this.parts.lease.release(this.owner);
  }

  /**
   * An instance that has nothing reads what it can, also where the lease cannot be had: on a
   * standby, or near it. Who has definitions is told, and goes on as without the store.
   */
  private async askForLead(facts: HeldFacts): Promise<AskedForLead> {
    try {
      return await this.takeLead(facts);
    } catch (error) {
      if (facts.revision !== 0) throw error;
      return { kind: 'unknown', error };
    }
  }

  private async takeLead(facts: HeldFacts): Promise<AskedForLead> {
    const { lease, settings } = this.parts;
    if (lease.acquireWithToken === undefined) {
      const leads = await lease.acquire(this.owner, settings.leaseMs);
      return leads ? { kind: 'leads', token: undefined } : { kind: 'follows' };
    }
    const needed = Math.max(facts.revision, facts.floor ?? 0);
    const token = await lease.acquireWithToken(this.owner, settings.leaseMs, needed);
    return token === undefined ? { kind: 'follows' } : { kind: 'leads', token };
  }
}

function isDue(head: RecordHead | undefined, facts: HeldFacts, intervalMs: number): boolean {
  if (head === undefined || facts.kick || isLost(head, facts)) return true;
  return head.ageMs >= intervalMs;
}

/** There is nothing, or what this instance cannot read. */
function lacksUse(head: RecordHead | undefined, { floor = 0 }: HeldFacts): boolean {
  return head === undefined || head.revision < floor;
}
