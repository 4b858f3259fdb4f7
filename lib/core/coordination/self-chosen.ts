/**
 * Coordinations that ask nobody: each instance looks at the head of the shared copy and decides by
 * itself whether it is on it to fetch. They need nothing of the store but a conditional write, so
 * each works on any records, with claims or without.
 *
 * What they share, and all that they promise: no revision is overtaken by a lower one; an instance
 * that has failed steps back by its own back-off, not by the fleet's; and one whose publications
 * the store refuses asks the source at most once in half an interval. That two do not fetch at
 * the same moment each chooser makes as rare as it can.
 */
import type { CacheVerdict, FinishVerdict, Grant, HeldFacts } from '../cache/definition-cache.js';
import type { NewRecord, RecordHead } from '../cache/definition-record.js';
import type { RecordStore } from '../cache/record-store.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import type { Coordination } from './coordination.js';
import { isLost, stateOfHead } from './head-state.js';
import { OwnGrants } from './own-grants.js';

/** What an instance sees when it looks. */
export interface Look {
  readonly head: RecordHead | undefined;
  /** Nothing of use is there for this instance. */
  readonly isLost: boolean;
  /** A refresh was asked for. */
  readonly kick: boolean;
  /** Wall-clock time of this instance. */
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** Whether it is on this instance to fetch. */
export interface FetchChooser {
  /** Who fetches, in words: stands after the place of the shared copy. */
  readonly whoFetches: string;
  choose(look: Look): boolean;
}

export interface SelfChosenParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly chooser: FetchChooser;
  readonly intervalMs: number;
  readonly leaseMs: number;
}

export class SelfChosenCoordination implements Coordination {
  readonly isExclusive = false;
  private readonly grants: OwnGrants;
  private grantedAtMs = Number.NEGATIVE_INFINITY;
  /** Until then this instance steps back. */
  private retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: SelfChosenParts) {
    const { records, clock, leaseMs } = parts;
    this.grants = new OwnGrants({ records, clock, leaseMs });
  }

  get whoFetches(): string {
    return this.parts.chooser.whoFetches;
  }

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    const { records, clock, chooser } = this.parts;
    const askedAtMs = clock.monotonicMs();
    const head = await records.readHead();
    const shared = stateOfHead(head, facts);
    const lost = isLost(head, facts);
    const { kick } = facts;
    const look = { head, isLost: lost, kick, nowMs: clock.now(), monotonicMs: askedAtMs };
    if (this.stepsBack(look) || !chooser.choose(look)) return { kind: 'follow', shared };
    this.grantedAtMs = askedAtMs;
    const grant = this.grants.give(head, facts, { askedAtMs, mustPublish: lost });
    return { kind: 'lead', grant, shared };
  }

  publish(grant: Grant, record: NewRecord): Promise<FinishVerdict> {
    return this.grants.publish(grant, record);
  }

  confirm(grant: Grant): Promise<FinishVerdict> {
    return this.grants.confirm(grant);
  }

  async fail(_grant: Grant, _failure: FetchFailure, nextDueMs: number): Promise<void> {
    this.stepBack(nextDueMs);
  }

  async unheard(_grant: Grant, nextDueMs: number): Promise<void> {
    this.stepBack(nextDueMs);
  }

  async release(): Promise<void> {
    this.grants.end();
  }

  private stepBack(ms: number): void {
    this.grants.end();
    this.retryAtMs = this.parts.clock.monotonicMs() + ms;
  }

  private stepsBack({ kick, monotonicMs }: Look): boolean {
    if (monotonicMs < this.retryAtMs) return true;
    return !kick && monotonicMs - this.grantedAtMs < this.parts.intervalMs / 2;
  }
}
