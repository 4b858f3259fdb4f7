/** Why a flag has its value: holdout, conditions, filters and buckets, as the app explains them. */
import { el, icon } from './dom.js';
import { dateWords, percent, quote } from './values.js';

const operators = {
  exact: 'is',
  is_not: 'is not',
  is_set: 'is set',
  is_not_set: 'is not set',
  icontains: 'contains',
  not_icontains: 'does not contain',
  starts_with: 'starts with',
  ends_with: 'ends with',
  regex: 'matches',
  not_regex: 'does not match',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  is_date_before: 'is before',
  is_date_after: 'is after',
  semver_eq: 'is version',
  semver_neq: 'is not version',
  semver_gt: 'is version >',
  semver_gte: 'is version ≥',
  semver_lt: 'is version <',
  semver_lte: 'is version ≤',
  semver_tilde: 'is version ~',
  semver_caret: 'is version ^',
  semver_wildcard: 'is version',
};

const reasons = {
  unknown_flag: 'no such flag in the definitions',
  not_ready: 'no definitions yet',
  missing_distinct_id: 'no distinct id',
  missing_context: 'a property it needs is not known here',
  unsupported_definition: 'only PostHog itself can decide this',
  unresolved_dependency: 'depends on a flag that is unresolved',
  experience_continuity: 'kept across log-in',
  evaluation_error: 'the evaluation failed',
};

const outcomes = {
  match: ['yes', 'Matches'],
  no_match: ['no', 'Does not match'],
  out_of_rollout: ['no', 'Outside the rollout'],
  unresolved: ['unknown', 'Cannot be decided here'],
  skipped: ['skipped', 'Skipped: no such group'],
  not_reached: ['skipped', 'Not reached'],
};

/** The few words beside a value in the list. */
export function shortReason({ reason, conditionIndex }) {
  const condition = conditionIndex === undefined ? '' : ` ${conditionIndex + 1}`;
  const words = {
    condition_match: `condition${condition} matched`,
    no_condition_match: 'no condition matched',
    out_of_rollout_bound: 'outside the rollout',
    disabled: 'switched off',
    holdout_condition_value: 'held out of the experiment',
    no_group_type: 'no such group',
    override: 'overridden',
  };
  return words[reason] ?? reasons[reason] ?? reason;
}

/** The body of a flag's row. `cohortNames` maps ids to the names that the definitions carry. */
export function whyBody({ explanation, definition, cohortNames }) {
  const { summary, bucketing, holdout, conditions, variants, evaluation } = explanation;
  return [
    el('p', { class: 'summary' }, summary),
    holdout && holdoutPart(holdout),
    conditions.length > 0 &&
      el(
        'ol',
        { class: 'conditions' },
        ...conditions.map((condition) => conditionPart(condition, definition, cohortNames)),
      ),
    variants && variantPart(variants, evaluation),
    evaluation.payload !== undefined && payloadPart(evaluation.payload),
    hasBuckets(explanation) && el('p', { class: 'hint' }, bucketingText(bucketing)),
    definitionPart(definition),
  ].filter(Boolean);
}

function conditionPart(condition, definition, cohortNames) {
  const [mark, words] = outcomes[condition.outcome];
  const written = definition.filters?.groups?.[condition.index]?.description;
  const description = condition.description ?? written;
  const title = description
    ? `Condition ${condition.index + 1}: ${description}`
    : `Condition ${condition.index + 1}`;
  return el(
    'li',
    { class: `condition is-${mark}`, 'data-outcome': condition.outcome },
    el(
      'div',
      { class: 'condition-head' },
      el('span', { class: 'mark' }, icon(mark)),
      el('span', { class: 'condition-title' }, title),
      el('span', { class: 'verdict' }, words),
    ),
    condition.filters.length > 0 &&
      el(
        'ul',
        { class: 'filters' },
        ...condition.filters.map((one) => filterPart(one, cohortNames)),
      ),
    bucketMatters(condition) && rolloutBar(condition.rollout),
    condition.variantOverride &&
      el(
        'p',
        { class: 'hint' },
        `Gives everybody it matches the variant ${condition.variantOverride}.`,
      ),
  );
}

/** A bucket says nothing where everybody is in, or where the filters have already said no. */
function bucketMatters({ rollout, outcome }) {
  return rollout !== undefined && rollout.percentage < 100 && outcome !== 'no_match';
}

function hasBuckets({ bucketing, conditions, holdout, variants }) {
  return bucketing && (conditions.some(bucketMatters) || holdout || variants);
}

/** A cohort is a tree whose nodes often hold one part only: these are left out. */
function unfolded(parts = []) {
  return parts.flatMap((part) =>
    part.kind === 'group' && part.parts?.length === 1 ? unfolded(part.parts) : [part],
  );
}

/** What to list below a filter, and the words that introduce it. */
function partsOf(filter) {
  const parts = unfolded(filter.parts);
  const [only] = parts;
  if (filter.kind !== 'cohort' || parts.length !== 1 || only.kind !== 'group') return [parts, ''];
  return [unfolded(only.parts), `: ${groupWords(only)}`];
}

const groupWords = (group) => (group.key === 'OR' ? 'any of' : 'all of');

function filterPart(filter, cohortNames) {
  const [parts, introduction] = partsOf(filter);
  const answer = { yes: 'yes', no: 'no', unknown: 'unknown' }[filter.outcome];
  const because = filter.outcome === 'unknown' ? reasons[filter.reason] : undefined;
  return el(
    'li',
    { class: `filter is-${filter.outcome}` },
    el('span', { class: 'mark' }, icon(filter.outcome), el('span', { class: 'sr' }, `${answer}: `)),
    el(
      'span',
      { class: 'filter-text' },
      filter.negated && 'not: ',
      ...filterWords(filter, cohortNames),
      introduction,
      because && el('span', { class: 'because' }, because),
    ),
    parts.length > 0 &&
      el('ul', { class: 'filters' }, ...parts.map((part) => filterPart(part, cohortNames))),
  );
}

function filterWords(filter, cohortNames) {
  if (filter.kind === 'group') {
    return [el('span', {}, groupWords(filter))];
  }
  if (filter.kind === 'cohort') {
    const name = cohortNames.get(String(filter.key)) ?? filter.key;
    const words = filter.operator === 'not_in' ? 'is not in the cohort' : 'is in the cohort';
    return [el('span', {}, `${words} `), el('b', {}, name)];
  }
  if (filter.kind === 'flag') {
    return [
      el('span', {}, 'flag '),
      el('code', {}, filter.key),
      el('span', {}, ` gives ${quote(filter.expected)}`),
      actualPart(filter, 'gives'),
    ];
  }
  const words = operators[filter.operator] ?? filter.operator;
  return [
    el('code', {}, filter.key),
    el('span', {}, ` ${words} ${expectedWords(filter)}`),
    actualPart(filter, 'found'),
  ];
}

function expectedWords({ operator, expected }) {
  if (operator === 'is_set' || operator === 'is_not_set') return '';
  return operator.startsWith('is_date') ? dateWords(expected) : quote(expected);
}

function actualPart(filter, verb) {
  if (!('actual' in filter)) return undefined;
  return el('span', { class: 'actual' }, `${verb} ${quote(filter.actual)}`);
}

/** A track from 0 to 100: the filled part is in, the pin is this person. */
function bar({ filled, bucket, included, label }) {
  return el(
    'div',
    { class: `bucket ${included ? 'is-in' : 'is-out'}`, role: 'img', 'aria-label': label },
    el(
      'div',
      { class: 'track', vars: { filled: `${filled}%`, at: `${bucket}%` } },
      el('span', { class: 'fill' }),
      el('span', { class: 'pin' }),
    ),
    el('div', { class: 'bucket-text', 'aria-hidden': 'true' }, label),
  );
}

function rolloutBar({ percentage, bucket, included }) {
  const sign = included ? '≤' : '>';
  const words = included ? 'in the rollout' : 'outside the rollout';
  return bar({
    filled: percentage,
    bucket,
    included,
    label: `Bucket ${percent(bucket)} ${sign} ${percent(percentage)} %: ${words}`,
  });
}

function holdoutPart({ percentage, bucket, included }) {
  const words = included ? 'held out, so no condition is asked' : 'takes part';
  return el(
    'div',
    { class: 'condition' },
    el(
      'div',
      { class: 'condition-head' },
      el('span', { class: 'condition-title' }, 'Holdout of the experiment'),
      el('span', { class: 'verdict' }, included ? 'Held out' : 'Takes part'),
    ),
    bar({
      filled: percentage,
      bucket,
      included,
      label: `Bucket ${percent(bucket)} ${included ? '≤' : '>'} ${percent(percentage)} %: ${words}`,
    }),
  );
}

function variantPart({ bucket, ranges }, evaluation) {
  const label =
    bucket === undefined
      ? 'The variants and their shares'
      : `Bucket ${percent(bucket)} among the variants`;
  return el(
    'div',
    { class: 'variants' },
    el('div', { class: 'part-title' }, 'Variants'),
    el(
      'div',
      { class: 'variant-track', role: 'img', 'aria-label': label, vars: { at: `${bucket ?? 0}%` } },
      ...ranges.map(({ key, from, to }) =>
        el(
          'span',
          {
            class: key === evaluation.variant ? 'range is-chosen' : 'range',
            vars: { share: `${to - from}` },
            title: `${key}: ${percent(from)} to ${percent(to)}`,
          },
          key,
        ),
      ),
      bucket !== undefined && el('span', { class: 'pin' }),
    ),
    bucket !== undefined && el('div', { class: 'bucket-text', 'aria-hidden': 'true' }, label),
  );
}

function payloadPart(payload) {
  return el(
    'div',
    {},
    el('div', { class: 'part-title' }, 'Payload'),
    el('pre', { tabindex: '0' }, JSON.stringify(payload, undefined, 2)),
  );
}

function bucketingText({ by, groupType }) {
  if (by === 'group') return `Buckets are computed from the key of the ${groupType}.`;
  return `Buckets are computed from the ${by === 'device_id' ? 'device id' : 'distinct id'}.`;
}

function definitionPart(definition) {
  return el(
    'details',
    { class: 'definition' },
    el('summary', {}, 'Definition, as PostHog writes it'),
    el('pre', { tabindex: '0' }, JSON.stringify(definition, undefined, 2)),
  );
}
