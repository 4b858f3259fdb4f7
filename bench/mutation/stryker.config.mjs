/**
 * How Stryker makes mutants of the evaluator, and has them meet its specs. All that it writes goes
 * to coverage/mutation, which neither git nor the other tools look at. What counts and what does
 * not: docs/mutation-testing.md.
 */
const results = 'coverage/mutation';
const onlyMutation = ['!/bench', '/bench/*', '!/bench/mutation'];

export default {
  mutate: ['lib/core/evaluation/**/*.ts'],
  packageManager: 'npm',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  // All specs are one file here (evaluation.spec.mjs), so there is none to look for.
  jest: { configFile: 'bench/mutation/jest.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  // Tables of operators and of texts are static. They are where a mistake is easily made.
  ignoreStatic: false,
  disableTypeChecks: true,
  // A loop without end is found by counting; this is for those that count nothing.
  timeoutMS: 10_000,
  concurrency: 2,
  // Modules that jest has loaded are never given back, and each loads the evaluator anew.
  maxTestRunnerReuse: 40,
  // Copied to where it runs is only what runs.
  ignorePatterns: ['/*', '!/lib', '!/test', '!/*.json', '!/*.mjs', '!/.swcrc', ...onlyMutation],
  incremental: true,
  incrementalFile: `${results}/incremental.json`,
  tempDirName: `${results}/sandbox`,
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: `${results}/mutation.json` },
  htmlReporter: { fileName: `${results}/mutation.html` },
};
