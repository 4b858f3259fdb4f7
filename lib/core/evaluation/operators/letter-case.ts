/** Most properties are short ASCII texts in lower case: seeing that is cheaper than folding them. */

const [capitalA, capitalZ, lastAscii] = [0x41, 0x5a, 0x7f];

/** True for a text of ASCII without capital letters: it is as it would be in lower case. */
export function isLowerAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > lastAscii || (code >= capitalA && code <= capitalZ)) return false;
  }
  return true;
}
