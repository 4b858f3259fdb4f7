/** Whether a definition that did not change still refers to the same, before and after a refresh. */

/** One set of definitions, as nodes of the reference graph. */
export interface ReferencedDefinitions {
  referencesOf(node: string): readonly string[];
  /** The definition itself, or a mark for what is not there. */
  contentOf(node: string): unknown;
}

/** What refers to more than this, directly or not, counts as changed: looking has to end. */
const mostReferences = 100;

/** Compares all that a node refers to, directly or not, by identity; not the node itself. */
export function refersToTheSame(
  start: string,
  before: ReferencedDefinitions,
  after: ReferencedDefinitions,
): boolean {
  const open = [...after.referencesOf(start)];
  const seen = new Set<string>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    if (seen.size >= mostReferences || before.contentOf(node) !== after.contentOf(node)) {
      return false;
    }
    seen.add(node);
    open.push(...after.referencesOf(node));
  }
  return true;
}
