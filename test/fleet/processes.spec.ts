/**
 * One fleet of real processes through a night in which its processes die, stand still and lose
 * their clock. After each fault everybody becomes current; over the whole night nothing happens
 * that must not.
 */
import { describe } from '@jest/globals';
import { processFaults } from './faults/process-faults.js';
import { nightOf } from './night-of.js';
import { onRedis } from './nights.js';

describe('a night of processes', () => {
  nightOf(onRedis, Object.keys(processFaults));
});
