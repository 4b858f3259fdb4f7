/**
 * The shipped refresh cycle, poller, shared cache and claims in a virtual fleet: ten minutes each
 * run, three to ten instances and more, every mix of faults in turn. SIMULATION_RUNS sets how
 * many, SIMULATION_FROM the first seed.
 */
import { describe, expect, it } from '@jest/globals';
import { mixes, type MixName } from './mixes.js';
import { commandFor, runsOf } from './runs.js';
import { simulate, type Run } from './simulate.js';

const count = Number(process.env['SIMULATION_RUNS'] ?? 300);
const from = Number(process.env['SIMULATION_FROM'] ?? 1);
const LONGEST_MS = 15 * 60_000;
const MOST_TOLD = 10;

const runs = runsOf(count, { from });

async function failuresOf(some: readonly Run[]): Promise<string[]> {
  const failures: string[] = [];
  for (const run of some) {
    const { violations } = await simulate(run);
    const [first] = violations;
    if (first === undefined) continue;
    failures.push(`${commandFor(run)}    # ${first.invariant}: ${first.message}`);
    if (failures.length === MOST_TOLD) break;
  }
  return failures;
}

describe('a fleet in which everything fails', () => {
  for (const mix of Object.keys(mixes) as MixName[]) {
    it(
      `keeps its promises through the mix ${mix}`,
      async () => {
        const some = runs.filter((run) => run.mix === mix);
        expect(some.length).toBeGreaterThan(0);
        expect(await failuresOf(some)).toEqual([]);
      },
      LONGEST_MS,
    );
  }

  it('is the same fleet each time that it is run from one seed', async () => {
    const run = { mix: 'chaos', seed: from } as const;
    const [first, second] = [await simulate(run), await simulate(run)];
    expect(first.trace).toEqual(second.trace);
    expect(first.trace.length).toBeGreaterThan(100);
  });
});
