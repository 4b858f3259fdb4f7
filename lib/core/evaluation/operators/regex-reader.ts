/**
 * Reads a regex that is valid and portable, for two answers: how long a text a backtracking
 * engine may search in bounded time, and the same regex written for the linear engine, without
 * the spellings in which the two dialects differ (`\s` and `\v`, `$`, `[\b]`).
 *
 * The bound is an upper one: a quantifier over something that can itself match in several ways
 * counts as unbounded.
 */

export interface RegexReading {
  /** The regex for the linear engine. */
  readonly translation: string;
  /** Longest text that backtracking searches within these steps; negative when there is none. */
  longestTextWithin(steps: number): number;
  /** Of how many parts the linear engine makes it, at least: repetitions are written out. */
  readonly linearSize: number;
}

/** A piece of the regex: its translation, and in how many ways it can match at one place. */
interface Piece {
  readonly text: string;
  /** `ways * length ** degree` is the upper bound for a text of that length. */
  readonly ways: number;
  readonly degree: number;
  readonly size: number;
  readonly linearSize: number;
}

const deepestNesting = 100;
/** Below this many choices a counted quantifier is reckoned as a constant. */
const fewChoices = 16;

/** Undefined when groups are nested too deep. */
export function readRegex(pattern: string): RegexReading | undefined {
  const whole = new RegexReader(pattern).readAlternatives(0);
  if (whole === undefined) return undefined;
  const isAnchored = pattern.startsWith('^') && !pattern.includes('|');
  const degree = whole.degree + (isAnchored ? 0 : 1);
  const stepsPerWay = whole.ways * whole.size;
  return {
    translation: whole.text,
    linearSize: whole.linearSize,
    longestTextWithin: (steps) => {
      if (degree === 0) return stepsPerWay <= steps ? Infinity : -1;
      return Math.floor((steps / stepsPerWay) ** (1 / degree)) - 1;
    },
  };
}

const escapeToken = /\\(?:x..|.)/y;
const quantifierToken = /[*+?]|\{(\d+)(,(\d*))?\}/y;

class RegexReader {
  #at = 0;

  constructor(readonly pattern: string) {}

  readAlternatives(depth: number): Piece | undefined {
    if (depth > deepestNesting) return undefined;
    const first = this.#readSequence(depth);
    let whole = first;
    while (whole !== undefined && this.#skip('|')) {
      const next = this.#readSequence(depth);
      whole = next && {
        text: `${whole.text}|${next.text}`,
        ways: whole.ways + next.ways,
        degree: Math.max(whole.degree, next.degree),
        size: whole.size + next.size,
        linearSize: whole.linearSize + next.linearSize,
      };
    }
    return whole;
  }

  #readSequence(depth: number): Piece | undefined {
    let whole: Piece | undefined = { text: '', ways: 1, degree: 0, size: 1, linearSize: 1 };
    while (whole !== undefined && this.#isInSequence()) {
      const next = this.#readRepeated(depth);
      whole = next && {
        text: whole.text + next.text,
        ways: whole.ways * next.ways,
        degree: whole.degree + next.degree,
        size: whole.size + next.size,
        linearSize: whole.linearSize + next.linearSize,
      };
    }
    return whole;
  }

  #isInSequence(): boolean {
    return this.#at < this.pattern.length && !'|)'.includes(this.pattern.charAt(this.#at));
  }

  #readRepeated(depth: number): Piece | undefined {
    const once = this.#readAtom(depth);
    const [quantifier, count, rest, most] = this.#match(quantifierToken);
    if (once === undefined || quantifier === undefined) return once;
    // Whether a quantifier is lazy changes what is matched, not whether.
    this.#skip('?');
    // `+` costs what `*` does.
    const least = Number(count ?? 0);
    return repeat(once, quantifier, least, mostOf(quantifier, least, rest, most));
  }

  #readAtom(depth: number): Piece | undefined {
    if (this.#skip('(')) {
      this.#match(/\?:/y);
      const inner = this.readAlternatives(depth + 1);
      this.#skip(')');
      return inner && { ...inner, text: `(?:${inner.text})` };
    }
    if (this.#skip('[')) return atom(this.#readClass());
    const [escape] = this.#match(escapeToken);
    if (escape !== undefined) return atom(escapeText(escape));
    const character = this.#next();
    return atom(specialText[character] ?? hexText(character.charCodeAt(0)));
  }

  /** The inside of a class, every member spelled as a code or as a range of codes. */
  #readClass(): string {
    let text = this.#skip('^') ? '[^' : '[';
    while (!this.#skip(']')) {
      text += this.#readClassMember();
      const [range] = this.#match(/-(?!\])/y);
      if (range !== undefined) text += `-${this.#readClassMember()}`;
    }
    return `${text}]`;
  }

  #readClassMember(): string {
    const [escape] = this.#match(escapeToken);
    return escape === undefined ? hexText(this.#next().charCodeAt(0)) : classEscapeText(escape);
  }

  #next(): string {
    this.#at += 1;
    return this.pattern.charAt(this.#at - 1);
  }

  #skip(character: string): boolean {
    const isThere = this.pattern.charAt(this.#at) === character;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #match(token: RegExp): readonly (string | undefined)[] {
    token.lastIndex = this.#at;
    const found = token.exec(this.pattern);
    if (found !== null) this.#at = token.lastIndex;
    return found ?? [];
  }
}

/** The largest count of a quantifier; infinite for `*`, `+` and `{n,}`. */
function mostOf(quantifier: string, least: number, rest?: string, most?: string): number {
  if (quantifier === '?') return 1;
  if (quantifier.startsWith('{') && rest === undefined) return least;
  return most === undefined || most === '' ? Infinity : Number(most);
}

function repeat(once: Piece, quantifier: string, least: number, most: number): Piece {
  const text = once.text + quantifier;
  const size = once.size * Math.max(least, 1);
  const copies = Number.isFinite(most) ? most : least + 1;
  const sizes = { size, linearSize: once.linearSize * copies + 1 };
  const choices = most - least + 1;
  const isDeterministic = once.ways === 1 && once.degree === 0;
  if (isDeterministic && choices <= fewChoices) return { text, ...sizes, ways: choices, degree: 0 };
  if (isDeterministic) return { text, ...sizes, ways: 1, degree: 1 };
  // `(a|b)?` adds one way; anything that repeats a choice may multiply them without bound.
  const ways = most <= 1 ? once.ways + 1 : Infinity;
  return { text, ...sizes, ways, degree: once.degree };
}

function atom(text: string): Piece {
  return { text, ways: 1, degree: 0, size: 1, linearSize: 1 };
}

function hexText(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** Outside a class; `.` excludes the line feed only, since the texts hold no carriage return. */
const specialText: Readonly<Record<string, string>> = {
  '.': '[^\\n]',
  '^': '\\A',
  $: '\\z',
};

const controlCodes: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** White space within ASCII: JavaScript's includes the vertical tab, RE2's does not. */
const spaces = '\\x09-\\x0d\\x20';
const notSpaces = '\\x00-\\x08\\x0e-\\x1f\\x21-\\x7f';

function escapeText(escape: string): string {
  return escape === '\\s' || escape === '\\S'
    ? `[${classEscapeText(escape)}]`
    : classEscapeText(escape);
}

function classEscapeText(escape: string): string {
  const letter = escape.charAt(1);
  if (letter === 's') return spaces;
  if (letter === 'S') return notSpaces;
  if (letter === 'x' || 'dDwW'.includes(letter)) return escape;
  return hexText(controlCodes[letter] ?? letter.charCodeAt(0));
}
