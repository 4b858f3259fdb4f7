/**
 * Truth as PostHog reads it in properties: booleans, "true" and "false" in any case, and arrays
 * of these. Everything else is neither, and so not true.
 */

/** Deeper arrays than any definition has; keeps a hostile one from overflowing the stack. */
const deepestNesting = 500;

/** True for a value that spells true or false, an empty array included. */
export function isTruthLike(value: unknown, depth = 0): boolean {
  if (typeof value === 'boolean') return true;
  if (typeof value === 'string') {
    const text = value.toLowerCase();
    return text === 'true' || text === 'false';
  }
  if (!Array.isArray(value) || depth > deepestNesting) return false;
  // `from` turns holes into undefined, which is not truth-like, as they must be.
  return Array.from(value).every((item) => isTruthLike(item, depth + 1));
}

/** True for true, "true" in any case, and an array of nothing else (an empty one too). */
export function isTrue(value: unknown, depth = 0): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  if (!Array.isArray(value) || depth > deepestNesting) return false;
  return Array.from(value).every((item) => isTrue(item, depth + 1));
}
