/**
 * Last known answers in the memory of this process: of so many persons, those that were asked
 * about last. A `Map` keeps the order of insertion, which is all that "least recently used" needs.
 */
import type { FallbackCache, KnownAnswer } from '../../core/remote/fallback-cache.js';

/** A person with more flags than this keeps those that were answered last. */
const MOST_FLAGS = 10_000;

export class MemoryFallbackCache implements FallbackCache {
  readonly description = 'memory';
  private readonly persons = new Map<string, Map<string, KnownAnswer>>();

  /** @param size of how many persons answers are kept, at least 1 */
  constructor(private readonly size: number) {}

  read(person: string, keys: readonly string[]): ReadonlyMap<string, KnownAnswer> {
    const known = this.persons.get(person);
    const found = new Map<string, KnownAnswer>();
    if (known === undefined) return found;
    this.use(person, known);
    for (const key of keys) {
      const answer = known.get(key);
      if (answer !== undefined) found.set(key, answer);
    }
    return found;
  }

  write(person: string, answers: readonly KnownAnswer[]): void {
    const known = this.persons.get(person) ?? new Map<string, KnownAnswer>();
    for (const answer of answers) {
      known.delete(answer.key);
      known.set(answer.key, answer);
    }
    forgetOldest(known, MOST_FLAGS);
    this.use(person, known);
    forgetOldest(this.persons, this.size);
  }

  clear(): void {
    this.persons.clear();
  }

  private use(person: string, known: Map<string, KnownAnswer>): void {
    this.persons.delete(person);
    this.persons.set(person, known);
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
