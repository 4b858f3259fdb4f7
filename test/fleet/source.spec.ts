/**
 * One fleet of real processes through a night in which its source answers all that a source can
 * answer. After each fault everybody becomes current; over the whole night nothing happens that
 * must not.
 */
import { describe } from '@jest/globals';
import { sourceFaults } from './faults/source-faults.js';
import { nightOf } from './night-of.js';
import { onRedis } from './nights.js';

describe('a night of the source', () => {
  nightOf(onRedis, Object.keys(sourceFaults));
});
