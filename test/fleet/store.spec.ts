/**
 * One fleet of real processes through a night in which its Redis freezes, dies, comes back with
 * and without its data, refuses, forgets, and has things in it that nobody put there.
 */
import { describe } from '@jest/globals';
import { nightOf } from './night-of.js';
import type { FaultName } from './night.js';
import { storeFaults } from './faults/store-faults.js';

describe('a night of Redis', () => {
  nightOf(Object.keys(storeFaults) as FaultName[]);
});
