/**
 * Every branch of the evaluator is taken by its own specs and by the laws it obeys. The comparison
 * with posthog-node takes none that they do not, and is a part of the suite.
 */
import base from './jest.config.mjs';

export default {
  ...base,
  roots: ['<rootDir>/test/core/evaluation', '<rootDir>/test/fidelity'],
  testPathIgnorePatterns: ['fidelity/posthog-node', 'fidelity/teeth'],
  collectCoverage: true,
  collectCoverageFrom: ['lib/core/evaluation/**/*.ts'],
  coverageThreshold: { 'lib/core/evaluation/**/*.ts': { branches: 100 } },
};
