/**
 * `regex` and `not_regex`. Only patterns and values that mean the same in every engine are
 * decided here: ASCII, and the portable part of the syntax. The rest is left to the server.
 *
 * No pattern can block the event loop: the engine of the platform runs it only on values so
 * short that even the worst case is cheap; longer ones go to an engine of linear time, as long as
 * that is cheap; and what neither can bound is left to the server, too.
 */
import { RE2JS } from 're2js';
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed, type Match, unsupportedRegex } from '../match.js';
import { isStrictClass, nativeRegex } from './native-regex.js';
import { portableClasses } from './portable-regex.js';
import { type CompileOperator, propertyTest } from './property-test.js';
import { readRegex, type RegexReading } from './regex-reader.js';
import { textOf } from './value-text.js';

export const compileRegex = regexOperator((found) => found);
export const compileNotRegex = regexOperator((found) => !found);

type Search = (text: string) => Match;

/** Reading a longer one takes milliseconds. */
const longestPattern = 10_000;
/** What the worst search may cost, in steps of a backtracking engine: about half a millisecond. */
const mostSteps = 250_000;
/** The same where the linear engine would take longer. */
const mostStepsAtWorst = 1_000_000;
/** Of the linear engine, which carries every part of a pattern along a text: ten milliseconds. */
const mostLinearSteps = 150_000;
/** It takes milliseconds to prepare a pattern of more parts. */
const mostLinearParts = 2_000;

function regexOperator(answer: (found: boolean) => boolean): CompileOperator {
  return (filter: PropertyFilter) => {
    const pattern = textOf(filter.value);
    if (pattern === undefined) return propertyTest(() => failed, true);
    const search = compileSearch(pattern, answer);
    return propertyTest((value) => {
      const text = textOf(value);
      return text === undefined ? failed : search(text);
    }, true);
  };
}

function compileSearch(pattern: string, answer: (found: boolean) => boolean): Search {
  if (pattern === '') return () => answer(true);
  if (pattern.length > longestPattern) return () => unsupportedRegex;
  const classes = portableClasses(pattern);
  if (classes === undefined) return () => unsupportedRegex;
  const native = nativeRegex(pattern);
  // An invalid pattern matches nothing, and `not_regex` with it neither.
  if (native === undefined) return () => false;
  if (!classes.every(isStrictClass)) return () => unsupportedRegex;
  const reading = readRegex(pattern);
  if (reading === undefined) return () => unsupportedRegex;
  return boundedSearch(native, reading, answer);
}

function boundedSearch(
  native: RegExp,
  reading: RegexReading,
  answer: (found: boolean) => boolean,
): Search {
  const longestNative = reading.longestTextWithin(mostSteps);
  const { linearSize } = reading;
  const longestLinear = linearSize > mostLinearParts ? -1 : mostLinearSteps / linearSize;
  const longestNativeAtWorst = reading.longestTextWithin(mostStepsAtWorst);
  let linear: RE2JS | 'refused' | undefined;
  return (text) => {
    if (!isPortableText(text)) return unsupportedRegex;
    if (text.length <= longestNative) return answer(native.test(text));
    if (text.length <= longestLinear) {
      linear ??= linearRegex(reading.translation);
      if (linear !== 'refused') return answer(linear.test(text));
    }
    return text.length <= longestNativeAtWorst ? answer(native.test(text)) : unsupportedRegex;
  };
}

/** The linear engine refuses some patterns, e.g. a repetition beyond 1000. */
function linearRegex(translation: string): RE2JS | 'refused' {
  try {
    return RE2JS.compile(translation);
  } catch {
    return 'refused';
  }
}

// Engines disagree on what a carriage return ends and on what lies beyond ASCII.
const notPortable = /\P{ASCII}|\r/u;

function isPortableText(text: string): boolean {
  return !notPortable.test(text);
}
