/**
 * Classes of failures of a source, by who can do something about them: back-off, the turn of the
 * next instance, and health all rest on the same two.
 */
import type { FetchFailure } from './definition-source.js';

type FailureCode = FetchFailure['code'];

const denials: ReadonlySet<FailureCode> = new Set(['unauthorized', 'forbidden', 'quota-exceeded']);

const ownFailures: ReadonlySet<FailureCode> = new Set(['network', 'timeout']);

/** The source refuses: only a person can end that, and asking often does not help. */
export function isDenial(code: FailureCode): boolean {
  return denials.has(code);
}

/** Others may not have it: theirs may be another network, another address. */
export function isOwnFailure(code: FailureCode): boolean {
  return ownFailures.has(code);
}
