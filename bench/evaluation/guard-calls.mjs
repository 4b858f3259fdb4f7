/**
 * How long Nest's call of a route's guards takes, by V8's profiler: it looks at the stack ten
 * thousand times a second. What a request costs beside it, and moves by far more than a guard from one
 * round to the next, does not blur this figure. Nor is in it what the guard leaves to others: the
 * garbage collector, and code that got slower because of it.
 */
import { Session } from 'node:inspector/promises';

/** Nest's wrapper around the guards of one route. */
const guardsCall = 'canActivateFn';

/** @returns {Promise<() => Promise<number>>} to be called at the end; then the µs in all calls since */
export async function watchGuardCalls() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return timeWithin(profile, guardsCall);
  };
}

/**
 * @param {import('node:inspector').Profiler.Profile} profile
 * @param {string} name of a function that does not call itself
 * @throws Error when it was not called: another version of Nest may name it otherwise
 */
function timeWithin({ nodes, samples = [], timeDeltas = [] }, name) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Set<number>} */
  const within = new Set();
  /** @param {number} id */
  const add = (id) => {
    within.add(id);
    for (const child of byId.get(id)?.children ?? []) add(child);
  };
  for (const { id, callFrame } of nodes) if (callFrame.functionName === name) add(id);
  if (within.size === 0) throw new Error(`The profiler has seen no call of ${name}.`);
  return samples.reduce(
    (sum, id, index) => sum + (within.has(id) ? (timeDeltas[index] ?? 0) : 0),
    0,
  );
}
