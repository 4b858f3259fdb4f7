/**
 * Begins with the specs that take long, of which most wait: what computes fills the pauses, and no
 * worker is left alone with a long one at the end. Jest does so by itself from its second run on;
 * a fresh clone, as the build server has it, knows no times, and jest would go by the size of files.
 */
import Sequencer from '@jest/test-sequencer';

/** About how many seconds on a quiet machine; most others take one or two. */
const expectedSeconds = /** @type {const} */ ([
  ['test/fleet/source', 100],
  ['test/fleet/random-night', 90],
  ['test/caches/contract', 100],
  ['test/package/consumers', 60],
  ['test/fleet/', 55],
  ['test/sample/', 50],
  ['test/caches/posthog-node-clients', 50],
  ['test/caches/register-contract', 45],
  ['test/caches/file-processes', 45],
  ['test/caches/redis-given-failover', 45],
  ['test/bench/', 40],
  ['test/caches/record-contract', 35],
  ['test/docs/recipes', 30],
  ['test/caches/postgres', 25],
  ['test/simulation/outages', 20],
  ['test/package/', 20],
  ['test/fidelity/', 20],
  ['test/caches/', 10],
  ['test/simulation/', 10],
]);

export default class LongestFirst extends Sequencer {
  /** @param {import('@jest/test-result').Test} test */
  time(test) {
    const known = expectedSeconds.find(([path]) => test.path.includes(`/${path}`));
    return super.time(test) ?? 1_000 * (known?.[1] ?? 1);
  }
}
