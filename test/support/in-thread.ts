/**
 * Runs a function beside the tests, in a thread of its own: outside the sandbox of jest, whose
 * globals and promises are watched, work that computes for seconds takes a fraction of the time.
 */
import { Worker } from 'node:worker_threads';

/**
 * Calls the function that a module exports by this name. What is given, and what it resolves with,
 * is copied. Rejects with what it throws.
 * @param module `new URL('…', import.meta.url)`, of JavaScript or TypeScript
 */
export function inThread<Result>(
  module: URL,
  name: string,
  ...given: readonly unknown[]
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('other-thread.mjs', import.meta.url), {
      workerData: { module: module.href, name, given },
      execArgv: ['--no-warnings'],
    });
    thread.on('message', resolve);
    thread.on('error', reject);
    thread.on('exit', (code) => reject(new Error(`The thread ended (${code}) and told nothing.`)));
  });
}
