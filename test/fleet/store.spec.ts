/**
 * One fleet of real processes through a night in which its Redis freezes, dies, comes back with
 * and without its data, refuses, forgets, and has things in it that nobody put there.
 */
import { describe } from '@jest/globals';
import { redisFaults } from './faults/redis-faults.js';
import { nightOf } from './night-of.js';
import { onRedis } from './nights.js';

describe('a night of Redis', () => {
  nightOf(onRedis, Object.keys(redisFaults));
});
