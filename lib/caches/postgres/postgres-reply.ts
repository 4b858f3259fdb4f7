/**
 * Reads what a function answered: JSON as text, so that no parser of types that an app has set for
 * its own queries changes it. An answer of another shape comes from something that is not ours, and
 * is an error, never a guess.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export class PostgresReply {
  private constructor(private readonly values: readonly unknown[]) {}

  /** @throws FlagsError `cache-unavailable` when it is no array of at least this length. */
  static of(reply: unknown, length: number): PostgresReply {
    if (Array.isArray(reply) && reply.length >= length) return new PostgresReply(reply);
    throw strange(reply);
  }

  number(index: number): number {
    const value = this.values[index];
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw strange(value);
  }

  optionalNumber(index: number): number | undefined {
    return this.isNone(index) ? undefined : this.number(index);
  }

  text(index: number): string {
    const value = this.values[index];
    if (typeof value === 'string') return value;
    throw strange(value);
  }

  /** Undefined for none, and for the empty text. */
  optionalText(index: number): string | undefined {
    return this.isNone(index) || this.values[index] === '' ? undefined : this.text(index);
  }

  list(index: number): readonly unknown[] {
    const value = this.values[index];
    if (Array.isArray(value)) return value as unknown[];
    throw strange(value);
  }

  private isNone(index: number): boolean {
    return this.values[index] === null || this.values[index] === undefined;
  }
}

/** @param text as a function answers; null where it has nothing to say. */
export function replyIn(text: unknown): unknown {
  if (text === null) return undefined;
  if (typeof text !== 'string') throw strange(text);
  try {
    return JSON.parse(text);
  } catch {
    throw strange(text);
  }
}

function strange(reply: unknown): FlagsError {
  return new FlagsError(
    `PostgreSQL answered with ${Array.isArray(reply) ? `an array of ${reply.length}` : typeof reply}, which is not what our functions answer; check that nobody has replaced them (postgresCacheSql() gives them anew) and that a real pool of pg is behind the cache.`,
    { code: 'cache-unavailable' },
  );
}
