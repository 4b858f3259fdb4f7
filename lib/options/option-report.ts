/**
 * Reads options of unknown shape and collects what is wrong with them, so that somebody who made
 * three mistakes is told of three, numbered, each with what was got, what is expected and what to
 * do. Texts that may hold a password are not repeated.
 */
import { FlagsError } from '../core/errors/flags-error.js';
import { didYouMean } from '../log/did-you-mean.js';

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

export type Written = Readonly<Record<string, unknown>>;

export class OptionReport {
  private readonly mistakes: string[] = [];

  constructor(private readonly subject: string) {}

  /** Notes a mistake: one or two sentences, without the name. */
  mistake(name: string, what: string): void {
    this.mistakes.push(`${name}: ${what}`);
  }

  /** @throws FlagsError `invalid-options` when anything was wrong. */
  throwIfAny(): void {
    const { mistakes, subject } = this;
    if (mistakes.length === 0) return;
    const count = mistakes.length === 1 ? '1 option is' : `${mistakes.length} options are`;
    const list = mistakes.map((mistake, index) => `\n  ${index + 1}. ${mistake}`).join('');
    throw new FlagsError(`${subject}: ${count} wrong.${list}`, { code: 'invalid-options' });
  }

  /** The value as an object with known names only; an empty one if it is none. */
  record(
    name: string,
    value: unknown,
    known: readonly string[],
    prefix: string = `${name}.`,
  ): Written {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.mistake(name, `got ${describe(value)}, expected an object with ${known.join(', ')}.`);
      return {};
    }
    this.knownNames(value, known, prefix);
    return value as Written;
  }

  /** A duration in milliseconds. */
  durationMs(name: string, value: unknown, range: NumberRange): number {
    return this.number(name, value, range, 'a number of milliseconds');
  }

  /** A number in a range; `what` says of what. */
  number(name: string, value: unknown, { min, max, fallback }: NumberRange, what: string): number {
    if (value === undefined) return fallback;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.mistake(
      name,
      `got ${describeWord(value)}, expected ${what} from ${min} to ${max}. Leave it out for ${fallback}.`,
    );
    return fallback;
  }

  /** True or false. */
  boolean(name: string, value: unknown, fallback: boolean): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    const hint =
      value === 'true' || value === 'false' ? ' An environment variable is text: convert it.' : '';
    this.mistake(name, `got ${describeWord(value)}, expected true or false.${hint}`);
    return fallback;
  }

  /** One of a few words. */
  oneOf<T extends string, F extends T | undefined>(
    name: string,
    value: unknown,
    words: readonly T[],
    fallback: F,
  ): T | F {
    if (value === undefined) return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const expected = words.map((candidate) => `'${candidate}'`).join(' or ');
    const hint = typeof value === 'string' ? didYouMean(value, words) : '';
    this.mistake(name, `got ${describeWord(value)}, expected ${expected}.${hint}`);
    return fallback;
  }

  /** A list whose items all fit; `what` says what they are. */
  list<T>(
    name: string,
    value: unknown,
    fits: (item: unknown) => item is T,
    what: string,
  ): readonly T[] | undefined {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.mistake(name, `got ${describe(value)}, expected a list of ${what}.`);
      return undefined;
    }
    const wrong = value.findIndex((item) => !fits(item));
    if (wrong === -1) return [...(value as readonly T[])];
    this.mistake(`${name}[${wrong}]`, `got ${describe(value[wrong])}, expected ${what}.`);
    return undefined;
  }

  private knownNames(value: object, known: readonly string[], prefix: string): void {
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      this.mistake(
        `${prefix}${name}`,
        `there is no such option.${didYouMean(name, known)} There are ${known.join(', ')}.`,
      );
    }
  }
}

/** What was got, for people: by its kind, so that a key in the wrong place is not printed. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return `a text of ${value.length} letters`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'function':
      return value.name === '' ? 'a function' : `the function or class ${value.name}`;
    default:
      return `a value of the kind ${typeof value}`;
  }
}

/** The same where a short word is expected, and no secret can be meant. */
function describeWord(value: unknown): string {
  const isWord = typeof value === 'string' && /^[\w.-]{1,20}$/.test(value);
  return isWord ? `'${value}'` : describe(value);
}
