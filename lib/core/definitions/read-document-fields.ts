/**
 * What a definitions document says beside its flags and cohorts: the names of the group types,
 * the matching version, and whatever else the vendor adds, which is passed on untouched.
 */
import { quoteName } from './definition-issue.js';
import type { DefinitionIssue } from './definition-issue.js';
import { faultOfJson } from './json-fault.js';
import { describeType, isRecord } from './json-shape.js';
import type { JsonRecord } from './json-shape.js';

/** Names of the group types by index. An unreadable name is left out; its flags are unresolved. */
export function readGroupTypes(
  value: unknown,
  issues: DefinitionIssue[],
): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) {
    issues.push(badField('group_type_mapping', `must be an object, got ${describeType(value)}`));
    return {};
  }
  const good: [string, string][] = [];
  for (const [index, name] of Object.entries(value)) {
    if (typeof name === 'string') good.push([index, name]);
    else issues.push(badGroupType(index, name));
  }
  return Object.fromEntries(good);
}

/** The version of the matching rules; undefined stands for the oldest rules. */
export function readMatchingVersion(value: unknown, issues: DefinitionIssue[]): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  issues.push(
    badField('property_matching_version', `must be a number, got ${describeType(value)}`),
  );
  return undefined;
}

/** All fields but those in `known`, save what JSON cannot carry. */
export function readOtherFields(
  document: JsonRecord,
  known: ReadonlySet<string>,
  issues: DefinitionIssue[],
): JsonRecord {
  const good: [string, unknown][] = [];
  for (const [field, value] of Object.entries(document)) {
    if (known.has(field)) continue;
    const fault = faultOfJson(value);
    if (fault === undefined) good.push([field, value]);
    else issues.push(badField(field, fault));
  }
  return Object.fromEntries(good);
}

function badField(field: string, problem: string): DefinitionIssue {
  return {
    part: 'field',
    key: field,
    message:
      `The field ${quoteName(field)} of the definitions was left out: it ${problem}. ` +
      'Correct it where the definitions are made.',
  };
}

function badGroupType(index: string, name: unknown): DefinitionIssue {
  return {
    part: 'group-type',
    key: index,
    message:
      `Group type ${quoteName(index)} was left out: its name must be a string, got ${describeType(name)}. ` +
      'Flags of that group type are unresolved until this is corrected where the definitions are made.',
  };
}
