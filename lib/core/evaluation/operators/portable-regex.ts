/**
 * Which regexes mean the same in JavaScript, in PostHog's server (Rust) and in its other SDKs:
 * ASCII without look-around, back-references, word borders, named groups or inline flags, and
 * without the corners in which the dialects part. This is the subset that posthog-node decides
 * locally; a pattern outside it is left to the server.
 */

/** What stood before, as far as a quantifier cares. */
type Previous = 'nothing' | 'anchor' | 'open' | 'empty-group' | 'atom';

interface Token {
  readonly end: number;
  readonly previous: Previous;
  /** The text of a character class. */
  readonly characterClass?: string;
}

/** A pattern that breaks off (a class left open, a last backslash): invalid in every dialect. */
const brokenOff = 'broken-off';
const notPortable = 'not-portable';

const escape = /\\(?:x[\da-fA-F]{2}|[dDsSwWfnrtv\x20-\x2f:;=?@\x5b-\x60\x7b-\x7e])/y;
const classElement =
  /\\(?:x[\da-fA-F]{2}|[dDsSwWbBfnrtv\x20-\x2f:;=?@\x5b-\x60\x7b-\x7e])|(?!&&|--|~~|[[\]\\])\p{ASCII}/uy;
const repetition = /\{(\d+)(?:,(\d*))?\}/y;
const mostRepetitions = 0xffff_ffff;

/**
 * The character classes of a pattern in the portable subset; undefined for a pattern outside it.
 * Whether the pattern is valid is another question.
 */
export function portableClasses(pattern: string): readonly string[] | undefined {
  const classes: string[] = [];
  let previous: Previous = 'nothing';
  for (let at = 0; at < pattern.length;) {
    const token = tokenAt(pattern, at, previous);
    if (token === notPortable) return undefined;
    if (token === brokenOff) break;
    if (token.characterClass !== undefined) classes.push(token.characterClass);
    previous = token.previous;
    at = token.end;
  }
  return classes;
}

type Reading = Token | typeof brokenOff | typeof notPortable;

function tokenAt(pattern: string, at: number, previous: Previous): Reading {
  const character = pattern.charAt(at);
  switch (character) {
    case '\\':
      return escapeAt(pattern, at);
    case '[':
      return classAt(pattern, at);
    case '(':
      return groupAt(pattern, at);
    case ')': {
      const isEmpty = previous === 'open' || previous === 'empty-group';
      return { end: at + 1, previous: isEmpty ? 'empty-group' : 'atom' };
    }
    case '{':
      return repetitionAt(pattern, at, previous);
    case '*':
    case '+':
    case '?':
      return cannotRepeat(previous) ? notPortable : quantifierEnd(pattern, at + 1);
    case '}':
      return quantifierEnd(pattern, at + 1);
    case '^':
    case '$':
      return { end: at + 1, previous: 'anchor' };
    case '|':
      return { end: at + 1, previous: 'nothing' };
    default:
      return character > '\x7f' ? notPortable : { end: at + 1, previous: 'atom' };
  }
}

function escapeAt(pattern: string, at: number): Reading {
  if (at === pattern.length - 1) return brokenOff;
  const end = endOf(escape, pattern, at);
  return end === undefined ? notPortable : { end, previous: 'atom' };
}

function classAt(pattern: string, start: number): Reading {
  const first = start + (pattern.charAt(start + 1) === '^' ? 2 : 1);
  if (pattern.charAt(first) === ']') return notPortable;
  for (let at = first; at < pattern.length;) {
    if (pattern.charAt(at) === ']') {
      const end = at + 1;
      return { end, previous: 'atom', characterClass: pattern.slice(start, end) };
    }
    if (pattern.charAt(at) === '\\' && at === pattern.length - 1) break;
    const end = endOf(classElement, pattern, at);
    if (end === undefined) return notPortable;
    at = end;
  }
  return brokenOff;
}

function groupAt(pattern: string, at: number): Reading {
  if (pattern.charAt(at + 1) !== '?') return { end: at + 1, previous: 'open' };
  return pattern.charAt(at + 2) === ':' ? { end: at + 3, previous: 'open' } : notPortable;
}

function repetitionAt(pattern: string, at: number, previous: Previous): Reading {
  repetition.lastIndex = at;
  const [text, ...counts] = repetition.exec(pattern) ?? [];
  if (text === undefined || previous === 'nothing' || previous === 'open') return notPortable;
  if (cannotRepeat(previous) || counts.some((count) => Number(count) > mostRepetitions)) {
    return notPortable;
  }
  return quantifierEnd(pattern, at + text.length);
}

function cannotRepeat(previous: Previous): boolean {
  return previous === 'anchor' || previous === 'empty-group';
}

/** Possessive (`a++`) and doubled (`a*{2}`) quantifiers have no common meaning. */
function quantifierEnd(pattern: string, end: number): Reading {
  const next = pattern.charAt(end);
  return next === '+' || next === '{' ? notPortable : { end, previous: 'atom' };
}

function endOf(token: RegExp, pattern: string, at: number): number | undefined {
  token.lastIndex = at;
  return token.test(pattern) ? token.lastIndex : undefined;
}
