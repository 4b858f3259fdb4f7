/** The other end of `in-thread.ts`: calls the function that is named, and tells what it came to. */
import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

register('./typescript-hooks.mjs', import.meta.url);
const { module, name, given } = workerData;
const { [name]: work } = await import(module);
parentPort.postMessage(await work(...given));
