/** Many runs, one after the other, and what each broke. */
import { inThread } from '../support/in-thread.js';
import type { Violation } from './invariants/violation.js';
import { simulate, type Run } from './simulate.js';

export interface CheckedRun {
  readonly run: Run;
  readonly violations: readonly Violation[];
}

/** @returns a report for each run, in their order. */
export async function checkedRuns(runs: readonly Run[]): Promise<readonly CheckedRun[]> {
  const checked: CheckedRun[] = [];
  for (const run of runs) {
    const { violations } = await simulate(run);
    checked.push({ run, violations });
  }
  return checked;
}

/** The same in a thread of its own. */
export function checkedBeside(runs: readonly Run[]): Promise<readonly CheckedRun[]> {
  return inThread(new URL('checked-runs.ts', import.meta.url), 'checkedRuns', runs);
}
