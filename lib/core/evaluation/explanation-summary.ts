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
  no_condition_match: ({ conditions }) =>
    conditions.length === 0
      ? 'it has no conditions that could let anybody in'
      : `none of its conditions (${conditions.length}) matched`,
  out_of_rollout_bound: (facts) => {
    const condition = decidingCondition(facts);
    return `condition ${numberOf(condition)} matched, but its rollout of ${rolloutText(condition)} leaves this id out`;
  },
  disabled: () => 'the flag is not active',
  holdout_condition_value: ({ holdout }) =>
    `this id belongs to the holdout of ${percent(holdout?.percentage)} (bucket ${decimal(holdout?.bucket)})`,
  no_group_type: ({ bucketing }) =>
    `it looks at groups of the type "${bucketing?.groupType}", and the context names none`,
  override: () => 'it was overridden',
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
  const rollout =
    condition?.rollout && `, and this id is within its rollout of ${rolloutText(condition)}`;
  return `condition ${numberOf(condition)} matched${rollout ?? ''}${variantText(facts, condition)}`;
}

function variantText(facts: Facts, condition: ConditionExplanation | undefined): string {
  if (condition?.variantOverride !== undefined) return '; it prescribes the variant';
  if (facts.variants === undefined) return '';
  const range = facts.variants.ranges.find(({ key }) => key === facts.evaluation.value);
  const place = `; its variant bucket ${decimal(facts.variants.bucket)} `;
  return range === undefined
    ? `${place}lies beyond all variants`
    : `${place}lies between ${decimal(range.from)} and ${decimal(range.to)}`;
}

function decidingCondition({ conditions, evaluation }: Facts): ConditionExplanation | undefined {
  return conditions.find(({ index }) => index === evaluation.conditionIndex);
}

function unresolvedPlace({ conditions }: Facts): string {
  const condition = conditions.find(({ outcome }) => outcome === 'unresolved');
  return condition === undefined ? 'the flag' : `condition ${numberOf(condition)}`;
}

function numberOf(condition: ConditionExplanation | undefined): number {
  return (condition?.index ?? 0) + 1;
}

function rolloutText(condition: ConditionExplanation | undefined): string {
  return `${percent(condition?.rollout?.percentage)} (bucket ${decimal(condition?.rollout?.bucket)})`;
}

function percent(value: number | undefined): string {
  return `${value} %`;
}

function decimal(value: number | undefined): string {
  return String(value === undefined ? value : Math.round(value * 100) / 100);
}
