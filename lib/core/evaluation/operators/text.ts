/**
 * `icontains`, `starts_with`, `ends_with` and their negations: the texts are compared without
 * regard to the case of A to Z; other letters must be equal.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed } from '../match.js';
import { isLowerAscii, lowerAscii } from './letter-case.js';
import { type CompileOperator, propertyTest } from './property-test.js';
import { searchFor } from './text-search.js';
import { textOf } from './value-text.js';

type Search = (text: string) => boolean;

const startsWith =
  (wanted: string): Search =>
  (text) =>
    text.startsWith(wanted);
const endsWith =
  (wanted: string): Search =>
  (text) =>
    text.endsWith(wanted);

export const compileContains = textOperator(searchFor, true);
export const compileNotContains = textOperator(searchFor, false);
export const compileStartsWith = textOperator(startsWith, true);
export const compileNotStartsWith = textOperator(startsWith, false);
export const compileEndsWith = textOperator(endsWith, true);
export const compileNotEndsWith = textOperator(endsWith, false);

/** A longer text is folded at once: searching it twice would cost more. */
const longestSearchedTwice = 1_000;

function textOperator(compile: (wanted: string) => Search, whenFound: boolean): CompileOperator {
  return (filter: PropertyFilter) => {
    const given = textOf(filter.value);
    if (given === undefined) return propertyTest(() => failed, true);
    const search = compile(lowerAscii(given));
    return propertyTest((value) => {
      const text = textOf(value);
      if (text === undefined) return failed;
      return isFound(text, search) === whenFound;
    }, true);
  };
}

/** Folding changes no letter that was found, so it is only needed where none was. */
function isFound(text: string, search: Search): boolean {
  if (text.length > longestSearchedTwice) return search(lowerAscii(text));
  return search(text) || (!isLowerAscii(text) && search(lowerAscii(text)));
}
