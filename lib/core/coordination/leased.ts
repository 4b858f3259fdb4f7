/**
 * A leader that keeps its lease, in the protocol of PostHog's own cache examples: for fleets in
 * which other SDKs take part in the election. While it has the lease it fetches every interval.
 *
 * It promises less than claims do. A leader that crashes leaves the fleet without a refresh until
 * its lease runs out; publications are ordered by revisions that leaders number by their own
 * clocks, not by a token that the store grants; and a leader that cannot reach the source is
 * replaced only because it gives its lease up.
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
import type { NewRecord, RecordHead } from '../cache/definition-record.js';
import type { RecordStore } from '../cache/record-store.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import type { Coordination } from './coordination.js';
import type { LeaseStore } from './lease-store.js';

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

export class LeasedCoordination implements Coordination {
  readonly owner: string;
  private retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: LeasedParts) {
    this.owner = parts.owner ?? randomUUID();
  }

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    const { lease, records, settings, clock } = this.parts;
    const stepsBack = clock.monotonicMs() < this.retryAtMs;
    const leads = !stepsBack && (await lease.acquire(this.owner, settings.leaseMs));
    const head = await records.readHead();
    const shared = stateOf(head, facts);
    if (!leads || !isDue(head, facts, settings.intervalMs)) return { kind: 'follow', shared };
    const last = Math.max(head?.revision ?? 0, facts.revision, facts.token);
    const token = Math.max(last + 1, Math.trunc(clock.now()));
    const mustPublish = shared.content === 'none' || shared.content === 'older';
    const grant = { token, etag: head?.etag, mustPublish, failuresInARow: undefined };
    return { kind: 'lead', grant, shared };
  }

  async publish({ token }: Grant, record: NewRecord): Promise<FinishVerdict> {
    if (token === undefined) return 'fenced';
    return (await this.parts.records.publish(record, token)) ? 'accepted' : 'fenced';
  }

  async confirm(): Promise<FinishVerdict> {
    const { records } = this.parts;
    const head = await records.readHead();
    if (head === undefined) return 'must-publish';
    return (await records.confirm(head.revision)) ? 'accepted' : 'must-publish';
  }

  /** The lease goes to whoever asks next: what failed here may work elsewhere. */
  async fail(_grant: Grant, _failure: FetchFailure, nextDueMs: number): Promise<void> {
    this.retryAtMs = this.parts.clock.monotonicMs() + nextDueMs;
    await this.release();
  }

  release(): Promise<void> {
    return this.parts.lease.release(this.owner);
  }
}

function isDue(head: RecordHead | undefined, facts: HeldFacts, intervalMs: number): boolean {
  if (head === undefined || facts.kick || head.revision < facts.revision) return true;
  return head.ageMs >= intervalMs;
}

function stateOf(head: RecordHead | undefined, facts: HeldFacts): SharedState {
  return {
    content: contentOf(head, facts),
    revision: head?.revision ?? 0,
    // There is no token to wait for after an outage: the order is that of the revisions.
    token: undefined,
    verifiedToken: undefined,
    ageMs: head?.ageMs,
    dueInMs: undefined,
    instances: undefined,
  };
}

function contentOf(head: RecordHead | undefined, facts: HeldFacts): SharedContent {
  if (head === undefined) return 'none';
  if (head.digest === facts.digest) return 'same';
  return head.revision < facts.revision ? 'older' : 'newer';
}
