/**
 * The random night, as long and as large as one likes, outside the suite; or the faults that are
 * named, one after the other, which is how a failure of the suite is repeated.
 *
 *   npm run soak -- --minutes 10 --instances 50 [--seed 7] [--report docs/soak.md]
 *   npm run soak -- --faults redisFrozen,leaderKilledIdle [--seed 7]
 *   npm run soak -- --store postgres …
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { randomOf } from '../simulation/world/random.js';
import { drawFaults, endure, faultsOn, judge, told, type NightEntry, type NightOn } from './night.js'; // prettier-ignore
import { nightReport } from './night-report.js';
import { onStore, storeNames, type StoreName } from './nights.js';
import { nowMs } from './now.js';
import { RealFleet } from './real-fleet.js';
import type { FleetStore } from './stores/fleet-store.js';

const faultNames = (store: StoreName): string[] =>
  onStore(store, (night) => [...faultsOn(night).keys()]);

const USAGE = `usage: npm run soak -- [--store <store>] [--minutes <n>] [--instances <n>] [--seed <n>] [--report <file>]
       npm run soak -- [--store <store>] --faults <fault>,<fault> [--instances <n>] [--seed <n>]
${storeNames.map((store) => `faults on ${store}: ${faultNames(store).join(', ')}`).join('\n')}`;
const MEASURE_EVERY_MS = 10_000;
const MOST_PROCESSES = 10;

interface Asked {
  readonly minutes: number;
  readonly instances: number;
  readonly seed: number;
  readonly store: StoreName;
  readonly faults: readonly string[] | undefined;
  readonly report: string | undefined;
}

/** @returns the exit code: 0 without violations, 1 with some, 2 for a command not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const asked = read(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { instances, seed, store } = asked;
  console.log(`${instances} instances on ${store}, seed ${seed}`);
  return onStore(store, (night) => soak(night, asked));
}

async function soak<Store extends FleetStore>(
  night: NightOn<Store>,
  asked: Asked,
): Promise<number> {
  const { instances } = asked;
  const processes = Math.min(MOST_PROCESSES, Math.ceil(instances / 2));
  const fleet = await RealFleet.on(night.openStore, {
    ...night.times,
    processes,
    instancesEach: Math.ceil(instances / processes),
    ...(instances > 20 ? { intervalMs: 2_000, checkMs: 500, evaluateEveryMs: 100 } : {}),
  });
  fleet.spared = fleet.processes[0];
  const measuring = setInterval(() => fleet.spared?.order({ command: 'measure' }), MEASURE_EVERY_MS); // prettier-ignore
  try {
    return await spend(night, fleet, asked);
  } finally {
    clearInterval(measuring);
    await fleet.close();
  }
}

async function spend<Store extends FleetStore>(
  night: NightOn<Store>,
  fleet: RealFleet<Store>,
  asked: Asked,
): Promise<number> {
  const { minutes, seed, instances, report } = asked;
  if ((await fleet.convergence()) === undefined) throw new Error('The fleet did not come up.');
  const entries: NightEntry[] = [];
  const from = nowMs();
  for (const [n, names] of faultsOf(night, asked, () => nowMs() - from < minutes * 60_000)) {
    // prettier-ignore
    const entry = await endure(night, fleet, names, randomOf(seed).fork(`${n}`));
    entries.push(entry);
    const [took, converged] = [entry.tookMs, entry.convergedMs].map((ms) => (ms / 1_000).toFixed(1)); // prettier-ignore
    console.log(`${names.join(' with ').padEnd(45)} ${took} s, all current after ${converged} s`);
  }
  const spentMinutes = (nowMs() - from) / 60_000;
  const violations = await judge(fleet);
  for (const line of told(violations, fleet)) console.log(line);
  const store = fleet.store.description;
  const facts = { seed, minutes: spentMinutes, instances, store, entries, violations };
  const text = nightReport(fleet, facts);
  console.log(`\n${text}`);
  if (report !== undefined) writeFileSync(report, introduction(asked, store) + text);
  const isClean = fleet.crashes.length === 0 && fleet.secretsTold().length === 0;
  return violations.length === 0 && isClean ? 0 : 1;
}

function* faultsOf<Store extends FleetStore>(
  night: NightOn<Store>,
  { faults, seed }: Asked,
  isNight: () => boolean,
): Generator<readonly [number, readonly string[]]> {
  if (faults !== undefined) {
    yield* faults.map((name, n) => [n, [name]] as const);
    return;
  }
  const random = randomOf(seed).fork('faults');
  for (let n = 0; isNight(); n += 1) yield [n, drawFaults(night, random)];
}

function introduction({ minutes, instances, seed, store }: Asked, description: string): string {
  const command = `npm run soak -- --store ${store} --minutes ${minutes} --instances ${instances} --seed ${seed} --report docs/soak.md`; // prettier-ignore
  return `# A soak

Instances of an app in processes of their own, on a real ${description}, with PostHog's endpoint in front of
them. Faults drawn from a seed come one after the other, some two at once; after each the
definitions change, and the next fault comes when every instance has the change. At the end the
whole history, as the store executed it and as the instances told it, is held against the invariants
that the simulation is held against.

Written by \`${command}\`.

`;
}

function read(args: readonly string[]): Asked | undefined {
  try {
    const option = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        store: option,
        minutes: option,
        instances: option,
        seed: option,
        faults: option,
        report: option,
      },
    });
    const number = (text: string | undefined, otherwise: number): number => Number(text ?? otherwise); // prettier-ignore
    const minutes = number(values.minutes, 1);
    const instances = number(values.instances, 8);
    const seed = number(values.seed, Math.trunc(Math.random() * 2 ** 31));
    const store = storeNames.find((name) => name === (values.store ?? 'redis'));
    if (store === undefined) return undefined;
    const faults = values.faults?.split(',');
    const isKnown = faults?.every((name) => faultNames(store).includes(name)) ?? true;
    if (!isKnown || [minutes, instances, seed].some((value) => !(value >= 0))) return undefined;
    return { minutes, instances, seed, store, faults, report: values.report };
  } catch {
    return undefined;
  }
}
