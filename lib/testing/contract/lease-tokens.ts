/** The tokens that come with a lease: they are the order of what its owners publish. */
import { ok, strictEqual } from 'node:assert/strict';
import { assertHas } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { LeaseOwner } from './lease-owner.js';
import type { RecordTrial } from './record-place.js';

const needs = ['tokens'];
/** Further than any clock goes in a case. */
const FAR = 10_000_000;

function isAbove(what: string, token: number, before: number): void {
  ok(Number.isSafeInteger(token) && token > before, `${what} is ${token}, after ${before}`);
}

const order: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'are for the owner of the lease alone',
    needs,
    run: async (trial) => {
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      isAbove('the first token', await a.token(), 0);
      strictEqual(await b.asksForToken(), undefined, 'the token of who does not have the lease');
      await a.takes();
      await b.isHeldOff();
    },
  },
  {
    name: 'grow with each look, and from owner to owner',
    needs,
    run: async (trial) => {
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      const first = await a.token();
      const second = await a.token();
      isAbove('the second token', second, first);
      await a.release();
      const third = await b.token();
      isAbove('the token of the next owner', third, second);
      await b.release();
      isAbove('the token of the former one', await a.token(), third);
    },
  },
  {
    name: 'are above what was published meanwhile, by whomever',
    needs,
    run: async (trial) => {
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      const foreign = (await a.token()) + FAR;
      strictEqual(await b.publishes(trial.recordOf('v1'), foreign), true, 'the publication');
      isAbove('the token after it', await a.token(), foreign);
    },
  },
  {
    name: 'F03: order publications: what a former leader sent comes after nothing of its successor',
    needs,
    run: async (trial) => {
      const { recordOf } = trial;
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      const lost = await a.token();
      await a.release();
      const token = await b.token();
      strictEqual(await b.publishes(recordOf('v2'), token), true, 'that of the leader');
      strictEqual(await a.publishes(recordOf('v1'), lost), false, 'that of the former one');
      assertHas(await b.store.readHead(), { revision: token, digest: recordOf('v2').digest });
    },
  },
];

const losses: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is above all that its owner knows',
    needs,
    run: async (trial) => {
      const a = await LeaseOwner.in(trial, 'a');
      const known = (await a.token()) + FAR;
      isAbove('the token', await a.token(known), known);
    },
  },
  {
    name: 'is above all that its owner knows, when the place has lost everything and its clock is late',
    needs: [...needs, 'wipe', 'setClockBackMs'],
    run: async (trial) => {
      const { place, time, recordOf } = trial;
      const a = await LeaseOwner.in(trial, 'a');
      const before = await a.token();
      strictEqual(await a.publishes(recordOf('v1'), before), true, 'the first publication');
      await place.wipe?.();
      await place.setClockBackMs?.(time.longMs);
      const token = await a.token(before);
      isAbove('the token', token, before);
      strictEqual(await a.publishes(recordOf('v1'), token), true, 'the second publication');
    },
  },
  {
    name: 'replaces what a follower finds no use in: that is not confirmed again',
    needs,
    run: async (trial) => {
      const { recordOf } = trial;
      const [a, b] = [await LeaseOwner.in(trial, 'a'), await LeaseOwner.in(trial, 'b')];
      const revision = await a.token();
      await a.publishes(recordOf('v1'), revision);
      strictEqual(await a.store.confirm(revision), true, 'confirm() before');
      strictEqual(await b.asksForToken(revision + 1), undefined, 'the token of the follower');
      strictEqual(await a.store.confirm(revision), false, 'confirm() of what is of no use');
      const token = await a.token(revision);
      isAbove('the next token', token, revision + 1);
      strictEqual(await a.publishes(recordOf('v1'), token), true, 'the same content once more');
      strictEqual(await a.store.confirm(token), true, 'confirm() after');
    },
  },
];

export const leaseTokens: readonly CaseGroup<RecordTrial>[] = [
  { title: 'tokens', cases: order },
  { title: 'a token', cases: losses },
];
