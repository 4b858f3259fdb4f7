/**
 * One fleet of real processes through a night in which its PostgreSQL freezes, dies, comes back
 * with and without what it knew, refuses, is locked, forgets, and has things in it that nobody put
 * there: each while nothing is done, in the middle of a fetch, and before a publication. And what
 * comes late is refused.
 */
import { describe } from '@jest/globals';
import { postgresFaults } from './faults/postgres-faults.js';
import { nightOf } from './night-of.js';
import { onPostgres } from './nights.js';

/** That a healthy fleet goes on is seen after the random night. */
const SHORT_MORNING_MS = 3_000;

describe('a night of PostgreSQL', () => {
  const late = ['leaderKilledBeforeItPublishes', 'leaderStoppedBeforeItPublishes'];
  nightOf(onPostgres, [...Object.keys(postgresFaults), ...late], SHORT_MORNING_MS);
});
