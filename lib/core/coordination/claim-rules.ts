/**
 * The rules of refresh claims, as pure functions over what the store remembers. Every store that
 * grants claims follows them to the letter: the one in memory calls them, the Redis scripts say
 * the same in Lua and are compared with them, operation by operation.
 *
 * Why accepted fetches never overlap: a claim is finished only while it is the last one granted,
 * so the finish of token k precedes the grant of k + 1, and with it the fetch of k + 1. A higher
 * revision is therefore never older content, and a finish that comes late changes nothing.
 */
import type { RecordContent } from '../cache/definition-record.js';
import type { CheckReply, CheckRequest, CheckVerdict } from './claim-store.js';
import type { ClaimEnd, FinishReply } from './claim-store.js';
import type { ClaimState, MemberState, StoredRecord } from './claim-state.js';
import { HIGHEST_FROM_CALLER, wholeNumber } from './whole-number.js';

/** How long a body that was overtaken can still be read. */
export const SUPERSEDED_BODY_TTL_MS = 10 * 60_000;

/** How long a body lies in the store whose claim has not been finished. */
export const STAGED_BODY_TTL_MS = 60 * 60_000;

/** More tokens than a store can have granted since anybody last heard of one. */
export const LOST_TOKENS = 1_000;

/** What a rule answers, and what the store remembers from now on. */
export interface RuleResult<Reply> {
  readonly state: ClaimState;
  readonly reply: Reply;
}

/** The end of a claim as the rules see it: with the facts of the content, not with its bytes. */
export interface ClaimFinish {
  readonly instance: string;
  readonly token: number;
  readonly result:
    | { readonly kind: 'new'; readonly content: RecordContent; readonly nextDueMs: number }
    | ClaimEnd;
}

/** An instance looks at the store, and gets a claim if a refresh is due. */
export function check(
  before: ClaimState,
  request: CheckRequest,
  nowMs: number,
): RuleResult<CheckReply> {
  const clamped = clamp(before, request, nowMs);
  const held = Math.max(believed(request.revision), believed(request.floor));
  const pulled = pullDue(raiseFloor(clamped, held), request, nowMs);
  const seen = remember(pulled, request, nowMs);
  const verdict = verdictOf(seen, request, nowMs);
  const state = verdict === 'granted' ? grant(seen, request, nowMs) : seen;
  return { state, reply: replyOf(state, request, verdict, nowMs) };
}

/** A claim ends: once, and only while it is the last one granted. */
export function finish(
  before: ClaimState,
  { instance, token, result }: ClaimFinish,
  nowMs: number,
): RuleResult<FinishReply> {
  if (before.holder !== instance || before.token !== token) return kept(before, 'fenced');
  const ended = { ...before, holder: undefined, leaseEndsAt: 0, finishedAt: nowMs };
  if (result.kind === 'handed-over') {
    return accepted({ ...ended, leader: undefined, dueAt: nowMs, notBeforeAt: 0 });
  }
  if (result.kind === 'unheard') {
    const dueAt = nowMs + wholeNumber(result.nextDueMs);
    return accepted({ ...ended, leader: undefined, dueAt, notBeforeAt: 0 });
  }
  if (result.kind === 'failed') return accepted(withFailure(ended, result, nowMs));
  const verified = {
    ...ended,
    leader: instance,
    failuresInARow: 0,
    reason: undefined,
    dueAt: nowMs + wholeNumber(result.nextDueMs),
    notBeforeAt: 0,
    verifiedToken: token,
    verifiedAt: nowMs,
  };
  if (result.kind === 'new') {
    if (!hasBody(before, token, nowMs)) return kept(before, 'must-publish');
    return accepted(withRecord(verified, { ...result.content, revision: token }, nowMs));
  }
  const { record } = before;
  if (record === undefined || isBroken(before, nowMs)) return kept(before, 'must-publish');
  const etag = result.etag === '' ? undefined : result.etag;
  return accepted({ ...verified, record: { ...record, etag: etag ?? record.etag } });
}

/** Nobody is preferred for the next turn, and nobody comes sooner than the source has asked for. */
function withFailure(
  state: ClaimState,
  { reason, nextDueMs, notBeforeMs = 0 }: ClaimEnd & { readonly kind: 'failed' },
  nowMs: number,
): ClaimState {
  const notBeforeAt = nowMs + wholeNumber(notBeforeMs);
  const dueAt = Math.max(nowMs + wholeNumber(nextDueMs), notBeforeAt);
  const failuresInARow = state.failuresInARow + 1;
  return { ...state, leader: undefined, failuresInARow, reason, dueAt, notBeforeAt };
}

/** Switches the head to another record; its body stays, that of the old one soon expires. */
export function withRecord(state: ClaimState, record: StoredRecord, nowMs: number): ClaimState {
  const superseded = state.record?.revision;
  const bodies = new Map([...state.bodies].filter(([, expiresAt]) => expiresAt > nowMs));
  if (superseded !== undefined && bodies.has(superseded)) {
    bodies.set(superseded, nowMs + SUPERSEDED_BODY_TTL_MS);
  }
  bodies.set(record.revision, Infinity);
  return { ...state, record, bodies };
}

export function hasBody({ bodies }: ClaimState, revision: number, nowMs: number): boolean {
  return (bodies.get(revision) ?? 0) > nowMs;
}

/**
 * Times that cannot be are the work of a clock that jumped: without this, a store that failed
 * over to a host whose clock is behind would stand still until that clock has caught up. A claim
 * that ended in the future says so for certain, and with it that the due time means nothing.
 */
function clamp(state: ClaimState, request: CheckRequest, nowMs: number): ClaimState {
  const lastLeaseMs = nowMs + wholeNumber(request.leaseMs);
  const lastDueMs = nowMs + wholeNumber(request.longestDueMs);
  const hasJumped = state.finishedAt > nowMs;
  const before = Math.max(0, nowMs - wholeNumber(request.shortestGapMs));
  const dueAt = state.dueAt > lastDueMs ? nowMs : state.dueAt;
  return {
    ...state,
    leaseEndsAt: state.leaseEndsAt > lastLeaseMs ? 0 : state.leaseEndsAt,
    finishedAt: hasJumped ? before : state.finishedAt,
    verifiedAt: Math.min(state.verifiedAt, nowMs),
    dueAt: hasJumped ? Math.min(dueAt, Math.max(nowMs, state.notBeforeAt)) : dueAt,
  };
}

/**
 * An instance that holds more than the store knows proves that the store has lost history; one
 * that cannot read what is stored, that it is lost to whoever comes next.
 */
export function raiseFloor(state: ClaimState, given: number): ClaimState {
  const held = believed(given);
  return held > revisionOf(state) && held > state.floor ? { ...state, floor: held } : state;
}

/** A kick, or content that is lost, makes the next refresh due as soon as the shortest gap allows. */
function pullDue(state: ClaimState, request: CheckRequest, nowMs: number): ClaimState {
  const isLost = revisionOf(state) + state.floor > 0 && isBroken(state, nowMs);
  if (!isLost && !request.kick) return state;
  const soonest = state.finishedAt + wholeNumber(request.shortestGapMs);
  return { ...state, dueAt: Math.min(state.dueAt, Math.max(nowMs, soonest, state.notBeforeAt)) };
}

function remember(state: ClaimState, request: CheckRequest, nowMs: number): ClaimState {
  const member: MemberState = {
    seenAt: nowMs,
    revision: wholeNumber(request.revision),
    ageMs: request.ageMs === undefined ? undefined : wholeNumber(request.ageMs),
  };
  return { ...state, members: new Map(state.members).set(request.instance, member) };
}

function verdictOf(state: ClaimState, request: CheckRequest, nowMs: number): CheckVerdict {
  if (state.holder !== undefined && state.leaseEndsAt > nowMs) return 'held';
  return nowMs < state.dueAt + waitsLongerMs(state, request) ? 'not-due' : 'granted';
}

/** One whose fetch has failed lets the others try; one who did not lead lets the leader. */
function waitsLongerMs({ leader }: ClaimState, request: CheckRequest): number {
  const sitOutMs = wholeNumber(request.sitOutMs);
  if (sitOutMs > 0) return sitOutMs;
  return leader === undefined || leader === request.instance ? 0 : wholeNumber(request.graceMs);
}

/**
 * Higher than every number that anybody knows, and never behind the store's clock. A caller who
 * knows more than the store proves that the store has lost numbers, and perhaps the last ones
 * before anybody has heard of them: those are left out, so that no number is given twice.
 * @param given the highest that the store knows.
 */
export function nextToken(given: number, known: number, nowMs: number): number {
  return Math.max(known > given ? known + LOST_TOKENS : given + 1, nowMs);
}

/** What the caller holds is known: the store's revision is as high, or the floor was raised to it. */
function grant(state: ClaimState, request: CheckRequest, nowMs: number): ClaimState {
  const stored = Math.max(state.token, revisionOf(state));
  const known = Math.max(state.floor, believed(request.token));
  const ttlMs = wholeNumber(request.memberTtlMs);
  const isAlive = ({ seenAt }: MemberState): boolean => Math.abs(nowMs - seenAt) <= ttlMs;
  return {
    ...state,
    token: nextToken(stored, known, nowMs),
    holder: request.instance,
    leaseEndsAt: nowMs + wholeNumber(request.leaseMs),
    members: new Map([...state.members].filter(([, member]) => isAlive(member))),
  };
}

function replyOf(
  state: ClaimState,
  request: CheckRequest,
  verdict: CheckVerdict,
  nowMs: number,
): CheckReply {
  const { record } = state;
  const mustPublish = isBroken(state, nowMs);
  return {
    verdict,
    token: state.token,
    revision: revisionOf(state),
    digest: record?.digest === request.digest ? undefined : record?.digest,
    etag: verdict === 'granted' && !mustPublish ? record?.etag : undefined,
    verifiedToken: state.verifiedToken,
    mustPublish,
    dueInMs: state.dueAt - nowMs,
    ageMs: state.verifiedAt === 0 ? undefined : nowMs - state.verifiedAt,
    failuresInARow: state.failuresInARow,
    reason: state.reason === '' ? undefined : state.reason,
    instances: state.members.size,
  };
}

/** No record, or one that must not be confirmed: its body is gone, or it was overtaken elsewhere. */
export function isBroken(state: ClaimState, nowMs: number): boolean {
  const revision = revisionOf(state);
  return revision === 0 || state.floor > revision || !hasBody(state, revision, nowMs);
}

/** A number that an instance brings along. */
function believed(given: number): number {
  return wholeNumber(given, HIGHEST_FROM_CALLER);
}

function revisionOf({ record }: ClaimState): number {
  return record?.revision ?? 0;
}

function accepted(state: ClaimState): RuleResult<FinishReply> {
  return { state, reply: 'accepted' };
}

function kept(state: ClaimState, reply: FinishReply): RuleResult<FinishReply> {
  return { state, reply };
}
