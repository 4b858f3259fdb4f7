/**
 * Reads what a script answered. Scripts answer numbers and texts, null for none; a client may
 * hand numbers over as text. An answer of another shape comes from something that is no Redis,
 * and is an error, never a guess.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export class RedisReply {
  private constructor(private readonly values: readonly unknown[]) {}

  /** @throws FlagsError `cache-unavailable` when it is no array of at least this length. */
  static of(reply: unknown, length: number): RedisReply {
    if (Array.isArray(reply) && reply.length >= length) return new RedisReply(reply);
    throw strange(reply);
  }

  number(index: number): number {
    return numberOf(this.values[index]);
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

  private isNone(index: number): boolean {
    return this.values[index] === null || this.values[index] === undefined;
  }
}

/** @throws FlagsError `cache-unavailable` when it is no whole number. */
export function numberOf(reply: unknown): number {
  const value = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw strange(reply);
}

function strange(reply: unknown): FlagsError {
  return new FlagsError(
    `Redis answered a script with ${Array.isArray(reply) ? `an array of ${reply.length}` : typeof reply}, which is not what the script answers; check that a real Redis (5 or newer) is behind the connection.`,
    { code: 'cache-unavailable' },
  );
}
