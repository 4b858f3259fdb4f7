/** A night as tests: each fault by its name, and the judgement at the end. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomOf, type Random } from '../simulation/world/random.js';
import { endure, judge, told, type NightOn } from './night.js';
import { evaluations } from './night-report.js';
import { RealFleet } from './real-fleet.js';
import type { FleetStore } from './stores/fleet-store.js';

const LONGEST_MS = 300_000;

export function nightOf<Store extends FleetStore>(
  night: NightOn<Store>,
  names: readonly string[],
  morningMs?: number,
): void {
  const seed = Number(process.env['FLEET_SEED'] ?? 1);
  let fleet: RealFleet<Store>;
  let random: Random;
  let broken: string | undefined;

  /** One that breaks the fleet ends the night: what follows would say nothing. */
  async function expectRecovery(name: string): Promise<void> {
    expect(broken).toBeUndefined();
    broken = name;
    const again = commandFor(night, [name], seed);
    await expectEndured(night, fleet, [name], random.fork(name), again);
    broken = undefined;
  }

  beforeAll(async () => {
    random = randomOf(seed);
    fleet = await RealFleet.on(night.openStore, night.times);
    expect(await fleet.convergence()).toBeDefined();
  }, LONGEST_MS);

  afterAll(async () => fleet.close(), LONGEST_MS);

  it.each(names)('everybody becomes current after: %s', (name) => expectRecovery(name), LONGEST_MS);

  it(
    'breaks no promise, all night long',
    async () => {
      const violations = await judge(fleet, morningMs);
      expectNothingBad(fleet, told(violations, fleet), commandFor(night, names, seed));
      // What has not been seen proves nothing.
      const accepted = fleet.told.filter((f) => f.type === 'executed-finish' && f.isAccepted);
      expect(accepted.length).toBeGreaterThan(names.length);
      expect(evaluations(fleet).done).toBeGreaterThan(1_000);
    },
    LONGEST_MS,
  );
}

/** @param again the command that does it again */
export async function expectEndured<Store extends FleetStore>(
  night: NightOn<Store>,
  fleet: RealFleet<Store>,
  names: readonly string[],
  random: Random,
  again: string,
): Promise<void> {
  const entry = await endure(night, fleet, names, random).catch((cause: unknown) => {
    throw new Error(`${String(cause)}\nAgain: ${again}`, { cause });
  });
  expect(entry.faults).toEqual(names);
}

export function expectNothingBad(fleet: RealFleet, violations: string[], again: string): void {
  const bad = [...violations, ...fleet.crashes, ...fleet.secretsTold().map((text) => `secret: ${text}`)]; // prettier-ignore
  expect(bad.length === 0 ? [] : [...bad, `Again: ${again}`]).toEqual([]);
}

function commandFor(
  { name }: { readonly name: string },
  faults: readonly string[],
  seed: number,
): string {
  return `npm run build:esm && npm run soak -- --store ${name} --faults ${faults.join(',')} --seed ${seed}`;
}
