/** Simulates many runs beside the tests; see `runs-thread.mjs` for the reason. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Violation } from './invariants/violation.js';
import type { Run } from './simulate.js';

export interface RunReport {
  readonly run: Run;
  readonly violations: readonly Violation[];
}

/** @returns a report for each run, in their order. Rejects when one throws. */
export function simulateAll(runs: readonly Run[]): Promise<readonly RunReport[]> {
  return new Promise((resolve, reject) => {
    const reports: RunReport[] = [];
    const thread = new Worker(fileURLToPath(new URL('runs-thread.mjs', import.meta.url)), {
      workerData: { runs },
      execArgv: ['--no-warnings'],
    });
    thread.on('message', (report: RunReport) => reports.push(report));
    thread.on('error', reject);
    thread.on('exit', (code) => {
      if (reports.length === runs.length) resolve(reports);
      else reject(new Error(`The thread ended (${code}) after ${reports.length} runs.`));
    });
  });
}
