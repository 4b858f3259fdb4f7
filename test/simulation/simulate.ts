/** One run: a fleet, a mix of faults and a seed; ten virtual minutes; a trace and its faults. */
import { checkTrace } from './invariants/check-trace.js';
import type { TraceFacts, Violation } from './invariants/violation.js';
import { faults } from './faults.js';
import { mixes, type Mix, type MixName } from './mixes.js';
import type { TraceEvent } from './trace.js';
import { Fleet, type FleetParts, type Mutations } from './world/fleet.js';

export interface Run {
  readonly mix: MixName;
  readonly seed: number;
  readonly mutations?: Mutations;
  readonly member?: FleetParts['member'];
}

export interface RunResult {
  readonly trace: readonly TraceEvent[];
  readonly violations: readonly Violation[];
  readonly instances: number;
}

export const RUN_MS = 10 * 60_000;
const FAULTS_BEGIN_AT_MS = 20_000;

export async function simulate({ mix: name, seed, ...others }: Run): Promise<RunResult> {
  const mix: Mix = mixes[name];
  const { rates, settings = {} } = mix;
  const fleet = new Fleet({ seed, settings, ...others, ...(rates && { rates }) });
  planBoot(fleet);
  planVersions(fleet);
  planFaults(fleet, mix);
  await fleet.world.runUntil(RUN_MS);
  const facts = factsOf(fleet, mix);
  return {
    trace: fleet.trace,
    violations: checkTrace(fleet.trace, facts),
    instances: fleet.instances.length,
  };
}

/** Three to ten instances, at once or one after the other. */
function planBoot(fleet: Fleet): void {
  const random = fleet.world.random.fork('boot');
  const instances = random.integer(3, 10);
  const spreadMs = random.pick([0, 1_000, 15_000]);
  for (let n = 0; n < instances; n += 1) {
    fleet.world.at(random.between(0, spreadMs), () => fleet.boot());
  }
}

/** The source changes every now and then; sometimes a change is taken back. */
function planVersions(fleet: Fleet): void {
  const random = fleet.world.random.fork('versions');
  const gapMs = random.pick([20_000, 60_000, 200_000]);
  let atMs = random.between(5_000, gapMs);
  while (atMs < RUN_MS) {
    const takenBack = random.chance(0.15);
    fleet.world.at(atMs, () => (takenBack ? fleet.source.revert() : fleet.source.change()));
    atMs += random.between(0.2, 1.8) * gapMs;
  }
}

function planFaults(fleet: Fleet, mix: Mix): void {
  const random = fleet.world.random.fork('faults');
  const count = random.integer(...mix.count);
  const span = { fromMs: FAULTS_BEGIN_AT_MS, toMs: mix.calmFromMs };
  for (let n = 0; n < count; n += 1) {
    const name = random.pick(mix.faults);
    faults[name](fleet, random.fork(`${n}`), span);
  }
  fleet.world.at(mix.calmFromMs, () => fleet.heal());
}

function factsOf({ settings }: Fleet, mix: Mix): TraceFacts {
  return {
    settings,
    endMs: RUN_MS,
    calmFromMs: mix.calmFromMs,
    aftermathMs: mix.aftermathMs ?? 0,
    forgetsGrants: mix.forgetsGrants ?? false,
    goesBack: mix.goesBack ?? false,
    slowestRate: mix.rates?.[0] ?? 0.99,
  };
}
