/** Every branch of the evaluator is taken by its own specs and by the comparison with posthog-node. */
import base from './jest.config.mjs';

export default {
  ...base,
  roots: ['<rootDir>/test/core/evaluation', '<rootDir>/test/fidelity'],
  collectCoverage: true,
  collectCoverageFrom: ['lib/core/evaluation/**/*.ts'],
  coverageThreshold: { 'lib/core/evaluation/**/*.ts': { branches: 100 } },
};
