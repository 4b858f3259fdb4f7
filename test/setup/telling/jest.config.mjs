/** The configuration of the suite, for the one spec that tells planted words on purpose. */
import base from '../../../jest.config.mjs';

export default {
  ...base,
  rootDir: '../../..',
  roots: ['<rootDir>/test/setup/telling'],
  testMatch: ['**/*.telling.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
};
