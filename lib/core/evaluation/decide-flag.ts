/**
 * Follows the plan of a flag for one context, in PostHog's order: what is fixed; whom the flag
 * looks at; the holdout; then the conditions in their order, of which the first match wins.
 */
import { type CompiledCondition, matchFilters } from './compile-condition.js';
import type { ConditionalPlan } from './compile-flag.js';
import type { DefinitionSupport } from './definition-support.js';
import type { EvaluationRun } from './evaluation-run.js';
import type { FlagOutcomes, Outcome } from './flag-outcomes.js';
import {
  combine,
  failed,
  missingContext,
  requiresServerFor,
  strongerReason,
  type Open,
  type OpenReason,
  type Unknown,
  unsupported,
} from './match.js';
import type { Subject } from './subject.js';
import { variantAt } from './variants.js';

/** What belongs to the snapshot, not to the plan. */
export interface FlagInSnapshot {
  readonly outcomes: FlagOutcomes;
  /** Whether the definition as a whole can be decided locally. */
  support(): DefinitionSupport;
}

/** Never throws: what the context throws at us leaves the flag unresolved. */
export function decideFlag(
  plan: ConditionalPlan,
  flag: FlagInSnapshot,
  run: EvaluationRun,
): Outcome {
  try {
    const subject = subjectOf(plan, run);
    if (subject === undefined) return withoutSubject(plan, flag);
    const held = plan.holdout?.includes(subject.bucketingId) ? plan.holdout.value : undefined;
    if (held !== undefined) return flag.outcomes.held(held);
    return decideConditions(plan, flag, subject, run);
  } catch {
    return flag.outcomes.unresolved(failed);
  }
}

export function subjectOf(plan: ConditionalPlan, run: EvaluationRun): Subject | undefined {
  const { subject } = plan;
  if (subject.by === 'distinct_id') return run.person;
  return subject.by === 'group' ? run.group(subject.groupType) : run.device();
}

/** A flag for groups is off where no group is named; without a device nothing can be hashed. */
function withoutSubject(plan: ConditionalPlan, flag: FlagInSnapshot): Outcome {
  if (plan.subject.by === 'group') return flag.outcomes.off('no_group_type');
  return flag.outcomes.unresolved(withoutDevice[flag.support()]);
}

const withoutDevice = { supported: missingContext, unsupported, failed } as const;

function decideConditions(
  plan: ConditionalPlan,
  flag: FlagInSnapshot,
  flagSubject: Subject,
  run: EvaluationRun,
): Outcome {
  const { outcomes } = flag;
  let unknown: Open | undefined;
  let firstOutOfRollout: number | undefined;
  let doubts: (string | boolean)[] | undefined;
  for (const condition of plan.conditions) {
    const subject = condition.subjectFor(flagSubject, run);
    if (subject === undefined) continue;
    const match = matchFilters(condition.filters, subject, run);
    if (match === false) continue;
    if (typeof match === 'object') {
      if (match.kind !== 'inconclusive') return stopped(flag, match, unknown?.reason);
      unknown = combine(unknown, match);
      if (match.regex) (doubts ??= []).push(valueIfMatched(plan, condition, subject));
      continue;
    }
    if (isInRollout(plan, condition, subject)) {
      const value = matchedValue(plan, condition, subject);
      if (doubts?.some((other) => other !== value)) break;
      return outcomes.matched(value, condition.index);
    }
    if (plan.earlyExit && unknown !== undefined) break;
    if (plan.earlyExit) return outcomes.outOfRollout(condition.index);
    firstOutOfRollout ??= condition.index;
  }
  if (unknown !== undefined) return outcomes.unresolved(unknown);
  if (firstOutOfRollout === undefined) return outcomes.off('no_condition_match');
  return outcomes.outOfRollout(firstOutOfRollout);
}

/** The flag ends here: only the server can go on, or something threw. */
function stopped(flag: FlagInSnapshot, unknown: Unknown, earlier: OpenReason | undefined): Outcome {
  if (unknown.kind === 'failed') return flag.outcomes.unresolved(failed);
  const met = strongerReason(earlier, unknown.reason);
  const reason =
    flag.support() === 'unsupported' ? strongerReason(met, 'unsupported_definition') : met;
  return flag.outcomes.unresolved(requiresServerFor(reason));
}

export function isInRollout(
  { buckets }: ConditionalPlan,
  condition: CompiledCondition,
  subject: Subject,
): boolean {
  const { rollout } = condition;
  if (rollout === undefined || rollout.reach === 'all') return true;
  return rollout.reach === 'some' && buckets.rollout(subject.bucketingId) <= rollout.border;
}

function matchedValue(
  plan: ConditionalPlan,
  condition: CompiledCondition,
  subject: Subject,
): string | true {
  if (condition.variantOverride !== undefined) return condition.variantOverride;
  if (plan.variants.length === 0) return true;
  return variantAt(plan.variants, plan.buckets.variant(subject.bucketingId));
}

/**
 * What a condition would give if its regex, which only the server can run, matched. A later
 * match with another value is then no answer.
 */
function valueIfMatched(
  plan: ConditionalPlan,
  condition: CompiledCondition,
  subject: Subject,
): string | boolean {
  if (plan.earlyExit && !isInRollout(plan, condition, subject)) return false;
  return matchedValue(plan, condition, subject);
}
