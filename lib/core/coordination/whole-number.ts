/**
 * Numbers as stores of claims count: whole, not negative, and far below what a double can still
 * tell apart. Tokens are near the clock in milliseconds (about 2 ** 41); the limits leave them
 * room for ever and stop a number that was tampered with from exhausting the counter.
 */

/** A stored number above this was not written by these rules: it counts as lost. */
export const HIGHEST_STORED = 2 ** 52;

/** A number that an instance brings along is believed up to here, so that room is left above. */
export const HIGHEST_FROM_CALLER = 2 ** 51;

/** The number, rounded and not below 0; 0 for one that is no number or beyond the limit. */
export function wholeNumber(value: number, limit = HIGHEST_STORED): number {
  const rounded = Math.max(0, Math.round(value));
  return rounded <= limit ? rounded : 0;
}
