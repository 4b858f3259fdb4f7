/**
 * D1 for the reference: integers of `exact` and `is_not` written as the text JSON gives them.
 * The filters are turned to a twin of each property that holds the text, so that every other
 * operator still sees the number.
 */
import type {
  CohortDefinition,
  FlagDefinitionCacheData,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';

const exactOperators: ReadonlySet<unknown> = new Set(['exact', 'is_not', undefined, null, '']);

export function integersAsTextInDocument(
  definitions: FlagDefinitionCacheData,
): FlagDefinitionCacheData {
  return {
    ...definitions,
    flags: definitions.flags.map((flag) => ({
      ...flag,
      filters: flag.filters && {
        ...flag.filters,
        groups: flag.filters.groups?.map((group) => ({
          ...group,
          properties: group.properties?.map(rewriteFilter),
        })),
      },
    })),
    cohorts: Object.fromEntries(
      Object.entries(definitions.cohorts ?? {}).map(([id, cohort]) => [id, rewriteCohort(cohort)]),
    ),
  } as FlagDefinitionCacheData;
}

/** A cohort may be null: everybody is in it. */
function rewriteCohort(cohort: CohortDefinition | null): CohortDefinition | null {
  if (cohort?.values === undefined) return cohort;
  const values = cohort.values.map((value) =>
    'values' in value ? rewriteCohort(value)! : rewriteFilter(value as PropertyFilter),
  );
  return { ...cohort, values };
}

function rewriteFilter(filter: PropertyFilter): PropertyFilter {
  const isProperty = filter.type !== 'cohort' && filter.type !== 'flag';
  // A node of a cohort that lost its values counts as a filter; it has no key to turn.
  if (!isProperty || !('key' in filter) || !exactOperators.has(filter.operator)) return filter;
  const { value } = filter;
  return {
    ...filter,
    key: twinOf(filter.key),
    ...('value' in filter && { value: Array.isArray(value) ? value.map(asText) : asText(value) }),
  };
}

function twinOf(property: string): string {
  return `${property} as text`;
}

export function integersAsTextInContext(context: EvaluationContext): EvaluationContext {
  const { distinctId, personProperties, groups, groupProperties } = context;
  return {
    ...context,
    personProperties: withTwins({ distinct_id: distinctId, ...personProperties }),
    groupProperties: Object.fromEntries(
      Object.entries(groups ?? {}).map(([type, key]) => [
        type,
        withTwins({ $group_key: key, ...groupProperties?.[type] }),
      ]),
    ),
  };
}

function withTwins(properties: Record<string, unknown>): Record<string, unknown> {
  const twins = Object.entries(properties).map(([name, value]) => [twinOf(name), asText(value)]);
  return { ...properties, ...(Object.fromEntries(twins) as Record<string, unknown>) };
}

/** The value, or its text if there is an integer in it and JSON can carry it. */
function asText(value: unknown): unknown {
  return hasInteger(value, []) && isWellFormed(value) ? canonicalJson(value) : value;
}

function hasInteger(value: unknown, parents: readonly unknown[]): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  return membersOf(value, parents).some((member) => hasInteger(member, [...parents, value]));
}

/** Whether the reference could write the value as JSON, but for the integers. */
function isWellFormed(value: unknown, parents: readonly unknown[] = []): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return isUnicode(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || parents.includes(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return (
    isPlain &&
    Object.keys(value).every(isUnicode) &&
    membersOf(value, parents).every((member) => isWellFormed(member, [...parents, value]))
  );
}

function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function membersOf(value: unknown, parents: readonly unknown[]): unknown[] {
  if (typeof value !== 'object' || value === null || parents.includes(value)) return [];
  return Object.values(value);
}

/** JSON without spaces, the keys of objects sorted by code point; holes are null. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${Array.from(value, (item: unknown) => canonicalJson(item ?? null)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}
