/**
 * Fetches per interval: with flags that do not change, with flags that change in every interval,
 * and with Redis away. All fleets run at once: what is counted does not depend on how fast they
 * are. From the changes comes also how long one takes from PostHog to the last evaluation.
 */
import { Fleet } from '../fleet.mjs';
import { pass } from '../now.mjs';
import { processesFor } from '../plan.mjs';
import { quantile } from '../rows.mjs';
import { allSystems, timesFor } from '../systems.mjs';

/** Intervals between the states, so that what was begun in one is not counted in the next. */
const PAUSE = 2;
/** Most intervals that a change may take to reach everybody. */
const ARRIVAL = 4;

/** @param {import('../rows.mjs').Bench} bench @returns {Promise<import('../rows.mjs').Row[]>} */
export async function calm(bench) {
  const { plan, redis } = bench;
  const times = timesFor(plan.intervalMs);
  const settings = plan.calmSizes.flatMap((size) =>
    allSystems.map((system) => ({
      system,
      size,
      processes: processesFor(plan, size),
      times,
      redis,
    })),
  );
  const fleets = [];
  for (const each of settings) fleets.push(await Fleet.prepare(each));
  await Promise.all(fleets.map((fleet) => fleet.startAndLoad()));
  await pass(PAUSE * plan.intervalMs);
  const rows = await Promise.all(fleets.map((fleet) => observe(fleet, plan)));
  await Promise.all(fleets.map((fleet) => fleet.close()));
  return rows.flat();
}

/**
 * @param {Fleet} fleet
 * @param {import('../plan.mjs').Plan} plan
 * @returns {Promise<import('../rows.mjs').Row[]>}
 */
async function observe(fleet, { calmIntervals, intervalMs }) {
  const { system, size } = fleet.settings;
  const fetches = (/** @type {string} */ state, /** @type {number} */ value) => {
    const measure = `fetches per interval, ${size} instances, ${state}`;
    return { measure, unit: '', system, value };
  };
  const unchanged = await countFetches(fleet, calmIntervals, () => undefined);
  const changing = await countFetches(fleet, calmIntervals, () => fleet.stub.change());
  await fleet.until(() => hasArrived(fleet), ARRIVAL * intervalMs).catch(() => undefined);
  const delays = changeDelays(fleet).map((ms) => ms / intervalMs);
  await fleet.gate.shut();
  const away = await countFetches(fleet, calmIntervals, () => undefined);
  const propagation = `change at PostHog → evaluated, ${size} instances`;
  return [
    fetches('flags unchanged', unchanged),
    fetches('flags changing', changing),
    fetches('Redis away', away),
    { measure: `${propagation}: p50`, unit: 'intervals', system, value: quantile(0.5, delays) },
    { measure: `${propagation}: p99`, unit: 'intervals', system, value: quantile(0.99, delays) },
  ];
}

/**
 * @param {Fleet} fleet
 * @param {number} intervals
 * @param {() => void} inEach
 */
async function countFetches({ stub, settings }, intervals, inEach) {
  const before = stub.fetches.length;
  for (let interval = 0; interval < intervals; interval += 1) {
    inEach();
    await pass(settings.times.intervalMs);
  }
  return (stub.fetches.length - before) / intervals;
}

/** @param {Fleet} fleet */
function hasArrived({ evaluated, stub, settings }) {
  return evaluated.get(stub.content)?.size === settings.size;
}

/**
 * For each change and instance, until it evaluated that content or a later one; infinite where
 * it never did. The content of the start is left out.
 * @param {Fleet} fleet
 */
function changeDelays({ stub, evaluated, settings }) {
  const changes = [...stub.changes].slice(1);
  const delays = [];
  for (let instance = 0; instance < settings.size; instance += 1) {
    let laterAtMs = Number.POSITIVE_INFINITY;
    for (const [content, { atMs }] of [...changes].reverse()) {
      const ownAtMs = evaluated.get(content)?.get(`instance-${instance}`);
      laterAtMs = Math.min(laterAtMs, ownAtMs ?? Number.POSITIVE_INFINITY);
      delays.push(laterAtMs - atMs);
    }
  }
  return delays;
}
