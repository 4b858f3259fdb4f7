/**
 * The word that stands in every secret and every property value that the tests plant, and in no
 * other text: whoever prints it has told something. Looked for in every spelling in which a
 * secret travels, so that nobody can print it unnoticed by encoding it.
 */
export const plantedWord = process.env['TEST_PLANTED_WORD'] ?? 'Qplanted7z';

const spelt = new RegExp(
  [
    plantedWord,
    // Cut to what stays the same, wherever in a text the word begins.
    ...[0, 1, 2].map((offset) => base64At(offset)),
    Buffer.from(plantedWord).toString('hex'),
    Array.from(plantedWord, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
  ].join('|'),
  'gi',
);

/** How much of a text to keep, lest a word that comes in two pieces be missed. */
export const LONGEST_SPELLING = 3 * plantedWord.length;

/**
 * Where the word is told, the text around it, with the word itself left out; undefined where not.
 * @param {string} text
 * @returns {string | undefined}
 */
export function tellingPart(text) {
  const index = text.search(spelt);
  if (index === -1) return undefined;
  const around = text.slice(Math.max(0, index - 120), index + 160);
  return around.replace(spelt, '[planted]').replace(/\s+/g, ' ').trim();
}

/** @param {number} offset */
function base64At(offset) {
  const encoded = Buffer.from(`${'\0'.repeat(offset)}${plantedWord}`).toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + plantedWord.length) * 8) / 6);
  return encoded.slice(first, last).replace(/[+/]/g, '\\$&');
}
