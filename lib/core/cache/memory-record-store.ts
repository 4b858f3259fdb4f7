/**
 * Records in the memory of this process, with refresh claims and a lease: for a fleet that lives in one
 * process, and as the model that simulations and the comparison with Redis run against. It is
 * the rules of `core/coordination` over one variable, so what holds here holds by definition.
 * Its time is the wall clock of the given clock, as a store's own clock would be.
 */
import { confirm, leave, publish, stageBody } from '../coordination/claim-publication.js';
import { check, finish, hasBody } from '../coordination/claim-rules.js';
import { emptyClaimState, type ClaimState } from '../coordination/claim-state.js';
import type {
  CheckReply,
  CheckRequest,
  ClaimStore,
  FinishReply,
  FinishRequest,
  FleetMember,
} from '../coordination/claim-store.js';
import { acquire, giveUp } from '../coordination/lease-rules.js';
import type { LeaseStore } from '../coordination/lease-store.js';
import type { Unsubscribe } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import {
  contentOf,
  type NewRecord,
  type RecordBody,
  type RecordHead,
} from './definition-record.js';
import type { RecordStore } from './record-store.js';

interface KeptBody {
  readonly head: Omit<RecordHead, 'ageMs'>;
  readonly body: RecordBody;
}

export class MemoryRecordStore implements RecordStore {
  readonly description = 'memory';
  readonly claims: ClaimStore;
  readonly lease: LeaseStore;
  private state = emptyClaimState;
  private readonly bodies = new Map<number, KeptBody>();
  private readonly watchers = new Set<{ readonly onChanged: () => void }>();

  /** @param clock its wall clock is the clock of the store. */
  constructor(private readonly clock: Clock) {
    this.claims = {
      check: async (request) => this.check(request),
      finish: async (request) => this.finish(request),
      leave: async (instance) => {
        this.state = leave(this.state, instance);
      },
      members: async () => this.members(),
    };
    this.lease = {
      acquire: async (owner, leaseMs) => this.acquire(owner, leaseMs, 0) !== undefined,
      acquireWithToken: async (owner, leaseMs, floor) => this.acquire(owner, leaseMs, floor),
      release: async (owner) => {
        this.state = giveUp(this.state, owner);
      },
    };
  }

  /** What the store remembers, as the rules see it. */
  get claimState(): ClaimState {
    return this.state;
  }

  /** Puts the store into another state, as a failover, an eviction or a restart would. */
  replaceClaimState(state: ClaimState): void {
    this.state = state;
  }

  async readHead(): Promise<RecordHead | undefined> {
    const { record, verifiedAt } = this.state;
    return record && { ...record, ageMs: Math.max(0, this.clock.now() - verifiedAt) };
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const nowMs = this.clock.now();
    const kept = this.bodies.get(revision);
    if (kept === undefined || !hasBody(this.state, revision, nowMs)) return undefined;
    const ageMs = Math.max(0, nowMs - this.state.verifiedAt);
    return { head: { ...kept.head, ageMs }, body: kept.body };
  }

  async publish(record: NewRecord, revision: number): Promise<boolean> {
    const nowMs = this.clock.now();
    const staged = stageBody(this.state, revision, nowMs);
    const { state, reply } = publish(staged, contentOf(record), revision, nowMs);
    if (reply === 'accepted') this.keep(state, record, revision);
    return reply === 'accepted';
  }

  async confirm(revision: number): Promise<boolean> {
    const { state, reply } = confirm(this.state, revision, this.clock.now());
    this.state = state;
    return reply;
  }

  watch(onChanged: () => void): Unsubscribe {
    const watcher = { onChanged };
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  async close(): Promise<void> {
    this.watchers.clear();
  }

  private check(request: CheckRequest): CheckReply {
    const { state, reply } = check(this.state, request, this.clock.now());
    this.state = state;
    return reply;
  }

  private finish(request: FinishRequest): FinishReply {
    const { instance, token, result } = request;
    const nowMs = this.clock.now();
    if (result.kind !== 'new') {
      const { state, reply } = finish(this.state, { instance, token, result }, nowMs);
      this.state = state;
      return reply;
    }
    const { kind, record, nextDueMs } = result;
    const claim = { instance, token, result: { kind, content: contentOf(record), nextDueMs } };
    const { state, reply } = finish(stageBody(this.state, token, nowMs), claim, nowMs);
    if (reply === 'accepted') this.keep(state, record, token);
    return reply;
  }

  private acquire(owner: string, leaseMs: number, floor: number): number | undefined {
    const { state, reply } = acquire(this.state, { owner, leaseMs, floor }, this.clock.now());
    this.state = state;
    return reply;
  }

  private members(): readonly FleetMember[] {
    return [...this.state.members].map(([instance, { seenAt, revision, ageMs }]) => ({
      instance,
      revision,
      ageMs,
      seenAgoMs: Math.max(0, this.clock.now() - seenAt),
      leads: instance === this.state.leader,
    }));
  }

  /** A publication was accepted: keeps its bytes, forgets those that expired, tells the watchers. */
  private keep(state: ClaimState, record: NewRecord, revision: number): void {
    this.state = state;
    this.bodies.set(revision, { head: { ...contentOf(record), revision }, body: record.body });
    for (const known of this.bodies.keys()) {
      if (!state.bodies.has(known)) this.bodies.delete(known);
    }
    for (const { onChanged } of this.watchers) {
      try {
        onChanged();
      } catch {
        // Who listens must not break what it listens to.
      }
    }
  }
}
