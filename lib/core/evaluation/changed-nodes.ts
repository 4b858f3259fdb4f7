/** What a refresh changed for flags that did not change themselves: what they refer to. */

/** One set of definitions, as nodes of the reference graph. */
export interface ReferencedDefinitions {
  referencesOf(node: string): readonly string[];
  /** The definition itself, or a mark for what is not there. */
  contentOf(node: string): unknown;
}

/**
 * The nodes, among those from which it starts and all behind them, that are another object than
 * before or refer to one that is, directly or not. Each is looked at once.
 */
export function changedNodes(
  starts: Iterable<string>,
  before: ReferencedDefinitions,
  after: ReferencedDefinitions,
): ReadonlySet<string> {
  const referrers = new Map<string, string[]>();
  const changed = new Set<string>();
  const reached = new Set(starts);
  // Both loops meet what they add, too.
  for (const node of reached) {
    if (before.contentOf(node) !== after.contentOf(node)) changed.add(node);
    for (const target of after.referencesOf(node)) {
      reached.add(target);
      const known = referrers.get(target);
      if (known === undefined) referrers.set(target, [node]);
      else known.push(node);
    }
  }
  for (const node of changed) {
    for (const referrer of referrers.get(node) ?? []) changed.add(referrer);
  }
  return changed;
}
