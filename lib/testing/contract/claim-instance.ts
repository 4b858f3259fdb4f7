/** An instance of a fleet as the contract of claim stores plays it: it looks, and ends its claims. */
import { strictEqual } from 'node:assert/strict';
import type { NewRecord } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import type {
  CheckReply,
  CheckRequest,
  ClaimResult,
  ClaimStore,
  FinishReply,
} from '../../core/coordination/claim-store.js';
import type { ContractTime } from './contract-time.js';
import type { RecordTrial } from './record-place.js';

const LONGEST_DUE_MS = 20 * 60_000;
const MEMBER_TTL_MS = 10 * 60_000;

/** A look that is granted whenever no claim is open and the source has not asked for quiet. */
export const eager = { kick: true, graceMs: 0, shortestGapMs: 0 } as const;

export class ClaimInstance {
  constructor(
    readonly name: string,
    readonly store: RecordStore,
    private readonly time: ContractTime,
  ) {}

  static async in({ place, time }: RecordTrial, name: string): Promise<ClaimInstance> {
    return new ClaimInstance(name, await place.another(), time);
  }

  get claims(): ClaimStore {
    const { claims, description } = this.store;
    if (claims === undefined) throw new Error(`the store (${description}) has no claims`);
    return claims;
  }

  /** Long lease, long grace: what is not due now stays so. */
  check(request: Partial<CheckRequest> = {}): Promise<CheckReply> {
    const { longMs } = this.time;
    return this.claims.check({
      instance: this.name,
      revision: 0,
      digest: undefined,
      token: 0,
      floor: 0,
      kick: false,
      graceMs: longMs,
      sitOutMs: 0,
      leaseMs: longMs,
      longestDueMs: LONGEST_DUE_MS,
      shortestGapMs: 0,
      memberTtlMs: MEMBER_TTL_MS,
      ageMs: undefined,
      ...request,
    });
  }

  /** @returns the token. @throws AssertionError when it is not granted. */
  async claim(request: Partial<CheckRequest> = {}): Promise<number> {
    const { verdict, token } = await this.check({ ...eager, ...request });
    strictEqual(verdict, 'granted', `the look of ${this.name}`);
    return token;
  }

  finish(token: number, result: ClaimResult): Promise<FinishReply> {
    return this.claims.finish({ instance: this.name, token, result });
  }

  publish(token: number, record: NewRecord, nextDueMs = this.time.longMs): Promise<FinishReply> {
    return this.finish(token, { kind: 'new', record, nextDueMs });
  }

  same(token: number, etag?: string, nextDueMs = this.time.longMs): Promise<FinishReply> {
    return this.finish(token, { kind: 'same', etag, nextDueMs });
  }

  fail(token: number, nextDueMs = 0, notBeforeMs?: number): Promise<FinishReply> {
    const wish = notBeforeMs === undefined ? {} : { notBeforeMs };
    return this.finish(token, { kind: 'failed', reason: 'network', nextDueMs, ...wish });
  }

  /** A whole turn with new content. @returns the revision. */
  async lead(record: NewRecord, nextDueMs = this.time.longMs): Promise<number> {
    const token = await this.claim();
    strictEqual(await this.publish(token, record, nextDueMs), 'accepted', 'the publication');
    return token;
  }

  /**
   * Looks now and again until it is granted. It looks at once, because a store without a clock of
   * its own begins to count when somebody looks.
   */
  async claimAfter(ms: number, request: Partial<CheckRequest> = {}): Promise<number> {
    const { time } = this;
    const first = await this.check(request);
    if (time.isInHand) strictEqual(first.verdict === 'granted', false, 'granted before its time');
    if (first.verdict === 'granted') return first.token;
    await time.pass(ms);
    if (time.isInHand) {
      const { verdict, token } = await this.check(request);
      strictEqual(verdict, 'granted', `the look of ${this.name} after ${ms} ms`);
      return token;
    }
    return time.eventually(`a claim of ${this.name}`, async () => {
      const { verdict, token } = await this.check(request);
      return verdict === 'granted' ? token : undefined;
    });
  }
}
