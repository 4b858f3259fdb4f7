/**
 * The port to a lease that one owner keeps: taken when it is free, extended by its owner, given
 * up by its owner and by nobody else. It is the protocol of the cache examples in PostHog's
 * documentation.
 */

/** @publicApi */
export interface LeaseStore {
  /** True: whoever asks gets it, so it keeps nobody apart. @default false */
  readonly isOpenToAll?: boolean;
  /** Takes the lease, or extends it when it is the owner's. @returns whether the owner has it. */
  acquire(owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease up, if it is the owner's. */
  release(owner: string): Promise<void>;
}
