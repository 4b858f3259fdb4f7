/**
 * How long nobody refreshes when the process that fetches goes: killed or asked to end, between
 * two fetches or in the middle of one. With the default times, unscaled, because our lease cannot
 * be scaled; all trials at once, because they mostly wait.
 */
import { Fleet } from '../fleet.mjs';
import { nowMs, pass } from '../now.mjs';
import { DEFAULT_INTERVAL_MS, timesFor } from '../systems.mjs';

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {'SIGKILL' | 'SIGTERM'} signal
 * @property {boolean} isMidFetch
 */

/** @type {readonly Kind[]} */
const kinds = [
  { name: 'SIGKILL between fetches', signal: 'SIGKILL', isMidFetch: false },
  { name: 'SIGTERM between fetches', signal: 'SIGTERM', isMidFetch: false },
  { name: 'SIGKILL in mid-fetch', signal: 'SIGKILL', isMidFetch: true },
  { name: 'SIGTERM in mid-fetch', signal: 'SIGTERM', isMidFetch: true },
];

/** Two processes: that of the one that fetches goes, with all that is in it. */
const PROCESSES = 2;
const INSTANCES = 10;
/** Nobody fetched before this: the crowd of the start has gone. */
const SETTLED_MS = DEFAULT_INTERVAL_MS / 2;
const AFTER_FETCH_MS = 1_000;
const LIMIT_MS = 150_000;

/** @param {import('../rows.mjs').Bench} bench @returns {Promise<import('../rows.mjs').Row[]>} */
export async function crash({ plan, redis }) {
  const times = timesFor(DEFAULT_INTERVAL_MS);
  const trials = [];
  for (let trial = 0; trial < plan.crashes; trial += 1) {
    for (const system of plan.crashing) {
      const size = INSTANCES;
      const settings = { system, size, processes: PROCESSES, times, redis };
      for (const kind of kinds) trials.push({ kind, fleet: await Fleet.prepare(settings) });
    }
  }
  const rows = await Promise.all(trials.map(({ fleet, kind }) => observe(fleet, kind)));
  await Promise.all(trials.map(({ fleet }) => fleet.close()));
  return rows;
}

/**
 * @param {Fleet} fleet
 * @param {Kind} kind
 * @returns {Promise<import('../rows.mjs').Row>}
 */
async function observe(fleet, { name, signal, isMidFetch }) {
  const { stub, settings } = fleet;
  await fleet.startAndLoad();
  const settledAtMs = nowMs() + SETTLED_MS;
  const isSteady = (/** @type {import('../stub.mjs').Fetch} */ { atMs }) => atMs > settledAtMs;
  if (isMidFetch) stub.holds = isSteady;
  await fleet.until(() => stub.fetches.some(isSteady), LIMIT_MS);
  if (!isMidFetch) await pass(AFTER_FETCH_MS);
  const last = stub.fetches.at(-1) ?? { name: '', atMs: Number.NaN };
  const goneAtMs = nowMs();
  const gone = fleet.end(last.name, signal);
  stub.holds = () => false;
  const next = () => stub.fetches.find((fetch) => fetch.atMs > goneAtMs && !gone.includes(fetch.name)); // prettier-ignore
  await fleet.until(() => next() !== undefined, LIMIT_MS).catch(() => undefined);
  const sinceMs = isMidFetch ? goneAtMs : last.atMs;
  const from = isMidFetch ? 'until another fetches' : 'from the last fetch to the next';
  const seconds = ((next()?.atMs ?? Number.POSITIVE_INFINITY) - sinceMs) / 1_000;
  return { measure: `${name}: ${from}`, unit: 's', system: settings.system, value: seconds };
}
