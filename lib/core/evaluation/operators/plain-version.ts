/**
 * Versions of the common form `1.22.3`, read digit by digit: no copies, no regexes. Whatever has
 * another form (a prefix, a pre-release, spaces, leading zeros, more or fewer parts) is not
 * refused here, but left to the parser that knows all forms.
 */

export type Version = readonly [major: number, minor: number, patch: number];

const [dot, zero, nine] = [0x2e, 0x30, 0x39];
/** With more digits a sum in doubles could differ from reading the number at once. */
const mostDigits = 15;

/** One for the process, filled anew each time: compare it before the next is read. */
const parts: [number, number, number] = [0, 0, 0];

/** Undefined for a text of another form. The result is valid until the next call. */
export function readPlainVersion(text: string): Version | undefined {
  let at = 0;
  for (let part = 0; part < 3; part++) {
    if (part > 0 && text.charCodeAt(at++) !== dot) return undefined;
    const end = digitsEnd(text, at);
    const hasLeadingZero = text.charCodeAt(at) === zero && end > at + 1;
    if (end === at || end - at > mostDigits || hasLeadingZero) return undefined;
    parts[part] = numberAt(text, at, end);
    at = end;
  }
  return at === text.length ? parts : undefined;
}

function digitsEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code < zero || code > nine) break;
    end++;
  }
  return end;
}

function numberAt(text: string, from: number, end: number): number {
  let number = 0;
  for (let index = from; index < end; index++) number = number * 10 + text.charCodeAt(index) - zero;
  return number;
}
