/**
 * Coordinations as an app writes them: `claimed()`, `leased()`, `unclaimed()`. Each waits for what
 * only the cache knows (its records, its times) and then makes the coordination. Those that need
 * nothing of the records are in `self-chosen-factory.ts`.
 */
import type { RecordStore } from '../cache/record-store.js';
import { FlagsError } from '../errors/flags-error.js';
import type { Clock } from '../time/clock.js';
import { ClaimedCoordination } from './claimed.js';
import type { Coordination } from './coordination.js';
import { LeasedCoordination } from './leased.js';

/** What a coordination is made of. @publicApi */
export interface CoordinationParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** How often the fleet refreshes. */
  readonly intervalMs: number;
  /** Share of the interval by which each due time may be earlier or later, 0 to 1. */
  readonly jitter: number;
  /** How often an instance looks. */
  readonly checkMs: number;
  /** Longest time from the grant of a claim to its end. */
  readonly leaseMs: number;
}

/** @publicApi */
export type CoordinationFactory = (parts: CoordinationParts) => Coordination;

/**
 * Refresh claims, the default wherever the backend can compare and set.
 * @throws FlagsError `invalid-options` (the factory) for a backend that cannot.
 * @publicApi
 */
export function claimed(): CoordinationFactory {
  return ({ records, clock, random, ...settings }) => {
    const { claims } = records;
    if (claims === undefined) {
      throw new FlagsError(
        `The definition cache (${records.description}) cannot compare and set, so it cannot grant claims. Use unclaimed(), or a backend that can, such as Redis, PostgreSQL, DynamoDB, or a folder.`,
        { code: 'invalid-options' },
      );
    }
    return new ClaimedCoordination({ claims, clock, random, settings });
  };
}

/**
 * A leader that keeps its lease, in the protocol of PostHog's own cache examples: the default for
 * records that other SDKs share (`interop`), and possible wherever the backend can compare and set.
 * It promises less than {@link claimed}: a leader that crashes is replaced when its lease has run
 * out, which is a fetch and two looks long.
 * @throws FlagsError `invalid-options` (the factory) for a backend that has no lease.
 * @publicApi
 */
export function leased(): CoordinationFactory {
  return ({ records, clock, intervalMs, checkMs, leaseMs }) => {
    const { lease } = records;
    if (lease === undefined) {
      throw new FlagsError(
        `The definition cache (${records.description}) keeps no lease, so there is none to lead by. Use unclaimed(), or a backend that can compare and set, such as Redis or PostgreSQL.`,
        { code: 'invalid-options' },
      );
    }
    // It has to outlive a fetch and the time until it is extended, at the next check but one.
    const settings = { intervalMs, leaseMs: leaseMs + 2 * checkMs };
    return new LeasedCoordination({ lease, records, clock, settings });
  };
}

/**
 * Nobody is asked: an instance that finds the shared copy older than the interval fetches. For
 * backends without an atomic step, the default there. Instances that look at the same moment
 * fetch both; what is older is never published over what is newer, as far as the backend can see.
 * @publicApi
 */
export function unclaimed(): CoordinationFactory {
  const free = { isOpenToAll: true, acquire: async () => true, release: async () => undefined };
  return ({ records, clock, intervalMs, leaseMs }) =>
    new LeasedCoordination({ lease: free, records, clock, settings: { intervalMs, leaseMs } });
}
