/**
 * Where everything comes by that is printed or logged while a spec runs. A text that tells a planted
 * word fails the run at its end, with the place; to be called by every logger that tests give.
 */
import { inspect } from 'node:util';
import { LONGEST_SPELLING, tellingPart } from '../setup/planted-word.mjs';
import { report } from '../setup/printed-findings.mjs';

let whoRuns = (): string => 'outside a spec';

/** Says which test runs; without it this file works outside jest, too. */
export function namedBy(name: () => string): void {
  whoRuns = name;
}

/** @param place who has told it: `log`, `stdout`, … */
export function noticed(place: string, ...things: readonly unknown[]): void {
  for (const thing of things) {
    notice(place, typeof thing === 'string' ? thing : inspect(thing, inFull));
  }
}

const inFull = { depth: 20, maxStringLength: Infinity, maxArrayLength: Infinity };

const tails = new Map<string, string>();

/** The same for what comes in pieces. */
export function noticedPiece(chunk: unknown, place: string): void {
  const piece = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
  const text = (tails.get(place) ?? '') + piece;
  tails.set(place, notice(place, text) ? '' : text.slice(-LONGEST_SPELLING));
}

function notice(place: string, text: string): boolean {
  const part = tellingPart(text);
  if (part === undefined) return false;
  report(`${whoRuns()}: ${place}: ${part}`);
  return true;
}
