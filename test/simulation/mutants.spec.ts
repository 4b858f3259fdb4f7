/**
 * The checks have teeth: a protocol with a rule taken out does not pass them. The names say what
 * catches which; `scenarios.spec.ts` shows that the protocol as it is passes.
 */
import { describe, expect, it } from '@jest/globals';
import { mutants, type Catch, type Mutant } from './mutants.js';
import { scenarios } from './scenarios.js';
import { simulate } from './simulate.js';
import type { Mutations } from './world/fleet.js';

const MOST_RUNS = 300;
const LONGEST_MS = 5 * 60_000;

/** What was broken first, or nothing. */
async function brokenBy(mutations: Mutations, caughtBy: Catch): Promise<string | undefined> {
  if ('scenario' in caughtBy) {
    const { scenario } = caughtBy;
    return (await scenarios[scenario](mutations)) ? undefined : scenario;
  }
  const { mix, breaks } = caughtBy;
  for (let seed = 1; seed <= MOST_RUNS; seed += 1) {
    const { violations } = await simulate({ mix, seed, mutations });
    const found = violations.find(({ invariant }) => breaks.includes(invariant));
    if (found !== undefined) return found.invariant;
  }
  return undefined;
}

function told({ name, caughtBy }: Mutant): string {
  if ('scenario' in caughtBy) return `${name}: breaks that ${caughtBy.scenario}`;
  return `${name}: breaks one of ${caughtBy.breaks.join(', ')} in the mix ${caughtBy.mix}`;
}

describe('a protocol with', () => {
  it.each(mutants.map((mutant) => [told(mutant), mutant] as const))(
    '%s',
    async (_told, { mutations, caughtBy }) => {
      expect(await brokenBy(mutations, caughtBy)).toBeDefined();
    },
    LONGEST_MS,
  );
});
