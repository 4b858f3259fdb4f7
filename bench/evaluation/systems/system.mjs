/**
 * What a system is to the bench. Contexts are made before the clock runs, in the system's own
 * shape; telemetry, exposures and logs are off.
 */

/**
 * @typedef {object} System
 * @property {string} name
 * @property {boolean} isAsync
 * @property {(workload: import('../workloads.mjs').Workload) => boolean} [canDo]
 * @property {(workload: import('../workloads.mjs').Workload) => Promise<Opened>} open
 */

/**
 * Of one workload: evaluates the flag, or all flags, for a context. Returns what the system
 * returns; `valueOf` makes a plain value of it (of all: by key), and no clock runs meanwhile.
 * @typedef {object} Opened
 * @property {readonly unknown[]} contexts
 * @property {(context: any) => any} evaluate
 * @property {(answer: any, key: string) => unknown} valueOf
 * @property {() => unknown} close
 */

/**
 * A peer. They are installed beside this bench only, so the compiler cannot know them.
 * @param {string} name
 */
export async function peer(name) {
  return import(name);
}

/** @param {import('../workloads.mjs').Workload} workload */
export function keysOf(workload) {
  return workload.flags.map(({ key }) => key);
}

/** @param {import('../workloads.mjs').Workload} workload */
export function onlyKeyOf(workload) {
  const [flag] = workload.flags;
  if (flag === undefined) throw new Error(`The workload "${workload.name}" has no flag.`);
  return flag.key;
}

/**
 * For a system that has no call for all flags: one after the other, into a list.
 * @param {readonly string[]} keys
 * @param {(key: string, context: any) => unknown} evaluate
 */
export function eachOf(keys, evaluate) {
  return (/** @type {unknown} */ context) => {
    /** @type {unknown[]} */
    const answers = [];
    for (const key of keys) answers.push(evaluate(key, context));
    return answers;
  };
}

/** The place of a flag in such a list. @param {readonly string[]} keys @returns {(key: string) => number} */
export function placesOf(keys) {
  const places = new Map(keys.map((key, place) => [key, place]));
  return (key) => places.get(key) ?? -1;
}
