/** Which flags differ between two sets of definitions, for logs and subscribers. */
import type { FlagDefinition, FlagDefinitionCacheData } from './flag-definitions.js';
import { isSameJson } from './same-json.js';

/** Keys of flags, each list sorted. */
export interface DefinitionsDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /**
   * Flags whose own definition differs. A flag that only uses a changed cohort, or depends on a
   * changed flag, is not listed.
   */
  readonly changed: readonly string[];
}

/**
 * Compares parsed definitions flag by flag; the order of keys and of flags does not count.
 * `before` is undefined at the first load: then every flag is added.
 */
export function diffDefinitions(
  before: FlagDefinitionCacheData | undefined,
  after: FlagDefinitionCacheData,
): DefinitionsDiff {
  const flagsBefore = byKey(before?.flags ?? []);
  const flagsAfter = byKey(after.flags);
  const added: string[] = [];
  const changed: string[] = [];
  for (const [key, flag] of flagsAfter) {
    const earlier = flagsBefore.get(key);
    if (earlier === undefined) added.push(key);
    else if (!isSameJson(earlier, flag)) changed.push(key);
  }
  const removed = [...flagsBefore.keys()].filter((key) => !flagsAfter.has(key));
  return { added: added.sort(), removed: removed.sort(), changed: changed.sort() };
}

function byKey(flags: readonly FlagDefinition[]): Map<string, FlagDefinition> {
  return new Map(flags.map((flag) => [flag.key, flag]));
}
