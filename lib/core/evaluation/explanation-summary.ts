/**
 * One sentence that says why a flag has its value, for someone who has never seen a definition.
 * Counts conditions from 1, as people do, and tells no value of any property.
 */
import type { EvaluationReason } from './flag-evaluation.js';
import type { ConditionExplanation, FlagExplanation } from './flag-explanation.js';

type Facts = Omit<FlagExplanation, 'summary'>;

export function summarize(facts: Facts): string {
  const { key, value } = facts.evaluation;
  return `"${key}" is ${stateOf(value)}: ${becauseOf[facts.evaluation.reason](facts)}.`;
}

function stateOf(value: Facts['evaluation']['value']): string {
  if (value === undefined) return 'unresolved';
  return typeof value === 'string' ? `"${value}"` : onOrOff(value);
}

function onOrOff(value: boolean): string {
  return value ? 'on' : 'off';
}

const becauseOf: Readonly<Record<EvaluationReason, (facts: Facts) => string>> = {
  condition_match: matchText,
  no_condition_match: noMatchText,
  out_of_rollout_bound: outOfRolloutText,
  disabled: () => 'the flag is not active',
  holdout_condition_value: holdoutText,
  no_group_type: noGroupText,
  override: () => 'it was overridden',
  evaluated_remotely: () => 'the server has decided it',
  unknown_flag: () => 'the definitions have no flag of this key',
  not_ready: () => 'no definitions are loaded yet',
  missing_distinct_id: () => 'the context has no distinct id',
  missing_context: (facts) =>
    `${unresolvedPlace(facts)} needs a property that the context does not have, or that has no comparable value`,
  unsupported_definition: (facts) =>
    `${unresolvedPlace(facts)} uses something that only the server can evaluate`,
  unresolved_dependency: (facts) =>
    `${unresolvedPlace(facts)} depends on a flag that is itself unresolved`,
  experience_continuity: () =>
    'the flag keeps its value across log-in, which only the server can know',
  evaluation_error: () => 'reading the context failed, e.g. because a getter threw',
};

function matchText(facts: Facts): string {
  const condition = decidingCondition(facts);
  if (condition === undefined) return 'one of its conditions matched';
  const rollout =
    condition.rollout && `, and this id is within its rollout of ${rolloutText(condition.rollout)}`;
  return `condition ${condition.index + 1} matched${rollout ?? ''}${variantText(facts, condition)}`;
}

function variantText(facts: Facts, condition: ConditionExplanation): string {
  if (condition.variantOverride !== undefined) return '; it prescribes the variant';
  if (facts.variants?.bucket === undefined) return '';
  const range = facts.variants.ranges.find(({ key }) => key === facts.evaluation.value);
  const place = `; its variant bucket ${decimal(facts.variants.bucket)} `;
  return range === undefined
    ? `${place}lies beyond all variants`
    : `${place}lies between ${decimal(range.from)} and ${decimal(range.to)}`;
}

function noMatchText({ conditions }: Facts): string {
  return conditions.length === 0
    ? 'it has no conditions that could let anybody in'
    : `none of its conditions (${conditions.length}) matched`;
}

function outOfRolloutText(facts: Facts): string {
  const condition = decidingCondition(facts);
  return condition?.rollout === undefined
    ? 'a condition matched, but its rollout leaves this id out'
    : `condition ${condition.index + 1} matched, but its rollout of ${rolloutText(condition.rollout)} leaves this id out`;
}

function holdoutText({ holdout }: Facts): string {
  return holdout === undefined
    ? 'this id belongs to its holdout'
    : `this id belongs to its holdout of ${rolloutText(holdout)}`;
}

function noGroupText({ bucketing }: Facts): string {
  const type = bucketing?.groupType === undefined ? '' : ` of the type "${bucketing.groupType}"`;
  return `it looks at groups${type}, and the context names none`;
}

function decidingCondition({ conditions, evaluation }: Facts): ConditionExplanation | undefined {
  return conditions.find(({ index }) => index === evaluation.conditionIndex);
}

function unresolvedPlace({ conditions }: Facts): string {
  const condition = conditions.find(({ outcome }) => outcome === 'unresolved');
  return condition === undefined ? 'the flag' : `condition ${condition.index + 1}`;
}

function rolloutText(facts: { readonly percentage: number; readonly bucket: number }): string {
  return `${facts.percentage} % (bucket ${decimal(facts.bucket)})`;
}

function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}
