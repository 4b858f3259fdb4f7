/**
 * What a flag and a cohort must look like for evaluation to read them. Only what evaluation
 * reads is checked, and of that only the types: an operator, a property type or a rules version
 * that this library does not know is the evaluator's matter, which answers *unresolved*.
 */
import {
  filledText,
  finiteNumber,
  isRecord,
  listOf,
  objectWith,
  optional,
  text,
  trueOrFalse,
} from './json-shape.js';
import type { Shape } from './json-shape.js';

const anyObject = objectWith({});

const knownFilterTypes: ReadonlySet<unknown> = new Set([
  undefined,
  null,
  'person',
  'group',
  'cohort',
  'flag',
  'person_metadata',
]);

const knownFilter = objectWith({
  key: text,
  operator: optional(text),
  negation: optional(trueOrFalse),
});

/** Filters of other types (`behavioral`, …) have fields of their own, e.g. a numeric `key`. */
const filter: Shape = (value) =>
  isRecord(value) && !knownFilterTypes.has(value['type']) ? undefined : knownFilter(value);

const condition = objectWith({
  properties: optional(listOf(filter)),
  rollout_percentage: optional(finiteNumber),
  variant: optional(text),
  aggregation_group_type_index: optional(finiteNumber),
});

const variant = objectWith({ key: text, rollout_percentage: finiteNumber });

const knownFilters = objectWith({
  groups: optional(listOf(condition)),
  multivariate: optional(objectWith({ variants: optional(listOf(variant)) })),
  payloads: optional(anyObject),
  aggregation_group_type_index: optional(finiteNumber),
  early_exit: optional(trueOrFalse),
  holdout: optional(anyObject),
});

/** `filters.version` 2 and later are other rules in other fields. */
const filters: Shape = (value) => {
  const version = isRecord(value) ? value['version'] : undefined;
  const known = version === undefined || version === null || version === 1;
  return known ? knownFilters(value) : undefined;
};

export const flagShape = objectWith({
  key: filledText,
  active: optional(trueOrFalse),
  filters: optional(filters),
  ensure_experience_continuity: optional(trueOrFalse),
  evaluation_runtime: optional(text),
  evaluation_contexts: optional(listOf(text)),
  evaluation_tags: optional(listOf(text)),
  bucketing_identifier: optional(text),
});

const cohortNode: Shape = (value) =>
  isRecord(value) && Object.hasOwn(value, 'values') ? cohortShape(value) : filter(value);

export const cohortShape: Shape = objectWith({
  type: optional(text),
  values: optional(listOf((value) => cohortNode(value))),
});
