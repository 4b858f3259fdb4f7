/**
 * One fleet of real processes through a night in which its source answers all that a source can
 * answer. After each fault everybody becomes current; over the whole night nothing happens that
 * must not.
 */
import { describe } from '@jest/globals';
import { nightOf } from './night-of.js';
import type { FaultName } from './night.js';
import { sourceFaults } from './faults/source-faults.js';

describe('a night of the source', () => {
  nightOf(Object.keys(sourceFaults) as FaultName[]);
});
