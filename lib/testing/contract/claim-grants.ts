/** Who is granted a claim, and when: at once, when it is due, when a lease is over, when kicked. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { assertBetween, assertHas, withoutUndefined } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { ClaimInstance, eager } from './claim-instance.js';
import type { RecordTrial } from './record-place.js';

const HANDLES = 4;
const FLEET = 20;
const ROUNDS = 4;

const empty: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'grants the first who looks, and says that it has nothing',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const { token, dueInMs, ...reply } = await a.check();
      deepStrictEqual(withoutUndefined(reply), {
        verdict: 'granted',
        revision: 0,
        verifiedToken: 0,
        mustPublish: true,
        failuresInARow: 0,
        instances: 1,
      });
      ok(Number.isSafeInteger(token) && token > 0, `the token is ${token}`);
      ok(dueInMs <= 0, `due in ${dueInMs} ms`);
    },
  },
  {
    name: 'F19: grants one of many who look at the same moment, and holds the others off',
    run: async (trial) => {
      const handles: ClaimInstance[] = [];
      while (handles.length < HANDLES) handles.push(await ClaimInstance.in(trial, 'x'));
      for (let round = 0; round < ROUNDS; round += 1) {
        const looks = Array.from({ length: FLEET }, async (_, n) => {
          const instance = `i${n}`;
          const reply = await handles[n % HANDLES]?.check({ ...eager, instance });
          return { instance, ...reply };
        });
        const replies = await Promise.all(looks);
        const [granted, ...more] = replies.filter(({ verdict }) => verdict === 'granted');
        deepStrictEqual(more, [], 'a second claim was granted');
        ok(granted?.token !== undefined, 'nobody was granted a claim');
        const held = replies.filter(({ verdict }) => verdict === 'held');
        strictEqual(held.length, FLEET - 1, 'held off');
        const leader = await ClaimInstance.in(trial, granted.instance);
        strictEqual(await leader.fail(granted.token), 'accepted', 'the end of the one claim');
      }
    },
  },
];

const due: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'F05: is nobody’s before its time, though no claim is open',
    run: async (trial) => {
      const { longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      for (const one of [a, b]) {
        const { verdict, dueInMs } = await one.check({ graceMs: 0 });
        strictEqual(verdict, 'not-due', `the look of ${one.name}`);
        assertBetween(dueInMs, 1, longMs, 'the time until it is due');
      }
    },
  },
  {
    name: 'comes to the one that led, when it is time',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      await a.lead(trial.recordOf('v1'), soonMs);
      await a.claimAfter(soonMs);
    },
  },
  {
    name: 'waits the grace for the one that led, and is another’s then: F09',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'), 0);
      assertHas(await b.check({ graceMs: longMs }), { verdict: 'not-due' });
      await b.claimAfter(soonMs, { graceMs: soonMs });
    },
  },
  {
    name: 'F07: is for the others first, when one sits out',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.fail(await a.claim());
      assertHas(await a.check({ sitOutMs: longMs }), { verdict: 'not-due' });
      await b.fail(await b.claim({ kick: false }));
      await a.claimAfter(soonMs, { sitOutMs: soonMs });
    },
  },
  {
    name: 'does not depend on the lease',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const token = await a.claim({ leaseMs: soonMs });
      await a.publish(token, trial.recordOf('v1'), longMs);
      await trial.time.pass(2 * soonMs);
      assertHas(await a.check({ leaseMs: soonMs }), { verdict: 'not-due' });
    },
  },
];

const lease: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'holds everybody off while it lasts, its holder too, however they ask',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const token = await a.claim();
      for (const one of [a, b]) assertHas(await one.check(eager), { verdict: 'held', token });
      strictEqual(await a.publish(token, trial.recordOf('v1')), 'accepted', 'the publication');
    },
  },
  {
    name: 'F09: that ran out is another’s, under a higher token',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const lost = await a.claim({ leaseMs: soonMs });
      const token = await b.claimAfter(soonMs, eager);
      ok(token > lost, `the token went from ${lost} to ${token}`);
    },
  },
];

const kicks: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'makes a refresh due when the shortest gap has passed, also for who did not kick',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      const gap = { kick: true, shortestGapMs: soonMs };
      assertBetween((await b.check(gap)).dueInMs, -longMs, soonMs, 'the kicked due time');
      // Only the schedule can tell: neither kicks any more, and the one that led waits for nobody.
      await a.claimAfter(soonMs);
    },
  },
  {
    name: 'does not come sooner than the shortest gap',
    run: async (trial) => {
      const { longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      await a.lead(trial.recordOf('v1'));
      const reply = await a.check({ kick: true, shortestGapMs: longMs });
      strictEqual(reply.verdict, 'not-due', 'the look with a kick');
    },
  },
  {
    name: 'overrules a delay that the fleet chose by itself',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      await a.fail(await a.claim(), trial.time.longMs);
      assertHas(await a.check(), { verdict: 'not-due' });
      await a.claim();
    },
  },
  {
    name: 'F47: does not overrule what the source asked for',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.fail(await a.claim(), 0, soonMs);
      await b.fail(await b.claimAfter(soonMs, eager), 0, longMs);
      assertHas(await a.check(eager), { verdict: 'not-due' });
    },
  },
];

export const claimGrants: readonly CaseGroup<RecordTrial>[] = [
  { title: 'an empty place', cases: empty },
  { title: 'a refresh that is due', cases: due },
  { title: 'a lease', cases: lease },
  { title: 'a kick', cases: kicks },
];
