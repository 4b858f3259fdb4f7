/**
 * The simulation from the command line: one seed with its trace, or many with a summary.
 *
 *   npm run simulate -- --mix failover --seed 123
 *   npm run simulate -- --runs 20000 [--from 5000] [--mix failover]
 */
import { parseArgs } from 'node:util';
import { mixes, type MixName } from './mixes.js';
import { commandFor, runsOf } from './runs.js';
import { simulate, type RunResult } from './simulate.js';
import type { TraceEvent } from './trace.js';

const USAGE = `usage: npm run simulate -- --mix <mix> --seed <number>
       npm run simulate -- --runs <number> [--from <seed>] [--mix <mix>]
mixes: ${Object.keys(mixes).join(', ')}`;

/** A batch of an hour says now and then how far it is. */
const TOLD_EVERY = 1_000;

/** @returns the exit code: 0 without violations, 1 with some, 2 for a command not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const asked = read(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const { mix, seed, runs, from } = asked;
  if (mix !== undefined && seed !== undefined) return tellOne(mix, seed);
  return tellMany(runs ?? 1_500, from ?? 1, mix);
}

function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        mix: { type: 'string' },
        seed: { type: 'string' },
        runs: { type: 'string' },
        from: { type: 'string' },
      },
    });
    const { mix } = values;
    if (mix !== undefined && !isMix(mix)) return undefined;
    const numbers = { seed: number(values.seed), runs: number(values.runs), from: number(values.from) }; // prettier-ignore
    const isWrong = Object.values(numbers).some((value) => Number.isNaN(value));
    if (isWrong || (numbers.seed !== undefined && mix === undefined)) return undefined;
    return { mix, ...numbers };
  } catch {
    return undefined;
  }
}

function isMix(name: string): name is MixName {
  return Object.hasOwn(mixes, name);
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

async function tellOne(mix: MixName, seed: number): Promise<number> {
  const { trace, violations } = await simulate({ mix, seed });
  for (const event of trace) if (event.type !== 'evaluated') console.log(lineOf(event));
  console.log(`\n${mix}, seed ${seed}: ${violations.length} violations`);
  for (const { invariant, at, message } of violations) {
    console.log(`${invariant} at ${(at / 1_000).toFixed(3)} s: ${message}`);
  }
  return violations.length === 0 ? 0 : 1;
}

function lineOf({ at, type, ...facts }: TraceEvent): string {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${(at / 1_000).toFixed(3).padStart(8)}  ${type.padEnd(13)} ${told.join(' ')}`;
}

async function tellMany(count: number, from: number, mix: MixName | undefined): Promise<number> {
  const startedAtMs = performance.now();
  let failed = 0;
  let done = 0;
  for (const run of runsOf(count, { from, ...(mix === undefined ? {} : { mix }) })) {
    const { violations }: RunResult = await simulate(run);
    done += 1;
    if (done % TOLD_EVERY === 0) console.error(`${done} of ${count} runs`);
    const [first] = violations;
    if (first === undefined) continue;
    failed += 1;
    const invariants = [...new Set(violations.map(({ invariant }) => invariant))].join(' ');
    console.log(`${commandFor(run)}    # ${invariants}: ${first.message}`);
  }
  const tookMs = performance.now() - startedAtMs;
  console.log(`${count} runs, ${failed} failed, ${((1_000 * count) / tookMs).toFixed(1)} runs/s`);
  return failed === 0 ? 0 : 1;
}
