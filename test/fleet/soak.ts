/**
 * The random night, as long and as large as one likes, outside the suite; or the faults that are
 * named, one after the other, which is how a failure of the suite is repeated.
 *
 *   npm run soak -- --minutes 10 --instances 50 [--seed 7] [--report docs/soak.md]
 *   npm run soak -- --faults redisFrozen,leaderKilledIdle [--seed 7]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { randomOf } from '../simulation/world/random.js';
import { drawFaults, endure, faultNames, judge, told, type FaultName, type NightEntry } from './night.js'; // prettier-ignore
import { nightReport } from './night-report.js';
import { nowMs } from './now.js';
import { RealFleet } from './real-fleet.js';

const USAGE = `usage: npm run soak -- [--minutes <n>] [--instances <n>] [--seed <n>] [--report <file>]
       npm run soak -- --faults <fault>,<fault> [--instances <n>] [--seed <n>]
faults: ${faultNames.join(', ')}`;
const MEASURE_EVERY_MS = 10_000;
const MOST_PROCESSES = 10;

interface Asked {
  readonly minutes: number;
  readonly instances: number;
  readonly seed: number;
  readonly faults: readonly FaultName[] | undefined;
  readonly report: string | undefined;
}

/** @returns the exit code: 0 without violations, 1 with some, 2 for a command not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const asked = read(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { instances, seed } = asked;
  console.log(`${instances} instances, seed ${seed}`);
  const processes = Math.min(MOST_PROCESSES, Math.ceil(instances / 2));
  const fleet = await RealFleet.start({
    processes,
    instancesEach: Math.ceil(instances / processes),
    ...(instances > 20 ? { intervalMs: 2_000, checkMs: 500, evaluateEveryMs: 100 } : {}),
  });
  fleet.spared = fleet.processes[0];
  const measuring = setInterval(() => fleet.spared?.order({ command: 'measure' }), MEASURE_EVERY_MS); // prettier-ignore
  try {
    return await spend(fleet, asked);
  } finally {
    clearInterval(measuring);
    await fleet.close();
  }
}

async function spend(fleet: RealFleet, asked: Asked): Promise<number> {
  const { minutes, seed, instances, report } = asked;
  if ((await fleet.convergence()) === undefined) throw new Error('The fleet did not come up.');
  const entries: NightEntry[] = [];
  const from = nowMs();
  for (const [n, names] of faultsOf(asked, () => nowMs() - from < minutes * 60_000)) {
    const entry = await endure(fleet, names, randomOf(seed).fork(`${n}`));
    entries.push(entry);
    const [took, converged] = [entry.tookMs, entry.convergedMs].map((ms) => (ms / 1_000).toFixed(1)); // prettier-ignore
    console.log(`${names.join(' with ').padEnd(45)} ${took} s, all current after ${converged} s`);
  }
  const spentMinutes = (nowMs() - from) / 60_000;
  const violations = await judge(fleet);
  for (const line of told(violations, fleet)) console.log(line);
  const redisVersion = await versionOf(fleet);
  const facts = { seed, minutes: spentMinutes, instances, redisVersion, entries, violations };
  const text = nightReport(fleet, facts);
  console.log(`\n${text}`);
  if (report !== undefined) writeFileSync(report, introduction(asked) + text);
  const isClean = fleet.crashes.length === 0 && fleet.secretsTold().length === 0;
  return violations.length === 0 && isClean ? 0 : 1;
}

function* faultsOf(
  { faults, seed }: Asked,
  isNight: () => boolean,
): Generator<readonly [number, readonly FaultName[]]> {
  if (faults !== undefined) {
    yield* faults.map((name, n) => [n, [name]] as const);
    return;
  }
  const random = randomOf(seed).fork('faults');
  for (let n = 0; isNight(); n += 1) yield [n, drawFaults(random)];
}

async function versionOf({ redis }: RealFleet): Promise<string> {
  const info = String(await redis.run(['INFO', 'server']));
  return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
}

function introduction({ minutes, instances, seed }: Asked): string {
  return `# A soak

Instances of an app in processes of their own, on a real Redis, with PostHog's endpoint in front of
them. Faults drawn from a seed come one after the other, some two at once; after each the
definitions change, and the next fault comes when every instance has the change. At the end the
whole history, as Redis executed it and as the instances told it, is held against the invariants
that the simulation is held against.

Written by \`npm run soak -- --minutes ${minutes} --instances ${instances} --seed ${seed} --report docs/soak.md\`.

`;
}

function read(args: readonly string[]): Asked | undefined {
  try {
    const option = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: option, instances: option, seed: option, faults: option, report: option },
    });
    const number = (text: string | undefined, otherwise: number): number => Number(text ?? otherwise); // prettier-ignore
    const minutes = number(values.minutes, 1);
    const instances = number(values.instances, 8);
    const seed = number(values.seed, Math.trunc(Math.random() * 2 ** 31));
    const faults = values.faults?.split(',');
    const isKnown = faults?.every((name) => faultNames.includes(name as FaultName)) ?? true;
    if (!isKnown || [minutes, instances, seed].some((value) => !(value >= 0))) return undefined;
    return { minutes, instances, seed, faults: faults as FaultName[] | undefined, report: values.report }; // prettier-ignore
  } catch {
    return undefined;
  }
}
