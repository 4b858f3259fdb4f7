/**
 * Truth as PostHog reads it in properties: booleans, "true" and "false" in any case, and arrays
 * of these. Everything else is neither, and so not true.
 */

/** Deeper arrays than any definition has; keeps a hostile one from overflowing the stack. */
const deepestNesting = 500;
/** More than any definition has, too: arrays that share elements unfold without bound. */
const mostElements = 20_000;

interface Walk {
  elementsLeft: number;
}

/** True for a value that spells true or false, an empty array included. */
export function isTruthLike(value: unknown): boolean {
  return isAll(value, spellsTruth);
}

/** True for true, "true" in any case, and an array of nothing else (an empty one too). */
export function isTrue(value: unknown): boolean {
  return isAll(value, spellsTrue);
}

function isAll(value: unknown, accepts: (element: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return accepts(value);
  return areAll(value, accepts, { elementsLeft: mostElements }, 0);
}

function areAll(
  array: readonly unknown[],
  accepts: (element: unknown) => boolean,
  walk: Walk,
  depth: number,
): boolean {
  walk.elementsLeft -= array.length + 1;
  if (walk.elementsLeft < 0 || depth > deepestNesting) return false;
  // Holes are read as undefined, which is neither true nor false, as they must be.
  for (let index = 0; index < array.length; index++) {
    const element = array[index];
    const isAccepted = Array.isArray(element)
      ? areAll(element, accepts, walk, depth + 1)
      : accepts(element);
    if (!isAccepted) return false;
  }
  return true;
}

function spellsTruth(value: unknown): boolean {
  return typeof value === 'boolean' || spells(value, 'true') || spells(value, 'false');
}

function spellsTrue(value: unknown): boolean {
  return value === true || spells(value, 'true');
}

function spells(value: unknown, word: string): boolean {
  if (typeof value !== 'string' || value.length !== word.length) return false;
  return value.toLowerCase() === word;
}
