/** How a claim ends: once, by its holder, while it is the last one granted; and what it leaves. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { contentOf } from '../../core/cache/definition-record.js';
import type { ClaimResult } from '../../core/coordination/claim-store.js';
import { assertBetween, assertHas } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { ClaimInstance, eager } from './claim-instance.js';
import type { RecordTrial } from './record-place.js';

const withContent: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is a publication under its token, for all',
    run: async (trial) => {
      const { longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const record = trial.recordOf('v1');
      const revision = await a.lead(record);
      assertHas(await b.store.readHead(), { ...contentOf(record), revision }, 'the head');
      assertHas(await b.store.readBody(revision), { body: record.body }, 'the body');
      const reply = await b.check();
      const { digest } = record;
      const seen = { revision, digest, token: revision, verifiedToken: revision };
      assertHas(reply, { verdict: 'not-due', mustPublish: false, ...seen });
      assertBetween(reply.ageMs, 0, longMs, 'the age');
    },
  },
  {
    name: 'says as much as is new to who looks: no digest that is known, no etag without a grant',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const record = trial.recordOf('v1');
      const { digest, etag } = record;
      await a.lead(record);
      assertHas(await a.check({ digest }), { digest: undefined, etag: undefined });
      assertHas(await a.check({ digest: 'another' }), { digest, etag: undefined });
      assertHas(await a.check({ ...eager, digest }), {
        verdict: 'granted',
        digest: undefined,
        etag,
      });
    },
  },
];

const unchanged: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'renews the age, and keeps the revision and the etag',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const record = trial.recordOf('v1');
      const revision = await a.lead(record);
      await trial.time.pass(trial.time.soonMs);
      const token = await a.claim();
      ok(token > revision, `the token went from ${revision} to ${token}`);
      const before = trial.time.nowMs();
      strictEqual(await a.same(token), 'accepted', 'the end');
      const reply = await a.check();
      const passedMs = trial.time.isInHand ? 0 : trial.time.nowMs() - before + 5;
      assertHas(reply, { revision, verifiedToken: token, failuresInARow: 0 });
      assertBetween(reply.ageMs, 0, passedMs, 'the age');
      assertHas(await a.store.readHead(), { ...contentOf(record), revision }, 'the head');
    },
  },
  {
    name: 'takes over another etag, and no empty one',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      await a.lead(trial.recordOf('v1'));
      strictEqual(await a.same(await a.claim(), '"other"'), 'accepted', 'the end');
      strictEqual((await a.store.readHead())?.etag, '"other"', 'the etag');
      strictEqual(await a.same(await a.claim(), ''), 'accepted', 'the end');
      strictEqual((await a.store.readHead())?.etag, '"other"', 'the etag after an empty one');
    },
  },
  {
    name: 'is refused where there is nothing to confirm, and the claim stays open',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const token = await a.claim();
      strictEqual(await a.same(token), 'must-publish', 'the end');
      assertHas(await b.check(eager), { verdict: 'held' });
      strictEqual(await a.publish(token, trial.recordOf('v1')), 'accepted', 'the publication');
    },
  },
];

const others: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'as failed counts for the fleet and says why, until one ends well',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      strictEqual(await a.fail(await a.claim()), 'accepted', 'the end');
      assertHas(await b.check(eager), { failuresInARow: 1, reason: 'network' });
      strictEqual(await b.fail((await b.check()).token), 'accepted', 'the end');
      assertHas(await a.check(eager), { failuresInARow: 2, reason: 'network' });
      await a.publish((await a.check()).token, trial.recordOf('v1'));
      assertHas(await b.check(), { failuresInARow: 0, reason: undefined });
    },
  },
  {
    name: 'as failed prefers nobody for the next turn, and is due when it says',
    run: async (trial) => {
      const { soonMs, longMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      await a.fail(await a.claim(), soonMs);
      await b.fail(await b.claimAfter(soonMs), longMs);
      assertHas(await a.check(), { verdict: 'not-due' });
    },
  },
  {
    name: 'F57: by handing over lets the next take it at once, and is no failure',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      strictEqual(await a.finish(await a.claim(), { kind: 'handed-over' }), 'accepted', 'the end');
      assertHas(await b.check(), { verdict: 'granted', failuresInARow: 0 });
    },
  },
  {
    name: 'unheard goes on with the schedule, proves nothing, and prefers nobody',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      const verifiedToken = await a.lead(trial.recordOf('v1'));
      const result: ClaimResult = { kind: 'unheard', nextDueMs: soonMs };
      strictEqual(await a.finish(await a.claim(), result), 'accepted', 'the end');
      await b.claimAfter(soonMs);
      assertHas(await a.check(), { verifiedToken, failuresInARow: 0 });
    },
  },
];

/** Each of them says something that would be seen if it counted. */
function lateEnds(trial: RecordTrial): readonly ClaimResult[] {
  return [
    { kind: 'new', record: trial.recordOf('ghost'), nextDueMs: 0 },
    { kind: 'same', etag: '"ghost"', nextDueMs: 0 },
    { kind: 'failed', reason: 'ghost', nextDueMs: 0 },
    { kind: 'unheard', nextDueMs: 0 },
    { kind: 'handed-over' },
  ];
}

/** Ends of this claim are refused, whatever they say, and nothing has changed for anybody. */
async function expectFenced(
  trial: RecordTrial,
  by: ClaimInstance,
  token: number,
  results = lateEnds(trial),
): Promise<void> {
  const onlooker = await ClaimInstance.in(trial, by.name);
  const seen = async () => {
    const { dueInMs: _due, ageMs: _age, ...reply } = await onlooker.check();
    const { ageMs: _, ...head } = (await onlooker.store.readHead()) ?? { ageMs: 0 };
    return { reply, head };
  };
  const before = await seen();
  for (const result of results) {
    strictEqual(await by.finish(token, result), 'fenced', `an end as ${result.kind}`);
  }
  deepStrictEqual(await seen(), before, 'what was refused changed something');
}

const fenced: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'F01: by who does not hold it, or by another number, is refused and changes nothing',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      const token = await a.claim();
      // Not with content: a body may lie down before its claim is looked at, and nobody but the
      // holder knows its number.
      const withoutBody = lateEnds(trial).filter(({ kind }) => kind !== 'new');
      await expectFenced(trial, b, token, withoutBody);
      await expectFenced(trial, a, token - 1);
      await expectFenced(trial, a, token + 1);
      strictEqual(await a.publish(token, trial.recordOf('v2')), 'accepted', 'the real end');
    },
  },
  {
    name: 'F04: that comes again is refused and changes nothing',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const revision = await a.lead(trial.recordOf('v1'));
      await expectFenced(trial, a, revision);
      const { body } = trial.recordOf('v1');
      assertHas(await a.store.readBody(revision), { body }, 'the body');
    },
  },
  {
    name: 'F03: after another was granted is refused and changes nothing; the other’s counts',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const slow = await ClaimInstance.in(trial, 'slow');
      const fast = await ClaimInstance.in(trial, 'fast');
      const late = await slow.claim({ leaseMs: soonMs });
      const token = await fast.claimAfter(soonMs, eager);
      await expectFenced(trial, slow, late);
      strictEqual(await fast.publish(token, trial.recordOf('v2')), 'accepted', 'the other’s end');
      await expectFenced(trial, slow, late);
      const { digest, body } = trial.recordOf('v2');
      assertHas(await slow.store.readHead(), { revision: token, digest }, 'the head');
      assertHas(await slow.store.readBody(token), { body }, 'the body');
    },
  },
  {
    name: 'F21: after the lease is accepted, while nobody was granted since',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const token = await a.claim({ leaseMs: soonMs });
      await trial.time.pass(2 * soonMs);
      strictEqual(await a.publish(token, trial.recordOf('v1')), 'accepted', 'the end');
    },
  },
  {
    name: 'by many at the same moment is accepted once',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const again = await ClaimInstance.in(trial, 'a');
      await a.lead(trial.recordOf('v1'));
      const token = await a.claim();
      const ends = [a, again, a, again].map((one) => one.same(token));
      const accepted = (await Promise.all(ends)).filter((reply) => reply === 'accepted');
      strictEqual(accepted.length, 1, 'accepted ends');
    },
  },
];

export const claimEnds: readonly CaseGroup<RecordTrial>[] = [
  { title: 'the end with new content', cases: withContent },
  { title: 'the end with the same content', cases: unchanged },
  { title: 'the end', cases: others },
  { title: 'an end', cases: fenced },
];
