/**
 * Whether one text holds another. The engine's own search is the fastest there is on all that
 * people write, and takes the product of both lengths on what somebody made for it: half a minute
 * for a megabyte. From a certain size on the texts are searched in linear time.
 */

/** The product of the lengths; about a millisecond at worst. */
const mostComparisons = 4_000_000;

/** A search for one text, in whatever texts come. */
export function searchFor(wanted: string): (text: string) => boolean {
  let borders: Int32Array | undefined;
  return (text) => {
    if (wanted.length > text.length) return false;
    if (text.length * wanted.length <= mostComparisons) return text.includes(wanted);
    return isInLinearTime(text, wanted, (borders ??= bordersOf(wanted)));
  };
}

/** Knuth, Morris and Pratt: no unit of the text is looked at again. `wanted` is not empty. */
function isInLinearTime(text: string, wanted: string, borders: Int32Array): boolean {
  let matched = 0;
  for (let index = 0; index < text.length; index++) {
    matched = continued(wanted, borders, matched, text.charCodeAt(index));
    if (matched === wanted.length) return true;
  }
  return false;
}

/** For each beginning of the text, how long a beginning of it is also its end. */
function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  for (let index = 1, border = 0; index < text.length; index++) {
    border = continued(text, borders, border, text.charCodeAt(index));
    borders[index] = border;
  }
  return borders;
}

/** How much of `wanted` is matched after one more unit. */
function continued(wanted: string, borders: Int32Array, matched: number, unit: number): number {
  let length = matched;
  while (length > 0 && wanted.charCodeAt(length) !== unit) length = borders[length - 1] as number;
  return wanted.charCodeAt(length) === unit ? length + 1 : length;
}
