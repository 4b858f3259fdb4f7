/** A short night of faults drawn at random, another one each time; `npm run soak` is the long one. */
import { describe, it } from '@jest/globals';
import { randomOf } from '../simulation/world/random.js';
import { expectEndured, expectNothingBad } from './night-of.js';
import { drawFaults, judge, told, type NightOn } from './night.js';
import { onPostgres, onRedis } from './nights.js';
import { nowMs } from './now.js';
import { RealFleet } from './real-fleet.js';
import type { FleetStore } from './stores/fleet-store.js';

const seed = Number(process.env['FLEET_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const LONGEST_MS = 300_000;

/** @param nightMs without the morning, when it is judged */
function randomNight<Store extends FleetStore>(night: NightOn<Store>, nightMs: number): void {
  it(
    `breaks no promise (seed ${seed})`,
    async () => {
      const again = `npm run build:esm && npm run soak -- --store ${night.name} --minutes 1 --seed ${seed}`;
      const random = randomOf(seed).fork('faults');
      const fleet = await RealFleet.on(night.openStore, night.times);
      try {
        await fleet.convergence();
        const from = nowMs();
        for (let n = 0; nowMs() - from < nightMs; n += 1) {
          const names = drawFaults(night, random);
          await expectEndured(night, fleet, names, randomOf(seed).fork(`${n}`), again);
        }
        expectNothingBad(fleet, told(await judge(fleet), fleet), again);
      } finally {
        await fleet.close();
      }
    },
    LONGEST_MS,
  );
}

describe('a random night', () => {
  randomNight(onRedis, 35_000);
});

describe('a random night on PostgreSQL', () => {
  randomNight(onPostgres, 8_000);
});
