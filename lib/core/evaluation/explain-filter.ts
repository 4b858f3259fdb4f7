/** What each filter of a condition answered, down to the parts of cohorts. */
import type { CohortMember, CohortNode, Compilation, CompiledFilter } from './compilation.js';
import { matchSafely } from './compile-condition.js';
import type { EvaluationRun } from './evaluation-run.js';
import type { FilterExplanation } from './flag-explanation.js';
import type { Match } from './match.js';
import { operatorOf } from './operators/compile-property-test.js';
import { absent, readProperty, type Subject } from './subject.js';

const redacted = '[redacted]';

export interface FilterExplainer {
  readonly run: EvaluationRun;
  readonly compilation: Compilation;
  readonly showValues: boolean;
  /** How many parts may still be written: cohorts that share members unfold without bound. */
  partsLeft: number;
}

export function explainFilter(
  filter: CompiledFilter,
  subject: Subject,
  explainer: FilterExplainer,
): FilterExplanation {
  const { definition } = filter;
  const answer = explainMatch(matchSafely(filter, subject, explainer.run));
  switch (filter.kind) {
    case 'cohort': {
      const operator = definition.operator === 'not_in' ? 'not_in' : 'in';
      const parts = partsOf(filter.cohortId, subject, explainer);
      return { kind: 'cohort', key: String(definition.value), operator, ...answer, ...parts };
    }
    case 'flag':
      return {
        kind: 'flag',
        key: definition.key,
        operator: 'flag_evaluates_to',
        expected: definition.value,
        ...present(filter.valueOf(explainer.run) ?? absent),
        ...answer,
      };
    case 'property':
      return {
        kind: 'property',
        key: String(definition.key),
        operator: operatorOf(definition),
        expected: definition.value,
        ...present(shownValue(String(definition.key), subject, explainer.showValues)),
        ...answer,
      };
  }
}

function explainMatch(match: Match): Pick<FilterExplanation, 'outcome' | 'reason'> {
  if (typeof match === 'object') return { outcome: 'unknown', reason: match.reason };
  return { outcome: match ? 'yes' : 'no' };
}

function present(value: unknown): { readonly actual?: unknown } {
  return value === absent ? {} : { actual: value };
}

function shownValue(key: string, subject: Subject, showValues: boolean): unknown {
  try {
    const value = readProperty(subject, key);
    return value === absent || showValues ? value : redacted;
  } catch {
    return absent;
  }
}

function partsOf(
  cohortId: string | undefined,
  subject: Subject,
  explainer: FilterExplainer,
): { readonly parts?: readonly FilterExplanation[] } {
  if (cohortId === undefined) return {};
  return { parts: [explainNode(explainer.compilation.cohort(cohortId), subject, explainer)] };
}

function explainNode(
  node: CohortNode,
  subject: Subject,
  explainer: FilterExplainer,
): FilterExplanation {
  const answer = explainMatch(matchSafely(node, subject, explainer.run));
  const shown = node.members.slice(0, Math.max(0, explainer.partsLeft));
  explainer.partsLeft -= shown.length;
  return {
    kind: 'group',
    key: node.type,
    operator: node.type === 'OR' ? 'any' : 'all',
    ...answer,
    parts: shown.map((member) => explainMember(member, subject, explainer)),
  };
}

function explainMember(
  { content, isNegated }: CohortMember,
  subject: Subject,
  explainer: FilterExplainer,
): FilterExplanation {
  if ('members' in content) return explainNode(content, subject, explainer);
  const part = explainFilter(content, subject, explainer);
  if (!isNegated) return part;
  return { ...part, negated: true, outcome: negatedOutcome[part.outcome] };
}

const negatedOutcome = { yes: 'no', no: 'yes', unknown: 'unknown' } as const;
