/** Who has the lease: who takes it, keeps it, gives it up, or follows one that has died. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { LeaseOwner } from './lease-owner.js';
import type { RecordTrial } from './record-place.js';

const HANDLES = 4;
const FLEET = 12;

async function fleetOf(trial: RecordTrial, size: number): Promise<LeaseOwner[]> {
  const fleet: LeaseOwner[] = [];
  while (fleet.length < size) fleet.push(await LeaseOwner.in(trial, `i${fleet.length}`));
  return fleet;
}

const taking: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is for the first who asks, and for nobody else while it lasts',
    run: async (trial) => {
      const [a, b, c] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b'), await LeaseOwner.in(trial, 'c')]; // prettier-ignore
      await a.takes();
      await b.isHeldOff();
      await c.isHeldOff();
      await a.takes();
    },
  },
  {
    name: 'F19: is for one of many who ask at the same moment',
    run: async (trial) => {
      const handles = await fleetOf(trial, HANDLES);
      const asked = Array.from({ length: FLEET }, async (_, n) =>
        handles[n % HANDLES]?.lease.acquire(`i${n}`, trial.time.longMs),
      );
      const answers = await Promise.all(asked);
      strictEqual(answers.filter((answer) => answer === true).length, 1, 'owners of the lease');
    },
  },
  {
    name: 'is kept by who asks again, as long as it says then',
    run: async (trial) => {
      const { time } = trial;
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      await a.takes(time.soonMs);
      await a.takes(time.longMs);
      await time.pass(2 * time.soonMs);
      await b.isHeldOff();
    },
  },
  {
    name: 'is its owner’s, and not that of a handle or a connection: closed without a word, it is kept',
    run: async (trial) => {
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      await a.takes();
      await a.store.close();
      await b.isHeldOff();
      await (await LeaseOwner.in(trial, 'a')).takes();
    },
  },
];

const closed: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'lets neither question hang',
    run: async (trial) => {
      const a = await LeaseOwner.in(trial, 'a');
      await a.takes();
      await a.store.close();
      await trial.time.answer('a question to a handle that is closed', () =>
        Promise.allSettled([a.asks(), a.release()]),
      );
    },
  },
];

const passing: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'F09: is another’s when it has run out, however often others have asked for it',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      await a.takes(soonMs);
      await b.takesAfter(soonMs);
      await a.isHeldOff();
    },
  },
  {
    name: 'F57: is another’s at once when its owner gives it up',
    run: async (trial) => {
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      await a.takes();
      await a.release();
      await b.takes();
      await a.isHeldOff();
    },
  },
  {
    name: 'F01: is given up by its owner alone, and by no former one',
    run: async (trial) => {
      const [a, b, c] = await fleetOf(trial, 3);
      await a?.takes();
      await b?.release();
      await c?.isHeldOff();
      await a?.release();
      await b?.takes();
      await a?.release();
      await c?.isHeldOff();
    },
  },
  {
    name: 'may be given up by who has none, as often as it likes',
    run: async (trial) => {
      const a = await LeaseOwner.in(trial, 'a');
      await a.release();
      await a.takes();
      await a.release();
      await a.release();
      await a.takes();
    },
  },
  {
    name: 'is kept when the clock of the place goes back a little, and free when it goes far back',
    needs: ['advanceMs', 'setClockBackMs'],
    run: async (trial) => {
      const { place, time } = trial;
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      await a.takes(time.longMs);
      await place.setClockBackMs?.(time.soonMs);
      await b.isHeldOff();
      await place.setClockBackMs?.(2 * time.longMs);
      await b.takes();
    },
  },
];

const outages: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is an error for who asks and for who gives up, in time: never an answer, never silence',
    needs: ['stopServer', 'startServer'],
    run: async (trial) => {
      const { place, time } = trial;
      const a = await LeaseOwner.in(trial, 'a');
      await a.takes();
      await place.stopServer?.();
      try {
        const answers = await time.answer('the lease', () =>
          Promise.allSettled([a.asks(), a.release()]),
        );
        deepStrictEqual(
          answers.map(({ status }) => status),
          ['rejected', 'rejected'],
          'acquire() and release() while there is nobody to answer',
        );
      } finally {
        await place.startServer?.();
      }
      const isBack = (): Promise<true | undefined> =>
        a.asks().then(
          (has) => has || undefined,
          () => undefined,
        );
      ok(await time.eventually('the lease after the outage', isBack));
    },
  },
];

export const leaseKeeping: readonly CaseGroup<RecordTrial>[] = [
  { title: 'a lease', cases: taking },
  { title: 'a lease that passes on', cases: passing },
  { title: 'a handle that is closed', cases: closed },
  { title: 'an outage', cases: outages },
];
