/**
 * A runner for the cases of contracts that wait in real time: what they wait for goes on at the
 * same moment, so that together they take as long as the longest of them.
 */
import { describe, it } from '@jest/globals';
import type { ContractRunner } from '../../lib/testing.js';

const jest: ContractRunner = { describe, it };

/** All cases of all suites that it is given begin, and end, when the first of them is run. */
export function sideBySide(): ContractRunner {
  const bodies: (() => Promise<void>)[] = [];
  let ended: Promise<readonly PromiseSettledResult<void>[]> | undefined;
  return {
    describe,
    it: (name, body) => {
      const index = bodies.push(body) - 1;
      jest.it(name, async () => {
        // Whoever stops a server next stops it for none of them.
        ended ??= Promise.allSettled(bodies.map((start) => start()));
        const result = (await ended)[index];
        if (result?.status === 'rejected') throw result.reason;
      });
    },
  };
}
