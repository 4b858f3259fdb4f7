/** The checks have teeth: a protocol with a rule taken out does not pass them. */
import { describe, expect, it } from '@jest/globals';
import { mutants } from './mutants.js';
import { simulate } from './simulate.js';

const MOST_RUNS = 300;
const LONGEST_MS = 5 * 60_000;

describe('a protocol without', () => {
  for (const { name, mutations, mix, breaks } of mutants) {
    it(
      `${name} breaks one of ${breaks.join(', ')} in the mix ${mix}`,
      async () => {
        const broken = new Set<string>();
        let seed = 1;
        for (; seed <= MOST_RUNS && broken.size === 0; seed += 1) {
          const { violations } = await simulate({ mix, seed, mutations });
          for (const { invariant } of violations) {
            if (breaks.includes(invariant)) broken.add(invariant);
          }
        }
        expect([...broken]).not.toEqual([]);
      },
      LONGEST_MS,
    );
  }
});
