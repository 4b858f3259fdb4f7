/**
 * Explains an evaluation by going the same way once more, with the same parts, and writing down
 * what each of them said. Made for people: slower than evaluating, and it never throws.
 */
import { holdoutBuckets } from './bucketing.js';
import { type CompiledCondition, matchFilters } from './compile-condition.js';
import type { ConditionalPlan } from './compile-flag.js';
import type { CompiledFlag } from './compiled-flag.js';
import { isInRollout, subjectOf } from './decide-flag.js';
import type { EvaluationRun } from './evaluation-run.js';
import { explainFilter, type FilterExplainer } from './explain-filter.js';
import { summarize } from './explanation-summary.js';
import type { FlagEvaluation } from './flag-evaluation.js';
import type { ConditionExplanation, ExplainOptions, FlagExplanation } from './flag-explanation.js';
import type { Subject } from './subject.js';

/** Enough for any cohort that a person would read. */
const mostParts = 1_000;

export function explainFlag(
  { plan, compilation }: CompiledFlag,
  run: EvaluationRun,
  evaluation: FlagEvaluation,
  options: ExplainOptions,
): FlagExplanation {
  try {
    return plan.fixed === undefined
      ? explainPlan(plan, { run, compilation, ...options }, evaluation)
      : explainBriefly(evaluation);
  } catch {
    return explainBriefly(evaluation);
  }
}

/** For an evaluation that came to no conditions. */
export function explainBriefly(evaluation: FlagEvaluation): FlagExplanation {
  const facts = { key: evaluation.key, evaluation, conditions: [] };
  return { ...facts, summary: summarize(facts) };
}

function explainPlan(
  plan: ConditionalPlan,
  asked: ExplainOptions & Pick<FilterExplainer, 'run' | 'compilation'>,
  evaluation: FlagEvaluation,
): FlagExplanation {
  const { run, compilation, showValues = false } = asked;
  const explainer = { run, compilation, showValues, partsLeft: mostParts };
  const subject = subjectOf(plan, run);
  const holdout = subject && explainHoldout(plan, subject);
  const isDecided = subject === undefined || holdout?.included === true;
  const facts = {
    key: evaluation.key,
    evaluation,
    bucketing: plan.subject,
    ...(holdout && { holdout }),
    conditions: isDecided
      ? plan.conditions.map(notReached)
      : explainConditions(plan, subject, explainer),
    ...(subject && explainVariants(plan, subject, run, evaluation)),
  };
  return { ...facts, summary: summarize(facts) };
}

function explainHoldout(plan: ConditionalPlan, subject: Subject): FlagExplanation['holdout'] {
  if (plan.holdout === undefined) return undefined;
  const { id, percentage } = plan.holdout;
  return {
    id,
    percentage,
    bucket: holdoutBuckets.rollout(subject.bucketingId) * 100,
    included: plan.holdout.includes(subject.bucketingId),
  };
}

function explainConditions(
  plan: ConditionalPlan,
  flagSubject: Subject,
  explainer: FilterExplainer,
): readonly ConditionExplanation[] {
  let isDecided = false;
  return plan.conditions.map((condition) => {
    if (isDecided) return notReached(condition);
    const subject = condition.subjectFor(flagSubject, explainer.run);
    if (subject === undefined) return { ...factsOf(condition), outcome: 'skipped', filters: [] };
    const match = matchFilters(condition.filters, subject, explainer.run);
    const explanation = {
      ...factsOf(condition),
      ...explainRollout(plan, condition, subject),
      filters: condition.filters.map((filter) => explainFilter(filter, subject, explainer)),
    };
    if (match === false) return { ...explanation, outcome: 'no_match' };
    if (typeof match === 'object') {
      isDecided = match.kind !== 'inconclusive';
      return { ...explanation, outcome: 'unresolved', reason: match.reason };
    }
    const isIn = isInRollout(plan, condition, subject);
    isDecided = isIn || plan.earlyExit;
    return { ...explanation, outcome: isIn ? 'match' : 'out_of_rollout' };
  });
}

function notReached(condition: CompiledCondition): ConditionExplanation {
  return { ...factsOf(condition), outcome: 'not_reached', filters: [] };
}

function factsOf({ index, definition, variantOverride }: CompiledCondition) {
  const { description } = definition;
  return {
    index,
    ...(typeof description === 'string' && { description }),
    ...(variantOverride !== undefined && { variantOverride }),
  };
}

function explainRollout(
  plan: ConditionalPlan,
  condition: CompiledCondition,
  subject: Subject,
): Pick<ConditionExplanation, 'rollout'> {
  if (condition.rollout === undefined) return {};
  return {
    rollout: {
      percentage: Number(condition.definition.rollout_percentage),
      bucket: plan.buckets.rollout(subject.bucketingId) * 100,
      included: isInRollout(plan, condition, subject),
    },
  };
}

/** The bucket is that of whom the matching condition looked at. */
function explainVariants(
  plan: ConditionalPlan,
  flagSubject: Subject,
  run: EvaluationRun,
  evaluation: FlagEvaluation,
): Pick<FlagExplanation, 'variants'> {
  if (plan.variants.length === 0) return {};
  const matched = plan.conditions.find(({ index }) => index === evaluation.conditionIndex);
  const subject =
    evaluation.reason === 'condition_match' ? matched?.subjectFor(flagSubject, run) : undefined;
  return {
    variants: {
      bucket: subject && plan.buckets.variant(subject.bucketingId) * 100,
      ranges: plan.variants.map(({ key, from, to }) => ({ key, from: from * 100, to: to * 100 })),
    },
  };
}
