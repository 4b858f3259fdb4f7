/**
 * The one error class of this library. It is thrown at configuration time and by ports
 * (a source, a cache); evaluation never throws, it answers *unresolved* with a reason.
 *
 * Recognise it with {@link isFlagsError}, not with `instanceof`: two copies of the package in
 * one process have two classes but share the brand.
 */

/** What kind of thing went wrong, for code; the message is for people. @publicApi */
export type FlagsErrorCode =
  | 'invalid-options'
  | 'invalid-definitions'
  | 'invalid-cache-provider'
  | 'cache-unavailable' // the store does not answer, or refuses to work
  | 'foreign-value' // something that is not ours lies under our name in the store
  | 'deadline-exceeded'
  | 'context-not-resolved'
  | 'invalid-argument' // a method was called with something that it cannot mean
  | 'not-delivered' // exposures were not taken by who was to have them
  | 'closed';

/** The facts of a {@link FlagsError}, apart from its message. @publicApi */
export interface FlagsErrorFacts {
  readonly code: FlagsErrorCode;
  /** The error underneath, when there is one. */
  readonly cause?: unknown;
}

const brand = Symbol.for('nestjs-feature-flags.error');

/**
 * An error of this library: says what failed, on what, why probably, and what to do.
 * Its message never holds a key, a secret or the value of a property.
 * @publicApi
 */
export class FlagsError extends Error {
  readonly code: FlagsErrorCode;

  constructor(message: string, facts: FlagsErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'FlagsError';
    this.code = facts.code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for a {@link FlagsError} of any copy of this package. @publicApi */
export function isFlagsError(value: unknown): value is FlagsError {
  return typeof value === 'object' && value !== null && brand in value;
}
