/** What a measure answers: one number, for one system, in one round. */

/**
 * @typedef {object} Row
 * @property {string} measure
 * @property {string} unit
 * @property {import('./systems.mjs').System} system
 * @property {number} value
 */

/**
 * What a measure is given.
 * @typedef {object} Bench
 * @property {import('./redis.mjs').BenchRedis} redis
 * @property {import('./plan.mjs').Plan} plan
 */

/** @param {number} part @param {readonly number[]} values not empty */
export function quantile(part, values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** @param {readonly number[]} values not empty */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = low] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}
