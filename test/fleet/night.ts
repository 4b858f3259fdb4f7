/**
 * A night: one fault after the other upon one fleet. After each, what is new must reach everybody;
 * at the end the whole history is held against the invariants.
 */
import { checkTrace } from '../simulation/invariants/check-trace.js';
import { longestRecoveryMs, type Violation } from '../simulation/invariants/violation.js';
import type { Random } from '../simulation/world/random.js';
import { processFaults } from './faults/process-faults.js';
import { sourceFaults } from './faults/source-faults.js';
import { storeFaults } from './faults/store-faults.js';
import { factsOf } from './fleet-settings.js';
import { nowMs } from './now.js';
import { delay, type RealFleet } from './real-fleet.js';

export const faults = { ...processFaults, ...storeFaults, ...sourceFaults };
export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

/** Of Redis, and so that the source may be ill at the same time. */
const companions: readonly FaultName[] = [
  'redisFrozen',
  'redisKilledBackWithData',
  'redisKilledBackEmpty',
  'connectionsReset',
  'redisRefusedToSome',
  'flushed',
  'readOnlyReplica',
  'passwordChanged',
  'memoryShort',
  'headSpoilt',
];

/** The longest that the failures of one fault put the next fetch off. */
const AFTERMATH_MS = 16_000;

export interface NightEntry {
  /** One, or two at once. */
  readonly faults: readonly FaultName[];
  readonly tookMs: number;
  /** From the end of the fault until everybody was current. */
  readonly convergedMs: number;
}

/** What a seed puts upon a fleet next. */
export function drawFaults(random: Random): readonly FaultName[] {
  const fault = random.pick(faultNames);
  const isOfSource = Object.hasOwn(sourceFaults, fault);
  return isOfSource && random.chance(0.3) ? [fault, random.pick(companions)] : [fault];
}

/** @throws Error that names the faults after which the fleet did not become current. */
export async function endure(
  fleet: RealFleet,
  names: readonly FaultName[],
  random: Random,
): Promise<NightEntry> {
  const what = names.join(' with ');
  fleet.tell({ type: 'fault', what });
  const from = nowMs();
  try {
    await Promise.all(names.map((name) => faults[name](fleet, random.fork(name))));
  } catch (cause) {
    throw new Error(`In the middle of ${what}: ${String(cause)}\n${lastWords(fleet)}`, { cause });
  }
  const endedAt = nowMs();
  fleet.tell({ type: 'fault', what: `${what}: over` });
  fleet.change();
  const convergedMs = await fleet.convergence(recoveryMs(fleet, AFTERMATH_MS));
  if (convergedMs === undefined) {
    const who = fleet.laggards().join(', ');
    throw new Error(`After ${what} these never became current: ${who}.\n${lastWords(fleet)}`);
  }
  return { faults: names, tookMs: endedAt - from, convergedMs };
}

/** Leaves the fleet alone, for as long as the promises of a healthy one need to be kept or broken. */
export async function judge(fleet: RealFleet): Promise<readonly Violation[]> {
  const calmFromMs = nowMs();
  await delay(recoveryMs(fleet, 0) + 3 * fleet.settings.intervalMs);
  return checkTrace(fleet.trace(), factsOf(fleet.settings, { calmFromMs, endMs: nowMs() }));
}

/** The bound of the protocol, with the slack that a busy machine gets. */
function recoveryMs({ settings }: RealFleet, aftermathMs: number): number {
  return longestRecoveryMs(factsOf(settings, { calmFromMs: 0, endMs: 0, aftermathMs }));
}

/** A violation in words, with the moment since the fleet was started. */
export function told(violations: readonly Violation[], fleet: RealFleet): string[] {
  return violations.map(({ invariant, at, message }) => {
    const seconds = ((at - fleet.startedAt) / 1_000).toFixed(3);
    return `${invariant} at ${seconds} s: ${message}`;
  });
}

function lastWords(fleet: RealFleet): string {
  const last = fleet.told.filter(({ type }) => type !== 'evaluated' && type !== 'checked');
  return last
    .slice(-40)
    .map(({ at, ...fact }) => `${Math.round(at - fleet.startedAt)} ${JSON.stringify(fact)}`)
    .join('\n');
}
