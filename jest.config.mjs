/** One configuration for the whole suite: native ESM, TypeScript through swc (types are checked by `npm run typecheck`). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // js first: packages that ship .ts beside .js must resolve to the .js
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/test/setup/left-storages.ts', '<rootDir>/test/setup/reflect.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/setup/printed.ts'],
  globalSetup: '<rootDir>/test/setup/services.mjs',
  globalTeardown: '<rootDir>/test/setup/services-teardown.mjs',
  reporters: [
    'default',
    '<rootDir>/test/setup/planted-words.reporter.mjs',
    '<rootDir>/test/setup/closing-line.reporter.mjs',
  ],
  testSequencer: '<rootDir>/test/setup/longest-first.mjs',
  // Fleets of real processes wait more than they work: four keep two cores busy.
  maxWorkers: 4,
  // A net for what hangs. A busy machine must fail no test: none of them asserts a time.
  testTimeout: 300_000,
  clearMocks: true,
  coverageProvider: 'v8',
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageDirectory: 'coverage',
};
