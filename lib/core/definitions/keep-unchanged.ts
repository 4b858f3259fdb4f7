/**
 * New definitions in which all that is as it was is the same object as before: whoever made
 * something of a flag can then see that it still holds, and the old document can go.
 */
import type { FlagDefinitionCacheData } from './flag-definitions.js';
import { isSameJson } from './same-json.js';

/** Compares flags by key and cohorts by id; both documents must be parsed. */
export function keepUnchanged(
  before: FlagDefinitionCacheData,
  after: FlagDefinitionCacheData,
): FlagDefinitionCacheData {
  const flagsBefore = new Map(before.flags.map((flag) => [flag.key, flag]));
  const cohortsBefore = new Map(Object.entries(before.cohorts ?? {}));
  const groupTypes = same(before.group_type_mapping, after.group_type_mapping);
  return {
    ...after,
    flags: after.flags.map((flag) => same(flagsBefore.get(flag.key), flag)),
    cohorts: Object.fromEntries(
      Object.entries(after.cohorts ?? {}).map(([id, cohort]) => [
        id,
        same(cohortsBefore.get(id), cohort),
      ]),
    ),
    group_type_mapping: groupTypes,
    groupTypeMapping: groupTypes,
  };
}

/**
 * A source that hands out one object again and again may have changed something in it, which nobody
 * can see any more: from then on we have our own.
 */
function same<Value>(before: Value | undefined, after: Value): Value {
  if (before === after) return structuredClone(after);
  return before !== undefined && isSameJson(before, after) ? before : after;
}
