/**
 * A thread that simulates the runs it is given and tells what each came to. Outside the sandbox in
 * which tests run, whose globals and promises are watched, a run takes two thirds of the time.
 */
import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

register('./typescript-hooks.mjs', import.meta.url);
const { simulate } = await import('./simulate.ts');
for (const run of workerData.runs) {
  const { violations } = await simulate(run);
  parentPort.postMessage({ run, violations });
}
