/**
 * The text of a value as JavaScript's `String` gives it, which is what the text, regex, number
 * and semver operators compare. Guards against values made to be slow: nested arrays that would
 * unfold into an enormous text have no text here.
 */

/** No honest property comes near these. */
const mostElements = 100_000;
const deepestNesting = 1_000;

/** Undefined when the value has no text: `toString` throws or the text would be enormous. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    if (Array.isArray(value) && elementsLeft(value, mostElements, new Set()) < 0) return undefined;
    return String(value);
  } catch {
    return undefined;
  }
}

/** What remains of a budget of elements; negative when the array unfolds into more. */
function elementsLeft(array: readonly unknown[], budget: number, path: Set<unknown>): number {
  // JavaScript writes an array within itself as nothing.
  if (path.has(array)) return budget;
  if (path.size > deepestNesting) return -1;
  path.add(array);
  let left = budget - array.length - 1;
  for (let index = 0; index < array.length && left >= 0; index++) {
    const element = array[index];
    if (Array.isArray(element)) left = elementsLeft(element, left, path);
  }
  path.delete(array);
  return left;
}
