/**
 * Interleaved rounds: in each of them every system has its turn, so that what else the machine
 * does hits all alike. A turn is a batch that lasts about `batchMs`; its figure is the CPU time of
 * one evaluation, that of all threads of the process: on a machine with other work the time on
 * the wall says more about that work.
 */

/** @typedef {{ readonly name: string, readonly isAsync: boolean, readonly opened: import('./systems/system.mjs').Opened }} Entrant */

/**
 * @param {readonly Entrant[]} entrants
 * @param {{ readonly rounds: number, readonly batchMs: number }} plan
 * @returns {Promise<ReadonlyMap<string, readonly number[]>>} ns for one evaluation, by round
 */
export async function timeRounds(entrants, { rounds, batchMs }) {
  const sizes = new Map();
  for (const entrant of entrants) sizes.set(entrant.name, await batchSize(entrant, batchMs));
  /** @type {Map<string, number[]>} */
  const times = new Map(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const entrant of entrants) {
      const count = sizes.get(entrant.name);
      times.get(entrant.name)?.push((await batch(entrant, count)) / count);
    }
  }
  return times;
}

/** As many as fill the time, after the code has become warm. @param {Entrant} entrant @param {number} batchMs */
async function batchSize(entrant, batchMs) {
  let count = 8;
  for (;;) {
    const elapsed = await batch(entrant, count);
    if (elapsed >= batchMs * 1e6) return Math.max(8, Math.round((count * batchMs * 1e6) / elapsed));
    count *= 2;
  }
}

/** @param {Entrant} entrant @param {number} count @returns {Promise<number>} ns */
async function batch({ isAsync, opened }, count) {
  return isAsync ? awaited(opened, count) : synchronous(opened, count);
}

/** @param {import('./systems/system.mjs').Opened} opened @param {number} count */
function synchronous({ evaluate, contexts }, count) {
  let answer;
  const begin = process.cpuUsage();
  for (let index = 0; index < count; index += 1) answer = evaluate(contexts[index & 1023]);
  return cpuSince(begin, answer);
}

/** @param {import('./systems/system.mjs').Opened} opened @param {number} count */
async function awaited({ evaluate, contexts }, count) {
  let answer;
  const begin = process.cpuUsage();
  for (let index = 0; index < count; index += 1) answer = await evaluate(contexts[index & 1023]);
  return cpuSince(begin, answer);
}

/** The last answer is looked at, so that no compiler may leave the work out. @param {NodeJS.CpuUsage} begin @param {unknown} answer */
function cpuSince(begin, answer) {
  const { user, system } = process.cpuUsage(begin);
  if (answer === undefined) throw new Error('A system gave no answer.');
  return (user + system) * 1000;
}
