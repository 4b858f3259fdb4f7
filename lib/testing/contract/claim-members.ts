/** Who is known to share a place, with what it holds, and how it is forgotten. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { FleetMember } from '../../core/coordination/claim-store.js';
import { assertBetween, assertHas, withoutUndefined } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { ClaimInstance } from './claim-instance.js';
import type { RecordTrial } from './record-place.js';

async function membersOf({ claims }: ClaimInstance): Promise<FleetMember[]> {
  const members = [...(await claims.members())];
  return members.sort((one, other) => (one.instance < other.instance ? -1 : 1));
}

/** Where not every check leaves a sign, the fleet is counted at grants only. */
function isCountedAtOnce({ claims }: ClaimInstance): boolean {
  return claims.longestSilenceMs === undefined;
}

const cases: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'are those who have looked, with what they said of themselves, and who led',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      await a.check({ revision: 5, ageMs: 12.4 });
      const { instances } = await b.check();
      if (isCountedAtOnce(b)) strictEqual(instances, 2, 'instances');
      const members = await membersOf(a);
      deepStrictEqual(
        members.map(({ seenAgoMs: _seen, ...member }) => withoutUndefined(member)),
        [
          { instance: 'a', revision: 5, ageMs: 12, leads: true },
          { instance: 'b', revision: 0, leads: false },
        ],
      );
      for (const { seenAgoMs } of members) {
        assertBetween(seenAgoMs, 0, trial.time.longMs, 'the time since the last look');
      }
    },
  },
  {
    name: 'that leave are gone, and nobody waits for them',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'), 0);
      const counted = isCountedAtOnce(b) ? { instances: 2 } : {};
      assertHas(await b.check(), { verdict: 'not-due', ...counted });
      await a.claims.leave('a');
      await a.claims.leave('a');
      assertHas(await b.check(), { verdict: 'granted', instances: 1 });
      strictEqual((await membersOf(b)).length, 1, 'members');
    },
  },
  {
    name: 'that leave end no claim, their own as little as another’s',
    run: async (trial) => {
      const a = await ClaimInstance.in(trial, 'a');
      const b = await ClaimInstance.in(trial, 'b');
      await a.lead(trial.recordOf('v1'));
      const token = await a.claim();
      await b.claims.leave('b');
      await a.claims.leave('a');
      assertHas(await b.check(), { verdict: 'held' });
      strictEqual(await a.same(token), 'accepted', 'the end');
    },
  },
  {
    name: 'that are silent for too long are forgotten at the next grant',
    run: async (trial) => {
      const { soonMs } = trial.time;
      const a = await ClaimInstance.in(trial, 'a');
      const dead = await ClaimInstance.in(trial, 'dead');
      await dead.fail(await dead.claim());
      await a.fail(await a.claim());
      strictEqual((await membersOf(a)).length, 2, 'members');
      // Who lives may be unseen for so long; without a clock in hand this wait is real.
      await trial.time.pass(2 * Math.max(soonMs, dead.claims.longestSilenceMs ?? 0));
      await a.claim({ memberTtlMs: soonMs });
      deepStrictEqual(
        (await membersOf(a)).map(({ instance }) => instance),
        ['a'],
      );
    },
  },
];

export const claimMembers: CaseGroup<RecordTrial> = { title: 'the members', cases };
