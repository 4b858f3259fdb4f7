/**
 * What a fleet costs Redis while nothing changes, and how soon a change that one instance has
 * fetched is evaluated by the others. One fleet at a time, so that the server's own counters
 * count for it alone.
 */
import { Fleet } from '../fleet.mjs';
import { nowMs, pass } from '../now.mjs';
import { processesFor } from '../plan.mjs';
import { quantile } from '../rows.mjs';
import { sharingSystems, timesFor } from '../systems.mjs';

const PAUSE = 2;
const ARRIVAL = 4;
const IDLE_MS = 1_000;
const DELAY = 'fetched by one → evaluated by all';

/** @param {import('../rows.mjs').Bench} bench @returns {Promise<import('../rows.mjs').Row[]>} */
export async function cost(bench) {
  const { costSize, pushSizes } = bench.plan;
  const rows = [];
  for (const system of sharingSystems) rows.push(...(await costOf(bench, system, costSize)));
  for (const size of pushSizes) rows.push(...(await costOf(bench, 'ours', size)).filter(isDelay));
  return rows;
}

/**
 * @param {import('../rows.mjs').Bench} bench
 * @param {import('../systems.mjs').System} system
 * @param {number} size
 * @returns {Promise<import('../rows.mjs').Row[]>}
 */
async function costOf({ redis, plan }, system, size) {
  const { costIntervals, costChanges, intervalMs } = plan;
  const idle = await idleCpu(redis);
  const times = timesFor(intervalMs);
  const fleet = await Fleet.prepare({
    system,
    size,
    processes: processesFor(plan, size),
    times,
    redis,
  });
  await fleet.startAndLoad();
  await pass(PAUSE * intervalMs);
  const unchanged = await unchangedRows(fleet, costIntervals, idle);
  const [first = []] = await delaysAfterFetch(fleet, 1);
  const delays = (await delaysAfterFetch(fleet, costChanges)).flat();
  await fleet.close();
  const measure = `${DELAY}, ${size} instances`;
  return [
    ...unchanged,
    { measure: `${measure}: p50`, unit: 'ms', system, value: quantile(0.5, delays) },
    { measure: `${measure}: p99`, unit: 'ms', system, value: quantile(0.99, delays) },
    { measure: `${measure}: p99, first change`, unit: 'ms', system, value: quantile(0.99, first) },
  ];
}

/** @param {import('../rows.mjs').Row} row */
function isDelay({ measure }) {
  return measure.startsWith(DELAY);
}

/**
 * The share of a core that the server takes when nobody asks it.
 * @param {import('../redis.mjs').BenchRedis} redis
 */
async function idleCpu(redis) {
  const before = await redis.spent();
  await pass(IDLE_MS);
  return ((await redis.spent()).cpuMs - before.cpuMs) / IDLE_MS;
}

/**
 * @param {Fleet} fleet
 * @param {number} intervals
 * @param {number} idle
 * @returns {Promise<import('../rows.mjs').Row[]>}
 */
async function unchangedRows({ gate, settings }, intervals, idle) {
  const { redis, system, size, times } = settings;
  const [bytesBefore, before, beforeMs] = [gate.bytes, await redis.spent(), nowMs()];
  await pass(intervals * times.intervalMs);
  const [bytesAfter, after, afterMs] = [gate.bytes, await redis.spent(), nowMs()];
  const turns = size * intervals;
  const bytes = bytesAfter - bytesBefore;
  const cpuMs = after.cpuMs - before.cpuMs - idle * (afterMs - beforeMs);
  const each = 'per instance and interval, unchanged';
  const rows = [
    { measure: `bytes read from Redis ${each}`, unit: 'bytes', system, value: bytes / turns },
    { measure: `Redis CPU ${each}`, unit: 'µs', system, value: (1_000 * cpuMs) / turns },
  ];
  if (system !== 'ours') return rows;
  const checks = after.scripts - before.scripts;
  const scriptUs = (1_000 * (after.scriptsMs - before.scriptsMs)) / checks;
  return [
    ...rows,
    { measure: 'bytes read from Redis per unchanged check', unit: 'bytes', system, value: bytes / checks }, // prettier-ignore
    { measure: 'Redis CPU per check, the script alone', unit: 'µs', system, value: scriptUs },
  ];
}

/**
 * From the answer to the first that asked for a content, to its evaluation by each instance that
 * evaluated it. What a newer content overtook is measured in {@link calm}.
 * @param {Fleet} fleet
 * @param {number} changes
 * @returns {Promise<number[][]>} by change
 */
async function delaysAfterFetch(fleet, changes) {
  const { stub, settings, evaluated } = fleet;
  const delays = [];
  for (let change = 0; change < changes; change += 1) {
    stub.change();
    const { content } = stub;
    const all = () => evaluated.get(content)?.size === settings.size;
    await fleet.until(all, ARRIVAL * settings.times.intervalMs).catch(() => undefined);
    const answeredAtMs = stub.changes.get(content)?.answeredAtMs ?? Number.NaN;
    const instants = [...(evaluated.get(content)?.values() ?? [])];
    const never = Array.from({ length: settings.size - instants.length }, () => Infinity);
    delays.push([...instants.map((atMs) => atMs - answeredAtMs), ...never]);
  }
  return delays;
}
