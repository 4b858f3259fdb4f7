/**
 * The text of a value as JavaScript's `String` gives it, which is what the text, regex, number
 * and semver operators compare. Guards against values made to be slow: what is or would unfold
 * into an enormous text has no text here.
 */

/** No honest property comes near these. */
const mostElements = 20_000;
const deepestNesting = 1_000;
/** In UTF-16 units. Every operator is done with such a text in a few milliseconds. */
export const longestText = 500_000;
/** In bits; the engine takes milliseconds to write a larger one in decimal digits. */
const longestBigInt = 10_000;
const largestBigInt = 1n << BigInt(longestBigInt);

interface Budget {
  elements: number;
  characters: number;
}

/** Undefined when the value has no text: `toString` throws or the text would be enormous. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= longestText ? value : undefined;
  try {
    if (typeof value === 'object' || typeof value === 'bigint') {
      const budget = { elements: mostElements, characters: longestText };
      if (!isWithin(value, budget, new Set())) return undefined;
    }
    const text = String(value);
    return text.length <= longestText ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the text of a value stays within the budget, from which it is taken. */
function isWithin(value: unknown, budget: Budget, path: Set<unknown>): boolean {
  if (typeof value === 'string') budget.characters -= value.length;
  else if (typeof value === 'bigint') budget.characters -= mostDigitsOf(value);
  else if (Array.isArray(value)) return isArrayWithin(value, budget, path);
  else if (ArrayBuffer.isView(value)) budget.characters -= 4 * value.byteLength;
  return budget.characters >= 0;
}

function isArrayWithin(array: readonly unknown[], budget: Budget, path: Set<unknown>): boolean {
  // JavaScript writes an array within itself as nothing.
  if (path.has(array)) return true;
  if (path.size > deepestNesting) return false;
  path.add(array);
  budget.elements -= array.length + 1;
  for (let index = 0; index < array.length && budget.elements >= 0; index++) {
    if (!isWithin(array[index], budget, path)) return false;
  }
  path.delete(array);
  return budget.elements >= 0;
}

/** Not more than this, told without writing the number. */
function mostDigitsOf(value: bigint): number {
  if (value > largestBigInt || value < -largestBigInt) return Infinity;
  return BigInt.asIntN(64, value) === value ? 20 : longestBigInt / 2;
}
