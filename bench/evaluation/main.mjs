/**
 * `npm run bench`: one evaluation, and all of many, beside posthog-node and six other SDKs in one
 * process; then what it allocates, what loading costs, and what Nest adds, in processes of their
 * own. Prints the tables; `--json <file>` keeps the figures, `--write` puts the tables into
 * RESULTS.md, `--rounds 3` and `--only "rollout,regex"` shorten it. `--smoke` only proves that the
 * bench still works: one round of all workloads, with the two systems that are installed anyway.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { answersOf, checkAnswers } from './check-answers.mjs';
import { costTables, memoryTable, timeTables } from './report.mjs';
import { systems as allSystems } from './systems/all.mjs';
import { timeRounds } from './timing.mjs';
import { workloads } from './workloads.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    only: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const peers = Object.keys(manifest.devDependencies);
const rounds = values.smoke ? 1 : Number(values.rounds);
const systems = values.smoke ? allSystems.slice(0, 2) : allSystems;
const chosen = workloads.filter(({ name }) => values.only?.split(',').includes(name) ?? true);
// posthog-node warns of methods that are still in use everywhere.
console.warn = () => undefined;

if (!values.smoke) checkPeers();
const loadAtStart = loadOf();
const times = [];
for (const workload of chosen)
  times.push({ workload: workload.name, times: await measure(workload) });
const memory = [];
for (const { name } of values.smoke ? [] : chosen)
  memory.push({ workload: name, bytes: await child('memory', [name]) });
const loading = values.smoke ? {} : await child('loading', []);
const nest = values.smoke ? {} : await child('nest', []);

const figures = [
  machineSentence(),
  ...timeTables(times, systems),
  memoryTable(memory, systems),
  ...costTables(loading, nest),
].join('\n\n');
process.stdout.write(`${figures}\n`);
if (values.json !== undefined) {
  const all = { times: times.map(asPlain), memory, loading, nest };
  writeFileSync(values.json, `${JSON.stringify(all, undefined, 2)}\n`);
}
if (values.write) writeResults();
process.exit(0);

function checkPeers() {
  const require = createRequire(import.meta.url);
  const missing = peers.filter((name) => !canResolve(require, name));
  if (missing.length === 0) return;
  process.stderr.write(
    `Not installed: ${missing.join(', ')}. The SDKs to compare with belong to this bench alone; ` +
      'install them with `npm install --prefix bench/evaluation`.\n',
  );
  process.exit(1);
}

/** @param {NodeJS.Require} require @param {string} name */
function canResolve(require, name) {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
}

/** @param {import('./workloads.mjs').Workload} workload */
async function measure(workload) {
  process.stderr.write(`${workload.name}\n`);
  const entrants = [];
  for (const { name, isAsync, open, canDo } of systems) {
    if (canDo !== undefined && !canDo(workload)) continue;
    entrants.push({ name, isAsync, opened: await open(workload) });
  }
  await check(workload, entrants);
  const measured = await timeRounds(entrants, { rounds, batchMs: values.smoke ? 1 : 20 });
  for (const { opened } of entrants) await opened.close();
  return measured;
}

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {readonly import('./timing.mjs').Entrant[]} entrants
 */
async function check(workload, entrants) {
  /** @type {Map<string, readonly unknown[]>} */
  const answers = new Map();
  for (const { name, opened } of entrants) {
    const own = await answersOf(workload, opened);
    checkAnswers(workload, own, name);
    answers.set(name, own);
  }
  const [first, second] = [...answers.values()];
  if (first?.some((value, index) => value !== second?.[index])) {
    throw new Error(`"${workload.name}": ours and posthog-node disagree.`);
  }
}

/** @param {'memory' | 'loading' | 'nest'} name @param {readonly string[]} args */
async function child(name, args) {
  process.stderr.write(`${name} ${args.join(' ')}\n`);
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', '--no-warnings', file, ...args]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** @param {(typeof times)[number]} row */
function asPlain(row) {
  return { workload: row.workload, times: Object.fromEntries(row.times) };
}

function loadOf() {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(', ');
}

function machineSentence() {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 16);
  const versions = Object.entries(manifest.devDependencies).map((pair) => pair.join(' '));
  return (
    `${date} UTC. ${cpus().length} cores (${cpu?.model}), Node ${process.version}, posthog-node ` +
    `${postHogVersion()}, ${versions.join(', ')}. Load averages at the start: ${loadAtStart}; at the ` +
    `end: ${loadOf()}. ${rounds} rounds.`
  );
}

function postHogVersion() {
  const root = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return root.devDependencies['posthog-node'];
}

/** Between the two marks of the page. */
function writeResults() {
  const page = new URL('../RESULTS.md', import.meta.url);
  const [begin, end] = ['<!-- figures of bench -->', '<!-- end of the figures of bench -->'];
  const text = readFileSync(page, 'utf8');
  const [before] = text.split(begin);
  const [, after] = text.split(end);
  writeFileSync(page, `${before}${begin}\n\n${figures}\n\n${end}${after}`);
}
