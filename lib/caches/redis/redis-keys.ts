/**
 * The names of one cache in Redis. All carry one hash tag, so that in a cluster they lie on one
 * node and a script may touch them together. The format is part of the name: versions of this
 * package that write another format have keys of their own and cannot disturb each other.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export interface RedisKeys {
  /** Hash: what the rules of claims remember, and the head of the record. */
  readonly claims: string;
  /** Hash: one field for each instance. */
  readonly members: string;
  /** What the key of every body begins with; the revision follows. */
  readonly bodies: string;
  /** Channel on which a new revision is announced. */
  readonly channel: string;
}

/** @throws FlagsError `invalid-options` for a namespace that cannot be a hash tag. */
export function redisKeys(namespace: string): RedisKeys {
  if (!/^[^{}\s\p{Cc}]{1,200}$/u.test(namespace)) {
    throw new FlagsError(
      'The namespace of a Redis cache must have 1 to 200 characters, without braces, blanks and control characters.',
      { code: 'invalid-options' },
    );
  }
  const prefix = `flags:v1:{${namespace}}`;
  return {
    claims: `${prefix}:claims`,
    members: `${prefix}:members`,
    bodies: `${prefix}:body:`,
    channel: `${prefix}:changed`,
  };
}

export function bodyKey(keys: RedisKeys, revision: number): string {
  return `${keys.bodies}${revision.toFixed(0)}`;
}
