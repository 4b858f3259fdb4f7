/**
 * The mixes of faults that a fleet is run through, each with what may be asked of a fleet in it.
 * A mix is what goes wrong together; which of it, how often, when and to whom is the seed's.
 */
import { faults, type FaultName } from './faults.js';
import type { InstanceSettings } from './world/virtual-instance.js';

export interface Mix {
  readonly faults: readonly FaultName[];
  /** How many faults happen, at least and at most. */
  readonly count: readonly [number, number];
  /** When the last fault has ended, in milliseconds since the world began. */
  readonly calmFromMs: number;
  readonly rates?: readonly [number, number];
  readonly settings?: Partial<InstanceSettings>;
  /** Longest time by which what the faults left behind may put off the next fetch. */
  readonly aftermathMs?: number;
  /** The store may forget a grant while its finish is on the way: order is promised only without. */
  readonly forgetsGrants?: true;
  /** The source itself goes back in time. */
  readonly goesBack?: true;
}

const MINUTE_MS = 60_000;
/** The longest back-off after a failure that time heals, and after one that a person must. */
const PASSING_BACKOFF_MS = 60_000;
const STANDING_BACKOFF_MS = 300_000;

/** What leaves no order to ask for, or puts the recovery off for too long. */
const notInChaos = ['sourceOutdated', 'sourceEmptied', 'sourceFlips', 'quotaUsedUp', 'keyRevoked'];

export const mixes = {
  calm: { faults: ['growth', 'leaveAndReturn'], count: [0, 2], calmFromMs: MINUTE_MS },
  crash: {
    faults: ['crashAnywhere', 'crashUnderClaim', 'crashUnderClaim', 'leaveUnderClaim'],
    count: [3, 9],
    calmFromMs: 7 * MINUTE_MS,
  },
  pause: {
    faults: ['pauseUnderClaim', 'pauseUnderClaim', 'suspendUnderClaim', 'pauseAnywhere'],
    count: [3, 9],
    calmFromMs: 7 * MINUTE_MS,
  },
  outage: {
    faults: ['storeErrors', 'storeHangs', 'storeFreezes', 'growth'],
    count: [1, 4],
    calmFromMs: 7 * MINUTE_MS,
  },
  delay: {
    faults: ['requestsLate', 'requestsLate', 'answersLost', 'storeFreezes', 'sourceSlow'],
    count: [1, 5],
    calmFromMs: 7 * MINUTE_MS,
    aftermathMs: 40_000,
  },
  loss: {
    faults: ['wipe', 'wipeAtPublication', 'bodiesEvicted', 'headEvicted', 'recordSpoilt', 'crashAnywhere'], // prettier-ignore
    count: [2, 7],
    calmFromMs: 7 * MINUTE_MS,
  },
  failover: {
    faults: ['failover', 'failover', 'storeClockJumps', 'pauseUnderClaim', 'crashAnywhere'],
    count: [2, 6],
    calmFromMs: 7 * MINUTE_MS,
    forgetsGrants: true,
  },
  partition: {
    faults: ['storeRefused', 'storeSilent', 'pushTroubled', 'sourceRefusedToOne', 'storeSilent'],
    count: [2, 7],
    calmFromMs: 7 * MINUTE_MS,
  },
  egress: {
    faults: ['sourceRefusedToOne', 'sourceSilentToOne', 'keyOfOneRevoked', 'leaveUnderClaim'],
    count: [2, 6],
    calmFromMs: 6 * MINUTE_MS,
    aftermathMs: PASSING_BACKOFF_MS,
  },
  source: {
    faults: ['sourceErrors', 'sourceUnreachable', 'sourceTooBusy', 'sourceHangs', 'sourceSlow', 'sourceGarbage'], // prettier-ignore
    count: [2, 6],
    calmFromMs: 6 * MINUTE_MS,
    aftermathMs: PASSING_BACKOFF_MS,
  },
  denial: {
    faults: ['quotaUsedUp', 'keyRevoked', 'sourceErrors', 'wipe'],
    count: [1, 4],
    calmFromMs: 3 * MINUTE_MS,
    aftermathMs: STANDING_BACKOFF_MS,
  },
  outdated: {
    faults: ['sourceOutdated', 'sourceOutdated', 'crashAnywhere', 'storeErrors'],
    count: [1, 4],
    calmFromMs: 7 * MINUTE_MS,
    goesBack: true,
  },
  mistakes: {
    faults: ['sourceEmptied', 'sourceFlips', 'crashAnywhere', 'pauseUnderClaim', 'growth'],
    count: [2, 6],
    calmFromMs: 7 * MINUTE_MS,
    aftermathMs: PASSING_BACKOFF_MS,
  },
  clocks: {
    faults: ['wallClockJumps', 'storeClockJumps', 'pauseUnderClaim', 'sourceSlow', 'storeErrors'],
    count: [2, 6],
    calmFromMs: 6 * MINUTE_MS,
    rates: [0.5, 2],
  },
  deploy: {
    faults: ['rollingDeploy', 'leaveUnderClaim', 'leaveAndReturn', 'growth', 'storeErrors'],
    count: [1, 4],
    calmFromMs: 7 * MINUTE_MS,
  },
  chaos: {
    faults: Object.keys(faults).filter((name) => !notInChaos.includes(name)) as FaultName[],
    count: [4, 14],
    calmFromMs: 6 * MINUTE_MS,
    aftermathMs: PASSING_BACKOFF_MS + 40_000,
    forgetsGrants: true,
  },
} satisfies Record<string, Mix>;

export type MixName = keyof typeof mixes;
