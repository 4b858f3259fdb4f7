/**
 * Bytes that an evaluation allocates. Run in a process of its own, with a young generation so
 * large that nothing is collected in between: `node --expose-gc --min-semi-space-size=64 …`.
 * Argument: the name of the workload; prints a line of JSON, bytes by system.
 */
import { argv, memoryUsage, stdout } from 'node:process';
import { systems } from './systems/all.mjs';
import { ours } from './systems/ours.mjs';
import { workloads } from './workloads.mjs';

const mostBytes = 24 * 2 ** 20;
const mostTimes = 400_000;
const workload = workloads.find(({ name }) => name === argv[2]);
if (workload === undefined) throw new Error(`There is no workload "${argv[2]}".`);
console.warn = () => undefined;

/** @type {Record<string, number>} */
const bytes = {};
for (const { name, open, canDo } of systems) {
  if (canDo !== undefined && !canDo(workload)) continue;
  const opened = await open(workload);
  await run(opened, warmUps(name));
  // Counting costs some memory, too, so of what takes little there must be many: as many as fit
  // without a collection. That is learned step by step, since the first steps count too much.
  let each = await bytesOf(opened, 4);
  for (let step = 0; step < 4; step += 1) {
    const fitting = Math.floor(mostBytes / Math.max(each, 8));
    each = await bytesOf(opened, Math.min(mostTimes, Math.max(4, fitting)));
  }
  bytes[name] = each;
  await opened.close();
}
stdout.write(`${JSON.stringify(bytes)}\n`);
process.exit(0);

/** @param {import('./systems/system.mjs').Opened} opened @param {number} count */
async function bytesOf(opened, count) {
  globalThis.gc?.();
  const before = memoryUsage().heapUsed;
  await run(opened, count);
  return (memoryUsage().heapUsed - before) / count;
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
  const most = workload?.all ? 600 : 300_000;
  return name === ours.name ? most : most / 30;
}
