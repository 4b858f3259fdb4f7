/**
 * A night: one fault after the other upon one fleet. After each, what is new must reach everybody;
 * at the end the whole history is held against the invariants.
 */
import { checkTrace } from '../simulation/invariants/check-trace.js';
import { longestRecoveryMs, type Violation } from '../simulation/invariants/violation.js';
import type { Random } from '../simulation/world/random.js';
import type { Fault } from './faults/fault.js';
import { processFaults } from './faults/process-faults.js';
import { sourceFaults } from './faults/source-faults.js';
import { factsOf, type FleetSettings } from './fleet-settings.js';
import { nowMs } from './now.js';
import { delay, type RealFleet } from './real-fleet.js';
import type { FleetStore, OpenStore } from './stores/fleet-store.js';

/** A store, and what can go wrong with it besides what can go wrong with any. */
export interface NightOn<Store extends FleetStore> {
  /** As `npm run soak -- --store` has it. */
  readonly name: string;
  readonly openStore: OpenStore<Store>;
  readonly times: Partial<FleetSettings>;
  readonly storeFaults: Readonly<Record<string, Fault<Store>>>;
  /** Those of the store that the source may be ill with at the same time. */
  readonly companions: readonly string[];
}

/** All that can go wrong there, by name. */
export function faultsOn<Store extends FleetStore>({
  storeFaults,
}: NightOn<Store>): ReadonlyMap<string, Fault<Store>> {
  const faults = { ...processFaults, ...storeFaults, ...sourceFaults };
  return new Map<string, Fault<Store>>(Object.entries(faults));
}

/** The longest that the failures of one fault put the next fetch off. */
const AFTERMATH_MS = 16_000;

export interface NightEntry {
  /** One, or two at once. */
  readonly faults: readonly string[];
  readonly tookMs: number;
  /** From the end of the fault until everybody was current. */
  readonly convergedMs: number;
}

/** What a seed puts upon a fleet next. */
export function drawFaults<Store extends FleetStore>(
  night: NightOn<Store>,
  random: Random,
): readonly string[] {
  const fault = random.pick([...faultsOn(night).keys()]);
  const isOfSource = Object.hasOwn(sourceFaults, fault);
  return isOfSource && random.chance(0.3) ? [fault, random.pick(night.companions)] : [fault];
}

/** @throws Error that names the faults after which the fleet did not become current. */
export async function endure<Store extends FleetStore>(
  night: NightOn<Store>,
  fleet: RealFleet<Store>,
  names: readonly string[],
  random: Random,
): Promise<NightEntry> {
  const faults = faultsOn(night);
  const what = names.join(' with ');
  fleet.tell({ type: 'fault', what });
  const from = nowMs();
  try {
    await Promise.all(names.map(async (name) => faults.get(name)?.(fleet, random.fork(name))));
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

/**
 * Leaves the fleet alone, and judges.
 * @param morningMs by default as long as the promises of a healthy fleet need to be kept or broken
 */
export async function judge(
  fleet: RealFleet,
  morningMs = recoveryMs(fleet, 0) + 3 * fleet.settings.intervalMs,
): Promise<readonly Violation[]> {
  const calmFromMs = nowMs();
  await delay(morningMs);
  return violationsSince(fleet, calmFromMs);
}

/** What the whole trace breaks of the promises, where the fleet has been left alone since. */
export async function violationsSince(
  fleet: RealFleet,
  calmFromMs: number,
): Promise<readonly Violation[]> {
  const trace = await fleet.trace();
  return checkTrace(trace, factsOf(fleet.settings, { calmFromMs, endMs: nowMs() }));
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
