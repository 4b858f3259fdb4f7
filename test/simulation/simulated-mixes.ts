/**
 * The shipped refresh cycle, poller, shared cache and claims in a virtual fleet: ten minutes each
 * run, three to ten instances and more, 100 seeds for every mix of faults. SIMULATION_RUNS sets
 * how many runs all mixes have together, SIMULATION_FROM the first seed.
 *
 * The mixes are spread over spec files, so that the workers of the test run share them.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { mixes, type MixName } from './mixes.js';
import { checkedBeside, type CheckedRun } from './checked-runs.js';
import { commandFor, runsOf } from './runs.js';

/** Which spec file runs a mix: `simulation.<group>.spec.ts`. */
export const groups = {
  calm: 'processes',
  crash: 'processes',
  pause: 'processes',
  outage: 'store',
  loss: 'store',
  failover: 'store',
  delay: 'network',
  partition: 'network',
  egress: 'network',
  source: 'source',
  denial: 'source',
  outdated: 'source',
  mistakes: 'source',
  clocks: 'together',
  deploy: 'together',
  chaos: 'together',
} as const satisfies Record<MixName, string>;

export type Group = (typeof groups)[MixName];

const LONGEST_MS = 30 * 60_000;
const MOST_TOLD = 10;

const count = Number(process.env['SIMULATION_RUNS'] ?? 1_500);
export const firstSeed = Number(process.env['SIMULATION_FROM'] ?? 1);

export function describeMixes(group: Group): void {
  const names = (Object.keys(mixes) as MixName[]).filter((mix) => groups[mix] === group);
  const runs = runsOf(count, { from: firstSeed }).filter(({ mix }) => names.includes(mix));
  let reports: readonly CheckedRun[] = [];

  describe('a fleet in which everything fails', () => {
    beforeAll(async () => {
      reports = await checkedBeside(runs);
    }, LONGEST_MS);

    it.each(names)('keeps its promises through the mix %s', (name) => {
      const some = reports.filter(({ run }) => run.mix === name);
      expect(some.length).toBeGreaterThan(0);
      expect(failuresOf(some).slice(0, MOST_TOLD)).toEqual([]);
    });
  });
}

function failuresOf(reports: readonly CheckedRun[]): string[] {
  return reports.flatMap(({ run, violations: [first] }) =>
    first === undefined ? [] : [`${commandFor(run)}    # ${first.invariant}: ${first.message}`],
  );
}
