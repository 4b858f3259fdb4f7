/** The number that orders everything, whatever the place has lost and wherever its clock has gone. */
import { ok, strictEqual } from 'node:assert/strict';
import { assertBetween, assertHas } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { ClaimInstance, eager } from './claim-instance.js';
import type { RecordTrial } from './record-place.js';

const IN_A_ROW = 20;
/** Beyond what any clock says in milliseconds, and beyond what is believed of a caller. */
const AHEAD = 10_000_000;
const ABSURD = 2 ** 52;

const tokens: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'grows with each claim, however fast they follow',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      let last = 0;
      for (let n = 0; n < IN_A_ROW; n += 1) {
        const token = await a.claim();
        ok(token > last, `the token went from ${last} to ${token}`);
        last = token;
        await a.fail(token);
      }
    },
  },
  {
    name: 'F11: is above all that who asks, or anybody, has seen',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const first = await a.claim();
      await a.fail(first);
      const seen = await a.claim({ token: first + AHEAD });
      ok(seen > first + AHEAD, 'it is not above the token that the caller brought');
      await b.check({ revision: seen + AHEAD });
      await a.fail(seen);
      const token = await a.claim();
      ok(token > seen + AHEAD, 'it is not above the revision that another holds');
    },
  },
  {
    name: 'is not driven to its end by who brings a number beyond all sense',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      await a.check({ revision: ABSURD, token: 2 * ABSURD, floor: ABSURD, graceMs: 0 });
      const { token, mustPublish } = await a.check();
      ok(token < ABSURD / 2, `the token is ${token}`);
      strictEqual(mustPublish, true);
    },
  },
  {
    name: 'is overtaken by a publication without a claim, which fences an open one',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      const token = await a.claim();
      strictEqual(await b.store.publish(trial.recordOf('v2'), token + 5), true, 'publish()');
      strictEqual(await a.same(token), 'fenced', 'the end of the open claim');
      const { digest } = trial.recordOf('v2');
      const reply = await a.check(eager);
      assertHas(reply, { verdict: 'granted', revision: token + 5, digest });
      ok(reply.token > token + 5, 'the next token is not above the publication');
    },
  },
];

const losses: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'F12: everything: is filled again at once, under a higher revision, and not confirmed',
    needs: ['wipe'],
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const { digest } = trial.recordOf('v1');
      const revision = await a.lead(trial.recordOf('v1'));
      await trial.place.wipe?.();
      const reply = await a.check({ revision, digest });
      assertHas(reply, { verdict: 'granted', revision: 0, mustPublish: true, etag: undefined });
      ok(reply.token > revision, `the token went from ${revision} to ${reply.token}`);
      strictEqual(await a.same(reply.token), 'must-publish', 'an end with the same content');
      strictEqual(await a.publish(reply.token, trial.recordOf('v1')), 'accepted', 'the end');
    },
  },
  {
    name: 'F12: everything: refuses the end of a claim that was open before',
    needs: ['wipe'],
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const token = await a.claim();
      await trial.place.wipe?.();
      strictEqual(await a.publish(token, trial.recordOf('v1')), 'fenced', 'the end');
      strictEqual(await a.store.readHead(), undefined, 'readHead()');
    },
  },
  {
    name: 'F12: a body: is due after the shortest gap, without an etag, and not confirmed',
    needs: ['loseBody', 'seenLoss'],
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const revision = await a.lead(trial.recordOf('v1'));
      await trial.place.loseBody?.(revision);
      await expectPublishedAnew(trial, a, revision);
    },
  },
  {
    name: 'F12: a body: the same, where nobody has seen it but who has read it in vain',
    needs: ['loseBody'],
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const newcomer = await ClaimInstance.in(trial, 'b');
      const revision = await a.lead(trial.recordOf('v1'));
      await trial.place.loseBody?.(revision);
      strictEqual(await newcomer.store.readBody(revision), undefined, 'readBody()');
      await expectPublishedAnew(trial, a, revision);
      const { revision: next } = await newcomer.check();
      const { digest } = trial.recordOf('v1');
      assertHas((await newcomer.store.readBody(next))?.head, { digest }, 'the head');
    },
  },
  ...(['revision', 'floor'] as const).map((field) => ({
    name: `F11: history: ${field === 'floor' ? 'who finds no use for what is there' : 'who holds more than it knows'} makes it publish anew, higher`,
    run: async (trial: RecordTrial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const known = (await a.lead(trial.recordOf('v1'))) + AHEAD;
      const reply = await b.check({ ...eager, [field]: known });
      assertHas(reply, { verdict: 'granted', mustPublish: true, etag: undefined });
      ok(reply.token > known, `the token is ${reply.token}, not above ${known}`);
      strictEqual(await b.same(reply.token), 'must-publish', 'an end with the same content');
      strictEqual(await b.publish(reply.token, trial.recordOf('v1')), 'accepted', 'the end');
      assertHas(await a.check({ [field]: known }), { mustPublish: false });
    },
  })),
  {
    name: 'nothing: an instance that is behind changes nothing',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const old = await a.lead(trial.recordOf('v1'));
      await a.lead(trial.recordOf('v2'));
      const reply = await b.check({ revision: old });
      assertHas(reply, { verdict: 'not-due', mustPublish: false });
    },
  },
];

/** By who still holds what was lost. */
async function expectPublishedAnew(
  trial: RecordTrial,
  holder: ClaimInstance,
  revision: number,
): Promise<void> {
  const { soonMs, longMs } = trial.time;
  const waiting = await holder.check({ revision, shortestGapMs: longMs });
  assertHas(waiting, { verdict: 'not-due', mustPublish: true });
  await trial.time.pass(soonMs);
  const reply = await holder.check({ revision });
  assertHas(reply, { verdict: 'granted', mustPublish: true, etag: undefined });
  strictEqual(await holder.same(reply.token), 'must-publish', 'an end with the same content');
  strictEqual(await holder.publish(reply.token, trial.recordOf('v1')), 'accepted', 'the end');
  assertHas(await holder.check(), { mustPublish: false, revision: reply.token });
}

const clocks: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'F13: lets no claim and no due time last longer than it may, and goes on counting',
    needs: ['advanceMs', 'setClockBackMs'],
    run: async (trial) => {
      const { longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const first = await a.claim();
      await trial.place.setClockBackMs?.(10 * longMs);
      const second = await b.claim();
      ok(second > first, `the token went from ${first} to ${second}`);
      strictEqual(await a.publish(first, trial.recordOf('old')), 'fenced', 'the end before');
      strictEqual(await b.publish(second, trial.recordOf('v1')), 'accepted', 'the end after');
      await trial.place.setClockBackMs?.(10 * longMs);
      const reply = await b.check();
      assertHas(reply, { verdict: 'granted', ageMs: 0 });
      ok(reply.token > second, `the token went from ${second} to ${reply.token}`);
      await trial.place.advanceMs?.(longMs);
      assertBetween((await b.store.readHead())?.ageMs, 0, longMs, 'the age');
    },
  },
];

export const claimLosses: readonly CaseGroup<RecordTrial>[] = [
  { title: 'the token', cases: tokens },
  { title: 'a place that lost', cases: losses },
  { title: 'a clock that went back', cases: clocks },
];
