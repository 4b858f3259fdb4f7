/** One answer about one flag, in the terms in which both sides can be compared. */
import type { FlagEvaluation, FlagValue } from '../../lib/core/evaluation/flag-evaluation.js';

export interface Answer {
  /** Undefined: unresolved. */
  readonly value: FlagValue | undefined;
  readonly payload: unknown;
  /** Why it is unresolved; `unnamed` where the reference gives no reason. */
  readonly unresolved: string | undefined;
}

/** Reasons of ours for which the reference has no word: it leaves such flags out. */
const reasonsWithoutName: ReadonlySet<string> = new Set([
  'unknown_flag',
  'missing_distinct_id',
  'evaluation_error',
]);

export function answerOf(evaluation: FlagEvaluation): Answer {
  const { value, payload, reason } = evaluation;
  return { value, payload, unresolved: value === undefined ? reason : undefined };
}

/** Whether our answer is the reference's, in value, payload, and why there is none. */
export function isSameAnswer(ours: Answer, reference: Answer): boolean {
  if (ours.value !== reference.value) return false;
  if (ours.value === undefined) return isSameReason(ours, reference);
  return isSamePayload(ours.payload, reference.payload);
}

function isSameReason(ours: Answer, reference: Answer): boolean {
  const reason = ours.unresolved ?? '';
  return reference.unresolved === 'unnamed'
    ? reasonsWithoutName.has(reason)
    : reference.unresolved === reason;
}

function isSamePayload(ours: unknown, reference: unknown): boolean {
  // Both come from the same JSON; an evaluator may copy it into objects of another realm.
  return typeof ours === typeof reference && JSON.stringify(ours) === JSON.stringify(reference);
}

/**
 * An answer as the reference gives it for many flags at once: there it leaves out a payload
 * that is `0`, `false` or empty, which its getter for one flag returns.
 */
export function withoutFalsyPayload(answer: Answer): Answer {
  return answer.payload ? answer : { ...answer, payload: undefined };
}
