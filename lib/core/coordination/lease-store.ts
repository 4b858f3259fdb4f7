/**
 * The port to a lease that one owner keeps: taken when it is free, extended by its owner, given
 * up by its owner and by nobody else. It is the protocol of the cache examples in PostHog's
 * documentation.
 *
 * A lease keeps others from asking; it cannot keep back a write that was sent before it was lost.
 * Therefore a store that orders publications also gives a token with it: what is published under
 * it comes after all that was published under the tokens before.
 */

/** @publicApi */
export interface LeaseStore {
  /** True: whoever asks gets it, so it keeps nobody apart. @default false */
  readonly isOpenToAll?: boolean;
  /** Takes the lease, or extends it when it is the owner's. @returns whether the owner has it. */
  acquire(owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease up, if it is the owner's. */
  release(owner: string): Promise<void>;
  /**
   * The same as `acquire`, with a token for what the owner publishes next; asked in its place where
   * the store has it. A token is a revision: higher than each that was given or stored here before.
   * @param floor lowest revision that is of use to who asks: a stored one below it counts as lost,
   * though it lies there, so that it is not confirmed but published anew. 0 for any.
   * @returns undefined while another has the lease.
   */
  acquireWithToken?(owner: string, leaseMs: number, floor: number): Promise<number | undefined>;
}
