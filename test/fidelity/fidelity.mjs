/**
 * The comparison with PostHog's client at any length, from the command line:
 *   npm run fidelity -- --evaluations 1000000 --seed 1
 * Runs `posthog-node.spec.ts`, which prints the differences counted by deviation, and stops at
 * the third mistake (`--mistakes`).
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    evaluations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    mistakes: { type: 'string', default: '3' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name} takes a whole number, got "${value}".`);
  process.exit(2);
}
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(process.execPath, [...jest, 'test/fidelity/posthog-node.spec.ts'], {
  cwd: new URL('../../', import.meta.url),
  stdio: 'inherit',
  env: {
    ...process.env,
    FIDELITY_EVALUATIONS: values.evaluations,
    FIDELITY_SEED: values.seed,
    FIDELITY_MISTAKES: values.mistakes,
  },
});
process.exit(status ?? 1);
