/** The systems side by side, ours first. */
import { configCat } from './configcat.mjs';
import { flagd } from './flagd.mjs';
import { growthBook } from './growthbook.mjs';
import { launchDarkly } from './launchdarkly.mjs';
import { ours } from './ours.mjs';
import { posthogNode } from './posthog-node.mjs';
import { statsig } from './statsig.mjs';
import { unleash } from './unleash.mjs';

/** @type {readonly import('./system.mjs').System[]} */
export const systems = [
  ours,
  posthogNode,
  launchDarkly,
  unleash,
  growthBook,
  configCat,
  flagd,
  statsig,
];
