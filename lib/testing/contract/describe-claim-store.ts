/**
 * The contract of a {@link ClaimStore}, as a suite of tests: the rules of refresh claims, seen from
 * outside, each as a case; and, where the clock of the place can be set, random operations beside
 * the rules themselves.
 */
import { randomInt } from 'node:crypto';
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { ClaimComparison } from './claim-comparison.js';
import { claimEnds } from './claim-ends.js';
import { claimGrants } from './claim-grants.js';
import { claimLosses } from './claim-losses.js';
import { claimMembers } from './claim-members.js';
import { describeContract, type CaseGroup } from './contract-cases.js';
import {
  recordHooks,
  recordTrial,
  type RecordContractOptions,
  type RecordPlace,
  type RecordTrial,
} from './record-place.js';

const HIGHEST_SEED = 2 ** 31;

/** @publicApi */
export interface ClaimContractOptions extends RecordContractOptions {
  /** Where chance begins; a failure names it. @default a new one at each run */
  readonly seed?: number;
  /** How many random operations are compared with the rules. @default 1_000 */
  readonly operations?: number;
}

/**
 * Describes, in the tests of the caller, that the stores which `open` gives grant claims by the
 * rules. The random comparison needs the hooks `nowMs`, `advanceMs`, `setClockBackMs`, `wipe` and
 * `loseBody`, and the promise `seenLoss`.
 * @param open a fresh place, whose stores have `claims`.
 * @throws FlagsError `invalid-options` where there is no test runner.
 * @publicApi
 */
export function describeClaimStore(
  name: string,
  open: () => Awaitable<RecordPlace>,
  options: ClaimContractOptions = {},
): void {
  describeContract({
    name: `the claim store ${name}`,
    groups: [...claimGrants, ...claimEnds, ...claimLosses, claimMembers, comparison(options)],
    hooks: recordHooks,
    runner: options.runner,
    lacks: options.lacks ?? {},
    open,
    begin: (place) => recordTrial(place, options),
  });
}

function comparison({
  seed = randomInt(HIGHEST_SEED),
  operations = 1_000,
}: ClaimContractOptions): CaseGroup<RecordTrial> {
  const compared = {
    name: `answer the same in ${operations} random operations`,
    needs: ['nowMs', 'advanceMs', 'setClockBackMs', 'wipe', 'loseBody', 'seenLoss'],
    run: async (trial: RecordTrial) => {
      const { place } = trial;
      const handles = [await place.another(), await place.another()] as const;
      await new ClaimComparison(trial, [...handles], seed).take(operations);
    },
  };
  return { title: 'the store and the rules', cases: [compared] };
}
