/**
 * Bytes that an evaluation allocates, as V8 samples them where they are allocated: what the heap
 * grows by says more than that, a few megabytes for every measurement. Run in a process of its own.
 * Argument: the name of the workload; prints a line of JSON, bytes by system.
 */
import { Session } from 'node:inspector/promises';
import { argv, stdout } from 'node:process';
import { systems } from './systems/all.mjs';
import { ours } from './systems/ours.mjs';
import { workloads } from './workloads.mjs';

const workload = workloads.find(({ name }) => name === argv[2]);
if (workload === undefined) throw new Error(`There is no workload "${argv[2]}".`);
console.warn = () => undefined;

/** @type {Record<string, number>} */
const bytes = {};
for (const { name, open, canDo } of systems) {
  if (canDo !== undefined && !canDo(workload)) continue;
  const opened = await open(workload);
  await run(opened, warmUps(name));
  bytes[name] = await bytesOf(opened, timesOf(name));
  await opened.close();
}
stdout.write(`${JSON.stringify(bytes)}\n`);
process.exit(0);

/** @param {import('./systems/system.mjs').Opened} opened @param {number} count */
async function bytesOf(opened, count) {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 256,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await run(opened, count);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return sizeOf(profile.head) / count;
}

/** @param {import('node:inspector').HeapProfiler.SamplingHeapProfileNode} node @returns {number} */
function sizeOf({ selfSize, children }) {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}

/** The little that ours allocates takes many to see. @param {string} name */
function timesOf(name) {
  if (workload?.all) return name === ours.name ? 500 : 50;
  return name === ours.name ? 100_000 : 5_000;
}

/** Waits only for what is a promise: waiting allocates. @param {import('./systems/system.mjs').Opened} opened @param {number} count */
async function run({ evaluate, contexts }, count) {
  const isAsync = evaluate(contexts[0]) instanceof Promise;
  for (let index = 0; index < count; index += 1) {
    const answer = evaluate(contexts[index & 1023]);
    if (isAsync) await answer;
  }
}

/** Until V8 has compiled what is hot; the others need less patience. @param {string} name */
function warmUps(name) {
  const most = workload?.all ? 6_000 : 300_000;
  return name === ours.name ? most : most / 30;
}
