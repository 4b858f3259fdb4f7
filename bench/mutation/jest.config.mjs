/** What each mutant meets: the specs of the evaluator, and nothing around them. */
import { fileURLToPath } from 'node:url';
import suite from '../../jest.config.mjs';

export default {
  rootDir: '../..',
  roots: ['<rootDir>/bench/mutation'],
  testMatch: ['**/*.spec.mjs'],
  // Stryker looks it up by itself, and knows no <rootDir>.
  testEnvironment: fileURLToPath(new URL('until-first-failure.mjs', import.meta.url)),
  moduleFileExtensions: suite.moduleFileExtensions,
  extensionsToTreatAsEsm: suite.extensionsToTreatAsEsm,
  transform: suite.transform,
  moduleNameMapper: suite.moduleNameMapper,
  clearMocks: suite.clearMocks,
  // Looking for it again in each of thousands of runs would be felt.
  watchman: false,
};
