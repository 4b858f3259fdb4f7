/**
 * Whether a flag's definition as a whole holds something that cannot be decided locally. Asked
 * when an evaluation has to stop, to report the reason that lies in the definition rather than
 * the one that happened to be met first.
 */
import type { FlagDefinition, PropertyFilter } from '../definitions/flag-definitions.js';
import type { Compilation } from './compilation.js';
import { dependencyChain, isKnownChain } from './compile-dependency.js';
import { compilePropertyTest } from './operators/compile-property-test.js';
import { textOf } from './operators/value-text.js';
import { asRecord, listOf } from './definition-reader.js';
import { failed, missingContext } from './match.js';

/** `failed`: the definition holds a value that cannot even be read as text. */
export type DefinitionSupport = 'supported' | 'unsupported' | 'failed';

/**
 * In the order of the definition, the first part that is not supported decides. Only for flags
 * that are active and have no experience continuity.
 */
export function definitionSupport(
  flag: FlagDefinition,
  compilation: Compilation,
): DefinitionSupport {
  const seenCohorts = new Set<string>();
  const open = listOf(flag.filters?.groups)
    .flatMap((condition) => listOf(asRecord(condition)?.['properties']))
    .toReversed();
  while (open.length > 0) {
    const part = asRecord(open.pop());
    if (part === undefined) return 'failed';
    if (part['type'] === 'cohort' || 'values' in part) {
      const parts = partsOf(part, compilation, seenCohorts);
      if (typeof parts === 'string') return parts;
      for (const inner of parts.toReversed()) open.push(inner);
    } else {
      const support = filterSupport(part as unknown as PropertyFilter, compilation);
      if (support !== 'supported') return support;
    }
  }
  return 'supported';
}

function partsOf(
  part: Readonly<Record<string, unknown>>,
  compilation: Compilation,
  seenCohorts: Set<string>,
): readonly unknown[] | DefinitionSupport {
  if ('values' in part) return listOf(part['values']);
  const id = textOf(part['value']);
  if (id === undefined) return 'failed';
  if (!compilation.hasCohort(id)) return 'unsupported';
  if (seenCohorts.has(id)) return [];
  seenCohorts.add(id);
  return listOf(asRecord(compilation.cohortDefinition(id))?.['values']);
}

function filterSupport(filter: PropertyFilter, compilation: Compilation): DefinitionSupport {
  if (filter.type === 'flag') {
    return isKnownChain(dependencyChain(filter), compilation) ? 'supported' : 'unsupported';
  }
  const { whenAbsent } = compilePropertyTest(filter, compilation.rules);
  if (whenAbsent === failed) return 'failed';
  return whenAbsent === missingContext ? 'supported' : 'unsupported';
}
