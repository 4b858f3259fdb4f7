/** Most properties are short ASCII texts in lower case: seeing that is cheaper than folding them. */

const [capitalA, capitalZ, lastAscii] = [0x41, 0x5a, 0x7f];
const upperCase = /[A-Z]+/g;
/** Above this length a text of capitals here and there would be folded piece by piece for long. */
const longestByPieces = 1_000;

/** True for a text of ASCII without capital letters: it is as it would be in lower case. */
export function isLowerAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > lastAscii || (code >= capitalA && code <= capitalZ)) return false;
  }
  return true;
}

/** The text with A to Z in lower case, and all else as it is. */
export function lowerAscii(text: string): string {
  if (text.length <= longestByPieces) {
    return text.replace(upperCase, (letters) => letters.toLowerCase());
  }
  const units = Buffer.from(text, 'utf16le');
  for (let low = 0; low < units.length; low += 2) {
    const code = units[low] as number;
    if (code >= capitalA && code <= capitalZ && units[low + 1] === 0) units[low] = code | 0x20;
  }
  return units.toString('utf16le');
}
