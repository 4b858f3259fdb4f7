/**
 * Whether what a source sent looks like a mistake: most of the flags are gone, or flags are older
 * than the ones held. Both may be meant (a project was cleared, a backup restored), so a doubt
 * refuses nothing: it is the reason to ask once more.
 */
import { diffDefinitions } from '../definitions/diff.js';
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';

/** Share of the held flags that may be gone without a doubt, where nobody has said another. */
export const DEFAULT_CONFIRM_DROP_ABOVE = 0.5;

export interface Doubt {
  /** The first that holds: a drop is graver than a step back. */
  readonly why: 'fewer-flags' | 'older-flags';
  /** Keys, sorted: of the flags that are gone, or that went back. */
  readonly keys: readonly string[];
}

/** @param dropAbove Share of the held flags that may be gone without a doubt, 0 to 1. */
export function doubtOf(
  held: FlagDefinitionCacheData,
  given: FlagDefinitionCacheData,
  dropAbove: number,
): Doubt | undefined {
  const gone = held.flags.length - given.flags.length;
  // By number and not by key: a project in which every flag was renamed is none that was emptied.
  if (gone > held.flags.length * dropAbove) {
    return { why: 'fewer-flags', keys: diffDefinitions(held, given).removed };
  }
  const older = olderFlags(held.flags, given.flags);
  return older.length === 0 ? undefined : { why: 'older-flags', keys: older };
}

/**
 * PostHog counts the changes of each flag in `version`, the one hint of order that definitions
 * carry. A flag that was deleted and made anew counts from the beginning, under another id.
 */
function olderFlags(held: readonly FlagDefinition[], given: readonly FlagDefinition[]): string[] {
  const versions = new Map(
    held.flatMap(({ id, version }) => (isNumber(id) && isNumber(version) ? [[id, version]] : [])),
  );
  return given
    .filter(({ id, version }) => {
      const known = id === undefined ? undefined : versions.get(id);
      return known !== undefined && isNumber(version) && version < known;
    })
    .map(({ key }) => key)
    .sort();
}

/** The types are PostHog's word; what came was checked only as far as evaluation needs it. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
