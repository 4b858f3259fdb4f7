/** Looks for what a mutant breaks. */
import { mutants, type Mutant } from './mutants.js';
import { scenarios } from './scenarios.js';
import { simulate } from './simulate.js';

const MOST_RUNS = 300;

/** What the mutant of this name broke first, or nothing. */
export async function brokenBy(name: string): Promise<string | undefined> {
  const { caughtBy, mutations } = named(name);
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

function named(wanted: string): Mutant {
  const mutant = mutants.find(({ name }) => name === wanted);
  if (mutant === undefined) throw new Error(`There is no mutant "${wanted}".`);
  return mutant;
}
