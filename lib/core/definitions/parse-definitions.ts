/**
 * From anything to definitions. What comes from a source or a cache is read here and nowhere
 * else: a document that is no definitions document is refused as a whole; in one that is, a bad
 * flag or cohort is left out and named while the others live. It answers; no JSON makes it throw.
 *
 * The result has both spellings of the fields that have two, so that readers of every age and
 * language understand it, and every field that this library does not know. Flags and cohorts
 * are the objects of the input, not copies: treat both as read-only.
 */
import type { DefinitionIssue } from './definition-issue.js';
import type { FlagDefinitionCacheData } from './flag-definitions.js';
import { describeType, isRecord } from './json-shape.js';
import type { JsonRecord } from './json-shape.js';
import { readCohorts } from './read-cohorts.js';
import { readGroupTypes, readMatchingVersion, readOtherFields } from './read-document-fields.js';
import { readFlags } from './read-flags.js';

export type { DefinitionIssue } from './definition-issue.js';

/** @publicApi */
export type ParsedDefinitions =
  | {
      readonly ok: true;
      readonly definitions: FlagDefinitionCacheData;
      /** What was left out; empty when all was well. */
      readonly issues: readonly DefinitionIssue[];
    }
  | {
      readonly ok: false;
      /** What is wrong, where, why probably, and what to do. Holds no value of the document. */
      readonly message: string;
    };

const MAX_FLAGS = 10_000;
const MAX_COHORTS = 10_000;

/** The fields that are read here; the others are passed on as they are. */
const knownFields: ReadonlySet<string> = new Set([
  'flags',
  'cohorts',
  'group_type_mapping',
  'groupTypeMapping',
  'minimal_flag_called_events',
  'minimalFlagCalledEvents',
  'property_matching_version',
  'propertyMatchingVersion',
]);

/**
 * Reads a definitions document: as PostHog sends it, as one of PostHog's SDKs wrote it to a
 * cache, or as somebody wrote it by hand. Give it the value, not the JSON text.
 * @publicApi
 */
export function parseDefinitions(input: unknown): ParsedDefinitions {
  if (!isRecord(input)) return refused(`it must be an object, got ${describeDocument(input)}`);
  const flags = input['flags'];
  if (!Array.isArray(flags)) {
    return refused(`its field "flags" must be an array, got ${describeType(flags)}`);
  }
  if (flags.length > MAX_FLAGS) {
    return refused(`it has ${flags.length} flags, and ${MAX_FLAGS} is the most that is accepted`);
  }
  const cohorts = input['cohorts'];
  const cohortCount = isRecord(cohorts) ? Object.keys(cohorts).length : 0;
  if (cohortCount > MAX_COHORTS) {
    return refused(
      `it has ${cohortCount} cohorts, and ${MAX_COHORTS} is the most that is accepted`,
    );
  }
  return readDocument(input, flags, cohorts);
}

function readDocument(
  input: JsonRecord,
  flags: readonly unknown[],
  cohorts: unknown,
): ParsedDefinitions {
  const issues: DefinitionIssue[] = [];
  const groupTypes = readGroupTypes(
    input['group_type_mapping'] ?? input['groupTypeMapping'],
    issues,
  );
  const minimal =
    (input['minimal_flag_called_events'] ?? input['minimalFlagCalledEvents']) === true;
  const matchingVersion = readMatchingVersion(
    input['property_matching_version'] ?? input['propertyMatchingVersion'],
    issues,
  );
  const definitions: FlagDefinitionCacheData = {
    ...readOtherFields(input, knownFields, issues),
    flags: readFlags(flags, issues),
    group_type_mapping: groupTypes,
    groupTypeMapping: groupTypes,
    cohorts: readCohorts(cohorts, issues),
    minimal_flag_called_events: minimal,
    minimalFlagCalledEvents: minimal,
    ...(matchingVersion !== undefined && {
      property_matching_version: matchingVersion,
      propertyMatchingVersion: matchingVersion,
    }),
  };
  return { ok: true, definitions, issues };
}

function refused(problem: string): ParsedDefinitions {
  return {
    ok: false,
    message:
      `This is no definitions document: ${problem}. Probably something other than PostHog answered, ` +
      'or the content was cut or written by another program. Expected is the JSON of ' +
      'PostHog\'s GET /flags/definitions, at least { "flags": [] }.',
  };
}

function describeDocument(input: unknown): string {
  if (typeof input !== 'string') return describeType(input);
  return input.trimStart().startsWith('<')
    ? 'a string that begins like a web page'
    : 'a string (JSON text must be parsed first)';
}
