/**
 * How the contract suites speak to a test runner. They need a `describe` and an `it`, so jest,
 * vitest, mocha and node:test run them as they are; what is wrong is said by node:assert.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

/** What a suite needs of a test runner. @publicApi */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** The given runner, or the one whose `describe` and `it` are global. */
export function runnerOf(given: ContractRunner | undefined): ContractRunner {
  const { describe, it } = given ?? (globalThis as Partial<ContractRunner>);
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new FlagsError(
      'A contract suite found no test runner: there is no global describe() and it(). Give it one, for example with the option runner: { describe, it } of node:test or vitest.',
      { code: 'invalid-options' },
    );
  }
  return { describe, it };
}
