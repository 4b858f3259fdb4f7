/**
 * JSON text that somebody else has written. What is none is undefined, and the parser's error is
 * dropped: it quotes what it read.
 */
import { isObject } from './given-value.js';

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The same where only an object will do. */
export function jsonObjectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = jsonIn(text);
  return isObject(value) && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
