/**
 * A deploy: all instances start at once on an empty cache, with the default times. Counted is
 * what PostHog is asked until every instance has its flags, and a second longer.
 */
import { Fleet } from '../fleet.mjs';
import { nowMs, pass } from '../now.mjs';
import { processesFor } from '../plan.mjs';
import { DEFAULT_INTERVAL_MS, allSystems, timesFor } from '../systems.mjs';

const AFTERMATH_MS = 1_000;

/** @param {import('../rows.mjs').Bench} bench @returns {Promise<import('../rows.mjs').Row[]>} */
export async function coldStart(bench) {
  const rows = [];
  for (const size of bench.plan.coldSizes) {
    for (const system of allSystems) rows.push(...(await startOne(bench, system, size)));
  }
  return rows;
}

/**
 * @param {import('../rows.mjs').Bench} bench
 * @param {import('../systems.mjs').System} system
 * @param {number} size
 */
async function startOne({ redis, plan }, system, size) {
  const times = timesFor(DEFAULT_INTERVAL_MS);
  const fleet = await Fleet.prepare({
    system,
    size,
    processes: processesFor(plan, size),
    times,
    redis,
  });
  const startedAtMs = nowMs();
  await fleet.startAndLoad();
  const tookMs = nowMs() - startedAtMs;
  await pass(AFTERMATH_MS);
  const fetches = fleet.stub.fetches.length;
  await fleet.close();
  const measure = `cold start of ${size} on an empty cache`;
  return [
    { measure: `${measure}: fetches`, unit: '', system, value: fetches },
    { measure: `${measure}: until all have flags`, unit: 'ms', system, value: tookMs },
  ];
}
