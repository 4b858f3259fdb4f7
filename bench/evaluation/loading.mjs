/**
 * What a new snapshot costs: loading 10,000 flags beside reading their JSON, the first use of each
 * flag, what it keeps, and the first use after a refresh that left the flags as they were. Run in a process of its own with `--expose-gc`, because it begins cold;
 * prints a line of JSON.
 */
import { hrtime, memoryUsage, stdout } from 'node:process';
import { compileFlagDefinitions } from 'nestjs-feature-flags/evaluation';
// What the module does at a refresh; it has no door of its own.
import { compileInPlaceOf } from '../../dist/esm/core/evaluation/compile-flag-definitions.js';
import { posthogDefinitions } from './systems/posthog-definitions.mjs';
import { users } from './users.mjs';
import { workloads } from './workloads.mjs';

const count = 10_000;
const flags = workloads.find(({ name }) => name === 'all of 1,000')?.flags ?? [];
const many = Array.from({ length: count }, (_, number) => {
  const flag = flags[number % flags.length];
  if (flag === undefined) throw new Error('The workload has no flags.');
  return { ...flag, key: `flag-number-${number}` };
});
const text = JSON.stringify(posthogDefinitions({ name: 'load', flags: many }));
const contexts = users.map(({ id, properties }) => ({
  distinctId: id,
  personProperties: properties,
}));

const cold = coldStart();
const rounds = Array.from({ length: 25 }, loadOnce);
const { firstUs = 0, againUs = 0, ...least } = leastOf(rounds);
const compileUs = firstUs - againUs;
stdout.write(
  `${JSON.stringify({ ...cold, ...least, compileUs, againUs, jsonMb: text.length / 1e6 })}\n`,
);

/** The first 1,000 evaluations that this process makes: ten flags, each for a hundred people. */
function coldStart() {
  const data = posthogDefinitions({ name: 'cold', flags: flags.slice(0, 10) });
  const snapshot = compileFlagDefinitions(data);
  const begin = hrtime.bigint();
  let slowestNs = 0n;
  for (let index = 0; index < 1_000; index += 1) {
    const own = hrtime.bigint();
    snapshot.evaluate(`flag-number-${index % 10}`, contexts[index % 1024] ?? { distinctId: '' });
    const taken = hrtime.bigint() - own;
    if (taken > slowestNs) slowestNs = taken;
  }
  return { coldUs: Number(hrtime.bigint() - begin) / 1e6, slowestUs: Number(slowestNs) / 1e3 };
}

function loadOnce() {
  const [parseMs, data] = timed(() => JSON.parse(text));
  const [loadMs, snapshot] = timed(() => compileFlagDefinitions(data));
  globalThis.gc?.();
  const before = memoryUsage().heapUsed;
  const [firstMs] = timed(() => evaluateEach(snapshot));
  const [againMs] = timed(() => evaluateEach(snapshot));
  globalThis.gc?.();
  const keptBytes = (memoryUsage().heapUsed - before) / count;
  const [takeOverMs, next] = timed(() =>
    compileInPlaceOf(snapshot, { ...data, flags: [...data.flags] }, {}),
  );
  const [firstOfNextMs] = timed(() => evaluateEach(next));
  return {
    parseMs,
    loadMs,
    firstUs: (firstMs * 1000) / count,
    againUs: (againMs * 1000) / count,
    keptBytes,
    takeOverMs,
    unchangedUs: (firstOfNextMs * 1000) / count,
  };
}

/** @param {import('nestjs-feature-flags/evaluation').FlagSnapshot} snapshot */
function evaluateEach(snapshot) {
  const [context = { distinctId: '' }] = contexts;
  for (const key of snapshot.keys) snapshot.evaluate(key, context);
}

/** @template T @param {() => T} work @returns {[number, T]} */
function timed(work) {
  const begin = hrtime.bigint();
  const result = work();
  return [Number(hrtime.bigint() - begin) / 1e6, result];
}

/** The least disturbed of each. @param {readonly Record<string, number>[]} all */
function leastOf(all) {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, Math.min(...all.map((each) => each[name] ?? Number.NaN))]),
  );
}
