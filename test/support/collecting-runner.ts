/** A test runner that says which cases failed: for suites that are themselves under test. */
import type { ContractRunner } from '../../lib/testing.js';

interface CollectedCase {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** Runs what is described, case after case. @returns the names of those that failed. */
export async function failuresOf(described: (runner: ContractRunner) => void): Promise<string[]> {
  const cases: CollectedCase[] = [];
  described({
    describe: (_name, body) => body(),
    it: (name, body) => cases.push({ name, body }),
  });
  const failures: string[] = [];
  for (const { name, body } of cases) await body().catch(() => failures.push(name));
  return failures;
}
