/**
 * `npm run bench:fleet`: our fleet and those of posthog-node side by side, on one Redis and
 * against the same stub of PostHog. Prints the tables; `--json <file>` also writes everything to a
 * file, `--write` puts the tables into RESULTS.md. `--only cold,calm,cost,crash` and `--rounds 1`
 * shorten it. `--smoke` only proves, in half a minute, that the bench still works.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { describeMachine, sentenceOf } from './machine.mjs';
import { calm } from './measures/calm.mjs';
import { coldStart } from './measures/cold-start.mjs';
import { cost } from './measures/cost.mjs';
import { crash } from './measures/crash.mjs';
import { smokePlan, wholePlan } from './plan.mjs';
import { BenchRedis } from './redis.mjs';
import { ratiosOf, summarize, tableOf } from './report.mjs';

/** @typedef {(bench: import('./rows.mjs').Bench) => Promise<import('./rows.mjs').Row[]>} Measure */

/** Those that are repeated in each round. @type {Readonly<Record<string, Measure>>} */
const measures = { cold: coldStart, calm, cost };

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const plan = planOf();
const chosen = values.only?.split(',') ?? [...Object.keys(measures), 'crash'];
const redis = await BenchRedis.start();
const machine = await describeMachine(redis);
const rows = await measureAll();
const load = { ...machine, loadAtEnd: loadavg().map((value) => Number(value.toFixed(2))) };
const lines = summarize(rows);
await redis.close();

const figures = [
  sentenceOf(load),
  `${plan.rounds} rounds; median (lowest – highest).`,
  tableOf(lines),
  'Times ours, the median of the rounds:',
  ratiosOf(lines),
].join('\n\n');
process.stdout.write(`${figures}\n`);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ machine: load, plan, lines }, undefined, 2)}\n`);
}
if (values.write) writeResults();

/** Between the two marks of the page. */
function writeResults() {
  const page = new URL('../RESULTS.md', import.meta.url);
  const [begin, end] = ['<!-- figures of bench:fleet -->', '<!-- end of the figures -->'];
  const text = readFileSync(page, 'utf8');
  const [before] = text.split(begin);
  const [, after] = text.split(end);
  writeFileSync(page, `${before}${begin}\n\n${figures}\n\n${end}${after}`);
}

function planOf() {
  const whole = values.smoke ? smokePlan : wholePlan;
  const rounds = Number(values.rounds ?? whole.rounds);
  return { ...whole, rounds, crashes: Math.min(whole.crashes, rounds) };
}

async function measureAll() {
  const all = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [name, measure] of Object.entries(measures)) {
      if (!chosen.includes(name)) continue;
      process.stderr.write(`round ${round} of ${plan.rounds}: ${name}\n`);
      all.push(...(await measure({ redis, plan })));
    }
  }
  if (!chosen.includes('crash') || plan.crashes === 0) return all;
  process.stderr.write('crashes: the default times, about three minutes\n');
  return [...all, ...(await crash({ redis, plan }))];
}
