/**
 * The text by which PostHog's server compares values in `exact`: strings as they are, anything
 * else as compact JSON with sorted keys. A value that JSON cannot carry has no such text.
 */

import { longestText } from './value-text.js';

/** Far more than an honest property needs; it also ends the walk through a circular value. */
const mostValues = 20_000;
const deepestNesting = 500;

interface Walk {
  valuesLeft: number;
  /** Of texts and of names of members; one text may stand in a value a thousand times. */
  charactersLeft: number;
  readonly integersAreComparable: boolean;
}

/**
 * Undefined when there is no text: a value that JSON cannot carry, or an integer unless they
 * are comparable (in JavaScript 5 may have been 5 or 5.0, which the server tells apart).
 */
export function jsonText(value: unknown, integersAreComparable: boolean): string | undefined {
  const walk = { valuesLeft: mostValues, charactersLeft: longestText, integersAreComparable };
  if (typeof value === 'string') return isUsable(value, walk) ? value : undefined;
  return serialize(value, walk, 0);
}

/** True when JSON can carry the value. */
export function isJsonValue(value: unknown): boolean {
  return jsonText(value, true) !== undefined;
}

function serialize(value: unknown, walk: Walk, depth: number): string | undefined {
  walk.valuesLeft -= 1;
  if (walk.valuesLeft < 0 || depth > deepestNesting) return undefined;
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return isUsable(value, walk) ? JSON.stringify(value) : undefined;
    case 'boolean':
      return String(value);
    case 'number':
      return numberText(value, walk.integersAreComparable);
    case 'object':
      return Array.isArray(value)
        ? serializeArray(value, walk, depth)
        : serializeObject(value as Record<string, unknown>, walk, depth);
    default:
      return undefined;
  }
}

function numberText(value: number, integersAreComparable: boolean): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !integersAreComparable ? undefined : String(value);
}

function serializeArray(array: readonly unknown[], walk: Walk, depth: number): string | undefined {
  if (array.length > walk.valuesLeft) return undefined;
  const parts: string[] = [];
  for (let index = 0; index < array.length; index++) {
    // A hole is null in JSON, an element that is undefined has no text.
    const part = index in array ? serialize(array[index], walk, depth + 1) : 'null';
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return `[${parts.join(',')}]`;
}

function serializeObject(
  object: Readonly<Record<string, unknown>>,
  walk: Walk,
  depth: number,
): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && prototype !== Object.prototype) return undefined;
  const keys = Object.keys(object);
  if (keys.length > walk.valuesLeft) return undefined;
  const parts: string[] = [];
  for (const key of keys.sort(byCodePoint)) {
    const part = isUsable(key, walk) ? serialize(object[key], walk, depth + 1) : undefined;
    if (part === undefined) return undefined;
    parts.push(`${JSON.stringify(key)}:${part}`);
  }
  return `{${parts.join(',')}}`;
}

/** The order of code points is the order of UTF-8 bytes; that of UTF-16 units is another. */
function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a !== b) return rankOf(a) - rankOf(b);
  }
  return left.length - right.length;
}

/** Halves of pairs stand for code points above all that one unit can hold. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}

const loneSurrogate = /\p{Surrogate}/u;

/** Whether JSON can carry the text, and it is not too much. */
function isUsable(text: string, walk: Walk): boolean {
  walk.charactersLeft -= text.length;
  return walk.charactersLeft >= 0 && !loneSurrogate.test(text);
}
