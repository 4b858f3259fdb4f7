/**
 * Whether a flag's definition as a whole holds something that cannot be decided locally. Asked
 * when an evaluation has to stop, to report the reason that lies in the definition rather than
 * the one that happened to be met first.
 */
import type { FlagDefinition, PropertyFilter } from '../definitions/flag-definitions.js';
import type { Compilation } from './compilation.js';
import { dependencyChain, isKnownChain } from './compile-dependency.js';
import { isUsableFilter } from './compile-property-filter.js';
import { asRecord, listOf } from './definition-reader.js';

/** Only for flags that are active and have no experience continuity. */
export function holdsUnsupported(flag: FlagDefinition, compilation: Compilation): boolean {
  const seenCohorts = new Set<string>();
  const open = listOf(flag.filters?.groups).flatMap((condition) =>
    listOf(asRecord(condition)?.['properties']),
  );
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const record = asRecord(part);
    if (record === undefined) continue;
    if ('values' in record) open.push(...listOf(record['values']));
    else if (record['type'] === 'cohort') {
      const id = String(record['value']);
      if (!compilation.hasCohort(id)) return true;
      if (seenCohorts.has(id)) continue;
      seenCohorts.add(id);
      open.push(...listOf(asRecord(compilation.cohortDefinition(id))?.['values']));
    } else if (!isSupported(part as PropertyFilter, compilation)) return true;
  }
  return false;
}

function isSupported(filter: PropertyFilter, compilation: Compilation): boolean {
  return filter.type === 'flag'
    ? isKnownChain(dependencyChain(filter), compilation)
    : isUsableFilter(filter, compilation.rules);
}
