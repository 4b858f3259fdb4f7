/**
 * The rules of a lease that one owner keeps, as pure functions over what the store remembers.
 * Stores that say them in another language (Lua, SQL) keep the same contract.
 *
 * The lease counts from when it was last taken, for its length, in either direction: a store whose
 * clock went back a little keeps its leader, and one whose clock went far back has none, instead
 * of one that cannot be replaced until that clock has caught up.
 */
import { nextToken, raiseFloor, type RuleResult } from './claim-rules.js';
import type { ClaimState, LeaseState } from './claim-state.js';
import { wholeNumber } from './whole-number.js';

/** Who asks for the lease, and what it needs. */
export interface LeaseRequest {
  readonly owner: string;
  readonly leaseMs: number;
  /** Lowest revision that is of use to who asks; 0 for any. */
  readonly floor: number;
}

/** Takes the lease or extends it. Answers with a token, or with nothing while another has it. */
export function acquire(
  before: ClaimState,
  { owner, leaseMs, floor }: LeaseRequest,
  nowMs: number,
): RuleResult<number | undefined> {
  const state = raiseFloor(before, floor);
  const { lease, record } = state;
  if (lease !== undefined && lease.owner !== owner && isHeld(lease, nowMs)) {
    return { state, reply: undefined };
  }
  const given = Math.max(lease?.token ?? 0, state.token, record?.revision ?? 0);
  const token = nextToken(given, state.floor, nowMs);
  const taken = { owner, takenAt: nowMs, leaseMs: wholeNumber(leaseMs), token };
  return { state: { ...state, lease: taken }, reply: token };
}

/** Its owner gives the lease up. What was numbered stays so. */
export function giveUp(state: ClaimState, owner: string): ClaimState {
  const { lease } = state;
  return lease?.owner === owner ? { ...state, lease: { ...lease, owner: undefined } } : state;
}

function isHeld({ owner, takenAt, leaseMs }: LeaseState, nowMs: number): boolean {
  return owner !== undefined && Math.abs(nowMs - takenAt) < leaseMs;
}
