/** A short night of faults drawn at random, another one each time; `npm run soak` is the long one. */
import { describe, it } from '@jest/globals';
import { randomOf } from '../simulation/world/random.js';
import { expectEndured, expectNothingBad } from './night-of.js';
import { drawFaults, judge, told } from './night.js';
import { nowMs } from './now.js';
import { RealFleet } from './real-fleet.js';

const seed = Number(process.env['FLEET_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const NIGHT_MS = 35_000;
const LONGEST_MS = 300_000;

describe('a random night', () => {
  it(
    `breaks no promise (seed ${seed})`,
    async () => {
      const again = `npm run build:esm && npm run soak -- --minutes 1 --seed ${seed}`;
      const random = randomOf(seed).fork('faults');
      const fleet = await RealFleet.start();
      try {
        await fleet.convergence();
        const from = nowMs();
        for (let n = 0; nowMs() - from < NIGHT_MS; n += 1) {
          const names = drawFaults(random);
          await expectEndured(fleet, names, randomOf(seed).fork(`${n}`), again);
        }
        expectNothingBad(fleet, told(await judge(fleet), fleet), again);
      } finally {
        await fleet.close();
      }
    },
    LONGEST_MS,
  );
});
