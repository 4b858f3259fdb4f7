/**
 * What an app sees, with nothing but public options and the product's own lease: the start of a
 * fleet, a leader that leaves, one that cannot reach the source, an end with a frozen Redis.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import { holdFetch } from './faults/fault.js';
import type { FleetSettings } from './fleet-settings.js';
import { expectNothingBad } from './night-of.js';
import { told, violationsSince } from './night.js';
import { nowMs } from './now.js';
import { delay, RealFleet } from './real-fleet.js';
import { PostgresStore } from './stores/postgres-store.js';
import type { Told } from './told.js';

const LONGEST_MS = 300_000;
/** Its own lease; patient, so that whom a busy machine holds up does not take the store for away. */
const asShipped: Partial<FleetSettings> = {
  leaseMs: undefined,
  cacheTimeoutMs: 10_000,
  requestTimeoutMs: 5_000,
};
/** Where the store does not answer, and all wait for their deadlines. */
const impatient: Partial<FleetSettings> = { ...asShipped, cacheTimeoutMs: 1_000 };

let fleet: RealFleet;
afterEach(async () => fleet?.close(), LONGEST_MS);

async function start(settings: Partial<FleetSettings>): Promise<void> {
  fleet = await RealFleet.start({ ...asShipped, ...settings });
  expect(await fleet.convergence()).toBeDefined();
}

async function toldOf<Type extends Told['type']>(type: Type, fromMs = 0) {
  await fleet.settle();
  return fleet.told.filter(
    (fact): fact is Extract<Told, { readonly type: Type }> =>
      fact.type === type && fact.at >= fromMs,
  );
}

async function expectNoViolation(calmFromMs: number): Promise<void> {
  const violations = await violationsSince(fleet, calmFromMs);
  expectNothingBad(fleet, told(violations, fleet), 'npm run jest -- test/fleet/directed.spec.ts');
}

describe('a fleet as it is shipped', () => {
  it(
    'C2: asks a slow source once when all start on an empty Redis',
    async () => {
      const slow = async () => {
        await delay(1_000);
        return undefined;
      };
      fleet = await RealFleet.start(
        { ...asShipped, processes: 4, instancesEach: 4, intervalMs: 60_000, checkMs: 1_000 },
        slow,
      );
      expect(await fleet.convergence()).toBeDefined();
      expect((await toldOf('fetch-started')).length).toBeLessThanOrEqual(2);
      // C3: and each reads what was published once.
      const readers = (await toldOf('body-read')).map(({ instance }) => instance);
      expect(readers).toHaveLength(new Set(readers).size);
    },
    LONGEST_MS,
  );

  it(
    'C1: asks once per interval, however often the source has something new',
    async () => {
      await start({});
      const calmFromMs = nowMs();
      for (let n = 0; n < 20; n += 1) {
        await delay(400);
        fleet.change();
      }
      await expectNoViolation(calmFromMs);
    },
    LONGEST_MS,
  );

  it(
    'hands the claim over on SIGTERM in the middle of a fetch: another fetches, no lease runs out',
    async () => {
      await start({ processes: 3, instancesEach: 1, shutdownHooks: true });
      fleet.change();
      const { instance: leader, release } = await holdFetch(fleet);
      const leftAt = nowMs();
      const child = fleet.processOf(leader);
      child.signal('SIGTERM');
      await child.gone();
      expect(await fleet.convergence()).toBeDefined();
      release();

      const handedOver = (await toldOf('executed-finish', leftAt)).find(({ kind }) => kind === 'handed-over'); // prettier-ignore
      expect(handedOver).toMatchObject({ instance: leader, isAccepted: true });
      const [next] = await toldOf('granted', handedOver?.at);
      expect(next?.instance).not.toBe(leader);
      const granted = (await toldOf('granted')).findLast(({ at }) => at < leftAt);
      expect(granted?.instance).toBe(leader);
      const leaseMs = 10_000 + 2 * fleet.settings.cacheTimeoutMs;
      expect((next?.at ?? Infinity) - (granted?.at ?? 0)).toBeLessThan(leaseMs);
      await expectNoViolation(nowMs());
    },
    LONGEST_MS,
  );

  it(
    'ends on SIGTERM with a frozen Redis, by hooks of Nest, and is waited for by nobody',
    async () => {
      await start({ ...impatient, processes: 2, instancesEach: 1, shutdownHooks: true });
      await fleet.store.freeze();
      const [first] = fleet.processes;
      first?.signal('SIGTERM');
      await first?.gone();
      await fleet.store.thaw();
      expect(await toldOf('closed')).toHaveLength(1);
      fleet.change();
      expect(await fleet.convergence()).toBeDefined();
      await expectNoViolation(nowMs());
    },
    LONGEST_MS,
  );

  it(
    'stays current though the leader, whose Redis is well, never reaches the source again',
    async () => {
      await start({ processes: 3, instancesEach: 1 });
      const { leader: zombie } = fleet;
      const from = nowMs();
      fleet.source.intercept = async ({ headers }) =>
        headers['x-instance'] === zombie ? { fault: 'refused' } : undefined;
      for (let n = 0; n < 3; n += 1) {
        fleet.change();
        expect(await fleet.convergence()).toBeDefined();
      }
      const publishers = (await toldOf('executed-finish', from))
        .filter(({ kind, isAccepted }) => kind === 'new' && isAccepted)
        .map(({ instance }) => instance);
      expect(publishers.length).toBeGreaterThanOrEqual(3);
      expect(publishers).not.toContain(zombie);
      await expectNoViolation(nowMs());
    },
    LONGEST_MS,
  );
});

describe('a fleet as it is shipped, on PostgreSQL', () => {
  it(
    'C2: asks a slow source once when all start on an empty database, and reads it once',
    async () => {
      const slow = async () => {
        await delay(1_000);
        return undefined;
      };
      const settings = { processes: 3, instancesEach: 3, intervalMs: 60_000, checkMs: 1_000 };
      fleet = await RealFleet.on(
        (listener) => PostgresStore.start(listener),
        { ...asShipped, ...settings },
        slow,
      );
      expect(await fleet.convergence()).toBeDefined();
      expect((await toldOf('fetch-started')).length).toBeLessThanOrEqual(2);
      const readers = (await toldOf('body-read')).map(({ instance }) => instance);
      expect(readers.length).toBeGreaterThan(0);
      expect(readers).toHaveLength(new Set(readers).size);
    },
    LONGEST_MS,
  );

  it(
    'ends on SIGTERM with a frozen PostgreSQL, by hooks of Nest, and is waited for by nobody',
    async () => {
      const settings = { processes: 2, instancesEach: 1, shutdownHooks: true };
      fleet = await RealFleet.on((listener) => PostgresStore.start(listener), {
        ...impatient,
        ...settings,
      });
      expect(await fleet.convergence()).toBeDefined();
      await fleet.store.freeze();
      const [first] = fleet.processes;
      first?.signal('SIGTERM');
      await first?.gone();
      await fleet.store.thaw();
      expect(await toldOf('closed')).toHaveLength(1);
      fleet.change();
      expect(await fleet.convergence()).toBeDefined();
      await expectNoViolation(nowMs());
    },
    LONGEST_MS,
  );
});
