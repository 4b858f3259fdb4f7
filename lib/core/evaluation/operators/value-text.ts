/**
 * The text of a value as JavaScript's `String` gives it, which is what the text, regex, number
 * and semver operators compare. Guards against values made to be slow: nested arrays that would
 * unfold into an enormous text have no text here.
 */

/** No honest property comes near this many elements. */
const mostElements = 100_000;

/** Undefined when the value has no text: `toString` throws or the text would be enormous. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    if (Array.isArray(value) && !isModest(value)) return undefined;
    return String(value);
  } catch {
    return undefined;
  }
}

function isModest(root: readonly unknown[]): boolean {
  const open: (readonly unknown[])[] = [root];
  let elements = 0;
  for (let array = open.pop(); array !== undefined; array = open.pop()) {
    elements += array.length + 1;
    if (elements > mostElements) return false;
    for (const element of array) {
      if (Array.isArray(element)) open.push(element);
    }
  }
  return true;
}
