/**
 * The checks have teeth: a protocol with a rule taken out does not pass them. The names say what
 * catches which; `scenarios.spec.ts` shows that the protocol as it is passes.
 */
import { describe, expect, it } from '@jest/globals';
import { inThread } from '../support/in-thread.js';
import { mutants, type Mutant } from './mutants.js';

const LONGEST_MS = 5 * 60_000;
const hunt = new URL('hunt.ts', import.meta.url);

function told({ name, caughtBy }: Mutant): string {
  if ('scenario' in caughtBy) return `${name}: breaks that ${caughtBy.scenario}`;
  return `${name}: breaks one of ${caughtBy.breaks.join(', ')} in the mix ${caughtBy.mix}`;
}

describe('a protocol with', () => {
  it.each(mutants.map((mutant) => [told(mutant), mutant] as const))(
    '%s',
    async (_told, { name, caughtBy }) => {
      const broken = await inThread<string | undefined>(hunt, 'brokenBy', name);
      const expected = 'scenario' in caughtBy ? [caughtBy.scenario] : caughtBy.breaks;
      expect(expected).toContain(broken);
    },
    LONGEST_MS,
  );
});
