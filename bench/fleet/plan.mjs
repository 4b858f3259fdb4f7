/** How much is measured: the whole, or a smoke run that only proves that the bench still works. */
import { sharingSystems } from './systems.mjs';

/**
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number} intervalMs of the measures that are scaled
 * @property {readonly number[]} coldSizes
 * @property {readonly number[]} calmSizes
 * @property {number} calmIntervals how many intervals are counted in each state
 * @property {number} costSize
 * @property {readonly number[]} pushSizes of more fleets of ours, for the push alone
 * @property {number} costIntervals
 * @property {number} costChanges
 * @property {number} perProcess instances in a process
 * @property {number} crashes per system and kind; 0 for none
 * @property {readonly import('./systems.mjs').System[]} crashing
 */

/** @type {Plan} */
export const wholePlan = {
  rounds: 3,
  intervalMs: 2_000,
  coldSizes: [50, 100],
  calmSizes: [10, 50],
  calmIntervals: 10,
  costSize: 50,
  pushSizes: [10],
  costIntervals: 5,
  costChanges: 8,
  perProcess: 10,
  crashes: 3,
  crashing: sharingSystems,
};

/** @type {Plan} */
export const smokePlan = {
  ...wholePlan,
  rounds: 1,
  intervalMs: 600,
  coldSizes: [5],
  // Without Redis a fleet asks four times in an interval: few enough only where there are many.
  calmSizes: [10],
  calmIntervals: 5,
  costSize: 5,
  pushSizes: [],
  costIntervals: 3,
  costChanges: 1,
  perProcess: 10,
  crashes: 0,
};

/**
 * @param {Plan} plan
 * @param {number} size
 */
export function processesFor({ perProcess }, size) {
  return Math.ceil(size / perProcess);
}
