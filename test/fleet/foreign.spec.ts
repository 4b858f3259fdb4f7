/**
 * The real posthog-node with the example provider of its documentation, in the same processes, on
 * the same Redis and before the same checks: it does not pass. What a fleet of ours is asked, and
 * answers, is in `directed.spec.ts`.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Invariant } from '../simulation/invariants/violation.js';
import { holdFinish } from './faults/fault.js';
import { violationsSince } from './night.js';
import { nowMs } from './now.js';
import { delay, RealFleet } from './real-fleet.js';
import { aForeignPublication } from './stores/redis-store.js';

const LONGEST_MS = 300_000;

let fleet: RealFleet;
afterEach(async () => fleet?.close(), LONGEST_MS);

async function broken(calmFromMs: number): Promise<Set<Invariant>> {
  return new Set((await violationsSince(fleet, calmFromMs)).map(({ invariant }) => invariant));
}

const fetches = (): number => fleet.count('fetch-started', 0);

describe("posthog-node with its documentation's example provider", () => {
  it(
    'C2: asks a slow source many times when all start on an empty Redis',
    async () => {
      const slow = async () => {
        await delay(1_000);
        return undefined;
      };
      fleet = await RealFleet.start({ kind: 'posthog-node', processes: 4, instancesEach: 4, intervalMs: 60_000 }, slow); // prettier-ignore
      await fleet.until('all have definitions', () => fleet.laggards().length === 0);
      expect(fetches()).toBeGreaterThan(2);
    },
    LONGEST_MS,
  );

  it(
    'C1: asks more than once per interval when the source has something new',
    async () => {
      fleet = await RealFleet.start({ kind: 'posthog-node' });
      await fleet.until('all have definitions', () => fleet.laggards().length === 0);
      const calmFromMs = nowMs();
      for (let n = 0; n < 20; n += 1) {
        await delay(400);
        fleet.change();
      }
      expect(await broken(calmFromMs)).toContain('C1');
    },
    LONGEST_MS,
  );

  it(
    'S3: lets a late publication overwrite a newer one',
    async () => {
      fleet = await RealFleet.start({ kind: 'posthog-node', processes: 3 });
      await fleet.until('all have definitions', () => fleet.laggards().length === 0);
      const from = nowMs();
      fleet.change();
      const { instance: late, release } = await holdFinish(fleet, aForeignPublication);
      // The lock runs out, and another publishes what is newer.
      const newer = fleet.change();
      /** In the order in which Redis has stored them. */
      const sinceNewer = () => {
        const stored = fleet.told.filter((fact) => fact.type === 'executed-finish');
        const first = stored.findIndex(({ etag }) => etag === newer);
        return first === -1 ? [] : stored.slice(first);
      };
      await fleet.until('another has published what is newer', () => sinceNewer().length > 0);
      release();
      await fleet.until('the late publication is stored', () =>
        sinceNewer().some(({ instance, etag }) => instance === late && etag !== newer),
      );
      expect(await broken(from)).toContain('S3');
    },
    LONGEST_MS,
  );
});
