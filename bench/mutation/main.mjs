/**
 * `npm run mutation`: makes mutants of lib/core/evaluation, each with one small mistake, and looks
 * whether the specs notice. Installs Stryker into this folder first, where it is missing; prints
 * the mutants that nobody noticed and the score of each file. `-- --only "operators/*.ts,match.ts"`
 * is for some files; `--changed` asks again only about changed lines and about what a new test
 * reaches, and does not see that an old test was edited; `--concurrency 1` leaves room for others;
 * `--write` puts the table into docs/mutation-testing.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scoreTable, survivorLines } from './report.mjs';

const evaluator = 'lib/core/evaluation';
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    changed: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const stryker = 'bench/mutation/node_modules/@stryker-mutator/core/bin/stryker.js';

if (!existsSync(`${root}${stryker}`)) install();
const startedAt = Date.now();
meetMutants();
const report = JSON.parse(readFileSync(`${root}coverage/mutation/mutation.json`, 'utf8'));
const table = scoreTable(report, `${evaluator}/`);
process.stdout.write(`\n${survivorLines(report).join('\n')}\n\n${table}\n`);
if (values.write) writePage();

function install() {
  process.stderr.write('Installing Stryker into bench/mutation, which nothing else needs…\n');
  run('npm', ['install', '--prefix', 'bench/mutation', '--no-package-lock', '--no-audit']);
}

function meetMutants() {
  const only = values.only?.split(',').map((name) => `${evaluator}/${name}`);
  const args = [stryker, 'run', 'bench/mutation/stryker.config.mjs'];
  args.push('--concurrency', values.concurrency);
  if (only !== undefined) args.push('--mutate', only.join(','));
  if (!values.changed) args.push('--force');
  run(process.execPath, args);
}

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Between the two marks of the page. */
function writePage() {
  const page = new URL('../../docs/mutation-testing.md', import.meta.url);
  const [begin, end] = ['<!-- figures of mutation -->', '<!-- end of the figures of mutation -->'];
  const text = readFileSync(page, 'utf8');
  const [before] = text.split(begin);
  const [, after] = text.split(end);
  writeFileSync(page, `${before}${begin}\n\n${figures()}\n\n${end}${after}`);
}

function figures() {
  const minutes = Math.ceil((Date.now() - startedAt) / 60_000);
  const date = new Date().toISOString().slice(0, 10);
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('package.json', import.meta.url), 'utf8'),
  );
  const version = devDependencies['@stryker-mutator/core'];
  const isWhole = values.only === undefined && !values.changed;
  const time = isWhole ? `${minutes} minutes` : 'put together from several runs';
  return `${date}, Stryker ${version}, Node ${process.version}, ${time}.\n\n${table}`;
}
