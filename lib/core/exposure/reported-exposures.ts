/**
 * Which exposures were reported already: each person, flag, value and groups once. It remembers
 * the persons that were seen last, of each the marks that were set last, and in all so many marks;
 * what is forgotten is reported again. Nothing is taken for something else: the mark `true` is not
 * the variant "true", and no two texts run into each other.
 */
import { createHash } from 'node:crypto';
import type { FlagValue } from '../evaluation/flag-evaluation.js';

export interface ReportedLimits {
  readonly persons: number;
  /** Of one person. */
  readonly marks: number;
  readonly marksInAll: number;
}

const defaultLimits: ReportedLimits = { persons: 50_000, marks: 1_000, marksInAll: 500_000 };

/** As many characters as a SHA-512 has in hexadecimal, less one: no shorter text is a digest. */
const LONGEST_TEXT = 127;

export class ReportedExposures {
  /** By person; who was seen last stands last. */
  private readonly persons = new Map<string, Set<string>>();
  private count = 0;

  constructor(private readonly limits: ReportedLimits = defaultLimits) {}

  /** How many marks it remembers. */
  get size(): number {
    return this.count;
  }

  has(distinctId: string, mark: string): boolean {
    const person = short(distinctId);
    const marks = this.persons.get(person);
    if (marks === undefined) return false;
    this.persons.delete(person);
    this.persons.set(person, marks);
    return marks.has(short(mark));
  }

  add(distinctId: string, mark: string): void {
    const person = short(distinctId);
    const marks = this.persons.get(person) ?? new Set<string>();
    this.persons.delete(person);
    this.persons.set(person, marks);
    this.count -= marks.size;
    marks.add(short(mark));
    if (marks.size > this.limits.marks) deleteFirst(marks);
    this.count += marks.size;
    this.forgetOldest();
  }

  clear(): void {
    this.persons.clear();
    this.count = 0;
  }

  private forgetOldest(): void {
    const { persons, marksInAll } = this.limits;
    for (const [person, marks] of this.persons) {
      const isWithin = this.persons.size <= persons && this.count <= marksInAll;
      if (isWithin || this.persons.size === 1) return;
      this.persons.delete(person);
      this.count -= marks.size;
    }
  }
}

/**
 * One text for what is reported once of a person. Each text in it is preceded by its length, each
 * value by what shows its type, so that it can be read in one way only.
 */
export function markOf(
  key: string,
  value: FlagValue | undefined,
  groups: Readonly<Record<string, string>>,
): string {
  let mark = sized(key) + valueMark(value);
  for (const type of Object.keys(groups).sort()) {
    mark += sized(type) + sized(String(groups[type]));
  }
  return mark;
}

function valueMark(value: FlagValue | undefined): string {
  if (typeof value === 'string') return `=${sized(value)}`;
  if (value === undefined) return '?';
  return value ? '+' : '-';
}

function sized(text: string): string {
  return `${text.length}:${text}`;
}

/** Ids may come from outside: so many characters of one are kept, and no more. */
function short(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  // As UTF-8 all halves of surrogate pairs would be one and the same.
  return createHash('sha512').update(text, 'utf16le').digest('hex');
}

function deleteFirst(marks: Set<string>): void {
  for (const first of marks) {
    marks.delete(first);
    return;
  }
}
