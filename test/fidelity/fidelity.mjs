/**
 * What the evaluator promises, at any length, from the command line:
 *   npm run fidelity                                        all of it
 *   npm run fidelity -- --evaluations 1000000 --seed 1      beside PostHog's client, and as many hashes
 *   npm run fidelity -- --hashes 1000000                    the hashes beside node:crypto alone
 *   npm run fidelity -- --hostile                           what hostile input costs
 * The comparison is `posthog-node.spec.ts`, which counts the differences by deviation, and stops at
 * the third mistake (`--mistakes`). The exit code is 0 when all parts kept their promise.
 */
import { spawnSync } from 'node:child_process';
import { register } from 'node:module';
import { parseArgs } from 'node:util';

register('../support/typescript-hooks.mjs', import.meta.url);
const { values } = parseArgs({
  options: {
    evaluations: { type: 'string' },
    hashes: { type: 'string' },
    hostile: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    mistakes: { type: 'string', default: '3' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (typeof value === 'boolean' || /^\d+$/.test(value)) continue;
  console.error(`--${name} takes a whole number, got "${value}".`);
  process.exit(2);
}
const isWhole = values.evaluations === undefined && values.hashes === undefined && !values.hostile;
const evaluations = Number(values.evaluations ?? (isWhole ? 1_000_000 : 0));
const hashes = Number(values.hashes ?? evaluations);

const kept = [];
if (hashes > 0) kept.push(await compareHashes());
if (values.hostile || isWhole) kept.push(await timeHostile());
if (evaluations > 0) kept.push(compareEvaluations());
process.exit(kept.every(Boolean) ? 0 : 1);

async function compareHashes() {
  const { inThread } = await import('../support/in-thread.ts');
  const module = new URL('compare-hashes.ts', import.meta.url);
  const reports = await Promise.all(
    ['machine', 'platform'].map((path) =>
      inThread(module, 'compareOurHashes', { hashes, seed: Number(values.seed), path }),
    ),
  );
  console.log(
    `\nCompared with SHA-1 of node:crypto: ${hashes} positions, from seed ${values.seed}.`,
  );
  const names = { machine: 'in WebAssembly', platform: 'without it' };
  for (const { path, hashes: compared, difference } of reports) {
    console.log(
      `  ${names[path].padEnd(19)} ${difference === undefined ? 'no difference' : `DIFFERENCE, number ${compared}: ${difference}`}`,
    );
  }
  const [{ kinds }] = reports;
  const counts = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
  console.log(`  ids                 ${counts.join(', ')}`);
  return reports.every(({ difference }) => difference === undefined);
}

async function timeHostile() {
  const { reportHostile } = await import('./hostile-report.ts');
  const { table, isWithinBound } = reportHostile((line) => process.stderr.write(`${line}\n`));
  console.log(`\n${table}`);
  return isWithinBound;
}

function compareEvaluations() {
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const { status } = spawnSync(process.execPath, [...jest, 'test/fidelity/posthog-node.spec.ts'], {
    cwd: new URL('../../', import.meta.url),
    stdio: 'inherit',
    env: {
      ...process.env,
      FIDELITY_EVALUATIONS: String(evaluations),
      FIDELITY_SEED: values.seed,
      FIDELITY_MISTAKES: values.mistakes,
    },
  });
  return status === 0;
}
