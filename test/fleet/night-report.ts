/** What a night came to, in numbers, and as Markdown for people. */
import { cpus } from 'node:os';
import type { Violation } from '../simulation/invariants/violation.js';
import type { NightEntry } from './night.js';
import { told as inWords } from './night.js';
import type { Measurement, RealFleet } from './real-fleet.js';

/** Before that, a process warms up. */
const WARM_AFTER_MS = 60_000;
const MEBIBYTE = 1_048_576;

export interface NightFacts {
  readonly seed: number;
  readonly minutes: number;
  readonly instances: number;
  readonly store: string;
  readonly entries: readonly NightEntry[];
  readonly violations: readonly Violation[];
}

export function nightReport(fleet: RealFleet, facts: NightFacts): string {
  const { entries, violations, seed, minutes, instances, store } = facts;
  const { intervalMs, checkMs, leaseMs, processes } = fleet.settings;
  const conv = entries.map(({ convergedMs }) => convergedMs);
  const rows: readonly (readonly [string, string])[] = [
    ['Versions', `Node ${process.version}, ${store}, ${cpus().length} cores`],
    ['Fleet', `${instances} instances in ${processes} processes, one store, one source`],
    ['Times', `interval ${intervalMs} ms, check ${checkMs} ms, lease ${leaseMs} ms`],
    ['Seed', `${seed}`],
    ['Duration', `${minutes.toFixed(1)} minutes`],
    ['Faults', `${entries.length}, of ${byFault(entries).length} kinds and combinations`],
    ['Instances started, ended', `${count(fleet, 'booted')}, ${count(fleet, 'died')}`],
    ['Versions of the definitions', `${fleet.version}`],
    ['Definitions taken over by instances', `${count(fleet, 'applied')}`],
    ['Claims granted', `${count(fleet, 'granted')}`],
    ['Publications and confirmations accepted', `${finishes(fleet, true)}`],
    ['Claims that ended too late, refused', `${finishes(fleet, false)}`],
    ['Fetches per interval, faults included', fetchesPerInterval(fleet)],
    ['Evaluations', `${evaluations(fleet).done}, of which ${evaluations(fleet).failed} failed`],
    ['Until everybody was current after a fault', `p50 ${inSeconds(quantile(conv, 0.5))}, p99 ${inSeconds(quantile(conv, 0.99))}, longest ${inSeconds(quantile(conv, 1))}`], // prettier-ignore
    ['Uncaught errors', `${fleet.crashes.length}`],
    ['Secrets in logs and errors', `${fleet.secretsTold().length}`],
    ...growth(fleet),
    ['Violations', `${violations.length}`],
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`);
  const faults = byFault(entries).map(
    ([name, times]) =>
      `| ${name} | ${times.length} | ${inSeconds(quantile(times, 0.5))} | ${inSeconds(quantile(times, 1))} |`,
  );
  return [
    '| What | Figure |',
    '| --- | --- |',
    ...table,
    '',
    '| Fault | Times | Until all were current, p50 | longest |',
    '| --- | --- | --- | --- |',
    ...faults,
    '',
    ...(violations.length === 0 ? [] : ['Violations:', '', ...inWords(violations, fleet).map((line) => `- ${line}`), '']), // prettier-ignore
  ].join('\n');
}

function byFault(entries: readonly NightEntry[]): [string, number[]][] {
  const times = new Map<string, number[]>();
  for (const { faults, convergedMs } of entries) {
    const name = faults.join(' with ');
    times.set(name, [...(times.get(name) ?? []), convergedMs]);
  }
  return [...times].toSorted(([one], [other]) => one.localeCompare(other));
}

function count({ told }: RealFleet, type: string): number {
  return told.filter((fact) => fact.type === type).length;
}

function finishes({ told }: RealFleet, isAccepted: boolean): number {
  return told.filter(
    (fact) =>
      fact.type === 'executed-finish' &&
      fact.isAccepted === isAccepted &&
      ['new', 'same'].includes(fact.kind),
  ).length;
}

function fetchesPerInterval(fleet: RealFleet): string {
  const lastAt = fleet.told.at(-1)?.at ?? fleet.startedAt;
  const intervals = (lastAt - fleet.startedAt) / fleet.settings.intervalMs;
  return (count(fleet, 'fetch-started') / intervals).toFixed(2);
}

/** How many, and how many were wrong. */
export function evaluations({ told }: RealFleet): { done: number; failed: number } {
  let [done, failed] = [0, 0];
  for (const fact of told) {
    if (fact.type !== 'evaluated') continue;
    done += fact.times ?? 0;
    failed += fact.fault === undefined ? 0 : 1;
  }
  return { done, failed };
}

/** Of the process that lived through the night. */
function growth({ spared, measurements }: RealFleet): [string, string][] {
  const own = measurements.filter(({ of }) => of === spared);
  const warm = own.filter(({ at }) => at - (own[0]?.at ?? 0) >= WARM_AFTER_MS);
  if (warm.length < 3) return [];
  const perHour = (of: (one: Measurement) => number): number =>
    slope(warm.map((one) => [one.at / 3_600_000, of(one)]));
  const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(1);
  const first = warm[0]!;
  const last = warm.at(-1)!;
  return [
    ['One process: resident memory, first and last', `${mebibytes(first.rss)} and ${mebibytes(last.rss)} MiB`], // prettier-ignore
    ['One process: heap after collection, first and last', `${mebibytes(first.heapUsed)} and ${mebibytes(last.heapUsed)} MiB (${mebibytes(perHour(({ heapUsed }) => heapUsed))} MiB per hour)`], // prettier-ignore
    ['One process: handles, first and last', `${first.handles} and ${last.handles}`],
  ];
}

/** Least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return over / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
