/** The references that flags and cohorts hold, read from the definitions without compiling them. */
import type { FlagDefinition } from '../definitions/flag-definitions.js';
import { asRecord, listOf } from './definition-reader.js';
import { textOf } from './operators/value-text.js';

/** Groups nested deeper than this in one cohort are not looked into. */
export const deepestCohort = 100;

export function flagNode(key: string): string {
  return `flag:${key}`;
}

export function cohortNode(id: string): string {
  return `cohort:${id}`;
}

export function isCohortNode(node: string): boolean {
  return node.startsWith('cohort:');
}

/** What a flag's conditions refer to; nothing when the flag is decided before its conditions. */
export function referencesOfFlag(flag: FlagDefinition): readonly string[] {
  if (!flag.active || flag.ensure_experience_continuity) return [];
  return listOf(flag.filters?.groups)
    .flatMap((condition) => listOf(asRecord(condition)?.['properties']))
    .flatMap(referencesOfFilter);
}

export function referencesOfCohort(definition: unknown): readonly string[] {
  let references: readonly string[] = [];
  let level = [definition];
  for (let depth = 0; level.length > 0 && depth <= deepestCohort; depth++) {
    const parts = level.flatMap((node) => listOf(asRecord(node)?.['values']));
    references = references.concat(parts.flatMap(referencesOfFilter));
    level = parts;
  }
  return references;
}

function referencesOfFilter(filter: unknown): readonly string[] {
  const { type, value, dependency_chain: chain } = asRecord(filter) ?? {};
  if (type === 'cohort') return [cohortNode(textOf(value) ?? '')];
  return type === 'flag' ? keysOfChain(chain).map(flagNode) : [];
}

/** The keys that a filter on another flag names; one without a text names no flag. */
export function keysOfChain(chain: unknown): readonly string[] {
  return listOf(chain).map((key) => textOf(key) ?? '');
}
