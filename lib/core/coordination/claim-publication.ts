/**
 * The writes of a store of claims that are no claim: a body laid down before its publication, or
 * found lost after it, a publication or confirmation in the name of another way of coordination, and
 * a member's leave. None of them can disturb an open claim but by overtaking its token, which fences
 * it.
 */
import type { RecordContent } from '../cache/definition-record.js';
import {
  STAGED_BODY_TTL_MS,
  hasBody,
  isBroken,
  withRecord,
  type RuleResult,
} from './claim-rules.js';
import type { ClaimState } from './claim-state.js';
import type { FinishReply } from './claim-store.js';
import { HIGHEST_FROM_CALLER, wholeNumber } from './whole-number.js';

/** Lays a body down under a token of its own; one that lies there is never overwritten. */
export function stageBody(state: ClaimState, revision: number, nowMs: number): ClaimState {
  if (hasBody(state, revision, nowMs)) return state;
  const bodies = new Map(state.bodies).set(revision, nowMs + STAGED_BODY_TTL_MS);
  return { ...state, bodies };
}

/**
 * Somebody has read the body of this revision in vain: it cannot be confirmed any more, and is
 * published anew. Changes nothing where another revision is the current one by now.
 */
export function loseBody(state: ClaimState, revision: number): ClaimState {
  if (state.record?.revision !== revision || !state.bodies.has(revision)) return state;
  const bodies = new Map(state.bodies);
  bodies.delete(revision);
  return { ...state, bodies };
}

/**
 * Publishes without a claim, under a revision that must be higher than the stored one. A claim
 * that is open under this number or a lower one is fenced by it.
 */
export function publish(
  state: ClaimState,
  content: RecordContent,
  given: number,
  nowMs: number,
): RuleResult<FinishReply> {
  const revision = wholeNumber(given, HIGHEST_FROM_CALLER);
  if (revision <= (state.record?.revision ?? 0)) return { state, reply: 'fenced' };
  if (!hasBody(state, revision, nowMs)) return { state, reply: 'must-publish' };
  const overtakes = revision >= state.token;
  const published = {
    ...state,
    token: Math.max(state.token, revision),
    holder: overtakes ? undefined : state.holder,
    leaseEndsAt: overtakes ? 0 : state.leaseEndsAt,
    verifiedToken: Math.max(state.verifiedToken, revision),
    verifiedAt: nowMs,
  };
  return { state: withRecord(published, { ...content, revision }, nowMs), reply: 'accepted' };
}

/** Renews the age of this revision, if it is the stored one and there is something to confirm. */
export function confirm(state: ClaimState, revision: number, nowMs: number): RuleResult<boolean> {
  const isStored = revision !== 0 && state.record?.revision === revision;
  if (!isStored || isBroken(state, nowMs)) return { state, reply: false };
  return { state: { ...state, verifiedAt: nowMs }, reply: true };
}

/** Forgets an instance that leaves, and that it was preferred. Touches no claim. */
export function leave(state: ClaimState, instance: string): ClaimState {
  const members = new Map(state.members);
  members.delete(instance);
  return { ...state, members, leader: state.leader === instance ? undefined : state.leader };
}
