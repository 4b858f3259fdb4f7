/**
 * What is compared, and the times that each is given. posthog-node's examples are made for an
 * interval of 30 s; at another interval their times and ours are scaled alike, so that the ratios
 * stay those of the defaults. What has no option (our lease of 12 s, our deadlines) is not scaled.
 */

/** @typedef {'ours' | 'example' | 'leader' | 'none'} System */

/** @type {Readonly<Record<System, string>>} */
export const systemNames = {
  ours: 'nestjs-feature-flags',
  example: 'posthog-node, Node example',
  leader: 'posthog-node, leader example',
  none: 'posthog-node alone',
};

/** @type {readonly System[]} */
export const allSystems = ['ours', 'example', 'leader', 'none'];

/** Those that share definitions through Redis. @type {readonly System[]} */
export const sharingSystems = ['ours', 'example', 'leader'];

/**
 * @typedef {object} Times
 * @property {number} intervalMs between two polls, or two refreshes of the fleet
 * @property {number} checkMs ours: how often an instance looks at the shared head
 * @property {number} lockMs the lock of either example
 * @property {number} definitionsMs how long the Node example keeps the definitions
 * @property {number} leaderDefinitionsMs how long the leader example keeps them
 */

/**
 * One instance, as its process is told to open it.
 * @typedef {object} InstanceSettings
 * @property {System} system
 * @property {string} name
 * @property {string} host the stub of PostHog
 * @property {string} redisUrl
 * @property {string} key tells fleets apart in one Redis
 * @property {Times} times
 */

/**
 * An instance that runs.
 * @typedef {object} Instance
 * @property {() => Promise<unknown>} evaluate the value of the flag that names the content
 * @property {() => Promise<unknown>} close as at the end of an app
 */

export const DEFAULT_INTERVAL_MS = 30_000;

/** The flag whose value names the content. */
export const WITNESS = 'witness';
export const PROJECT_API_KEY = 'phc_bench';

/**
 * @param {number} intervalMs
 * @returns {Times} the defaults, scaled to that interval
 */
export function timesFor(intervalMs) {
  const scaled = (/** @type {number} */ ms) => Math.round((ms * intervalMs) / DEFAULT_INTERVAL_MS);
  return {
    intervalMs,
    checkMs: scaled(5_000),
    lockMs: scaled(60_000),
    definitionsMs: scaled(300_000),
    leaderDefinitionsMs: scaled(86_400_000),
  };
}

/**
 * The stub tells instances apart by their secret.
 * @param {string} name
 */
export function secretKeyOf(name) {
  return `phs_${name}`;
}
