/** A process whose threads open a shared memory, watch it, close nothing, and have no more to do. */
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { createSharedMemory, sharedMemoryCache } from '../../../dist/esm/caches-shared-memory.js';
import { systemClock } from '../../../dist/esm/core/time/clock.js';

const memory = isMainThread ? createSharedMemory() : workerData.memory;
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
const store = sharedMemoryCache(memory).open(settings);
store.watch(() => undefined);
await store.readHead();
process.stdout.write(isMainThread ? 'the main thread watches\n' : 'the worker watches\n');
if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { memory } });
  worker.on('exit', () => process.stdout.write('the worker has ended\n'));
}
