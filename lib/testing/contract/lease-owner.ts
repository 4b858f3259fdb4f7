/** An instance of a fleet that is led, as the contract of leases plays it. */
import { strictEqual } from 'node:assert/strict';
import type { NewRecord } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import type { RecordTrial } from './record-place.js';
import type { ContractTime } from './contract-time.js';

export class LeaseOwner {
  constructor(
    readonly name: string,
    readonly store: RecordStore,
    private readonly time: ContractTime,
  ) {}

  static async in({ place, time }: RecordTrial, name: string): Promise<LeaseOwner> {
    return new LeaseOwner(name, await place.another(), time);
  }

  get lease(): LeaseStore {
    const { lease, description } = this.store;
    if (lease === undefined) throw new Error(`the store (${description}) has no lease`);
    return lease;
  }

  /** A long lease: what is not free now stays so. */
  async asks(leaseMs = this.time.longMs): Promise<boolean> {
    return this.lease.acquire(this.name, leaseMs);
  }

  release(): Promise<void> {
    return this.lease.release(this.name);
  }

  /** @throws AssertionError when another has the lease. */
  async takes(leaseMs?: number): Promise<void> {
    strictEqual(await this.asks(leaseMs), true, `the lease of ${this.name}`);
  }

  /** @throws AssertionError when it gets the lease. */
  async isHeldOff(): Promise<void> {
    strictEqual(await this.asks(), false, `the lease, for ${this.name}`);
  }

  /** Undefined while another has the lease. */
  async asksForToken(floor = 0, leaseMs = this.time.longMs): Promise<number | undefined> {
    const { lease } = this;
    if (lease.acquireWithToken === undefined) {
      const { description } = this.store;
      throw new Error(
        `the lease of the store (${description}) gives no tokens: say why, with the option lacks: { tokens: 'why not' }`,
      );
    }
    return lease.acquireWithToken(this.name, leaseMs, floor);
  }

  /** @throws AssertionError when another has the lease. */
  async token(floor?: number, leaseMs?: number): Promise<number> {
    const token = await this.asksForToken(floor, leaseMs);
    strictEqual(typeof token, 'number', `the token of ${this.name}, which is ${String(token)},`);
    return token ?? 0;
  }

  publishes(record: NewRecord, revision: number): Promise<boolean> {
    return this.store.publish(record, revision);
  }

  /**
   * Asks now and again until it gets the lease. It asks at once, because a store without a clock of
   * its own begins to count when somebody looks.
   */
  async takesAfter(ms: number): Promise<void> {
    const { time } = this;
    const isEarly = await this.asks();
    if (time.isInHand) strictEqual(isEarly, false, `${this.name} had the lease before its time`);
    if (isEarly) return;
    await time.pass(ms);
    if (time.isInHand) return this.takes();
    await time.eventually(
      `the lease of ${this.name}`,
      async () => (await this.asks()) || undefined,
    );
  }
}
