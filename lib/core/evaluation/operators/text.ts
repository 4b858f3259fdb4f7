/**
 * `icontains`, `starts_with`, `ends_with` and their negations: the texts are compared without
 * regard to the case of A to Z; other letters must be equal.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed } from '../match.js';
import { isLowerAscii } from './letter-case.js';
import { type CompileOperator, propertyTest } from './property-test.js';
import { textOf } from './value-text.js';

type Search = (text: string, wanted: string) => boolean;

const contains: Search = (text, wanted) => text.includes(wanted);
const startsWith: Search = (text, wanted) => text.startsWith(wanted);
const endsWith: Search = (text, wanted) => text.endsWith(wanted);

export const compileContains = textOperator(contains, true);
export const compileNotContains = textOperator(contains, false);
export const compileStartsWith = textOperator(startsWith, true);
export const compileNotStartsWith = textOperator(startsWith, false);
export const compileEndsWith = textOperator(endsWith, true);
export const compileNotEndsWith = textOperator(endsWith, false);

function textOperator(search: Search, whenFound: boolean): CompileOperator {
  return (filter: PropertyFilter) => {
    const given = textOf(filter.value);
    const wanted = given === undefined ? undefined : folded(given);
    return propertyTest((value) => {
      const text = textOf(value);
      if (text === undefined || wanted === undefined) return failed;
      // Folding changes no letter that was found, so it is only needed where none was.
      const isFound = search(text, wanted) || (!isLowerAscii(text) && search(folded(text), wanted));
      return isFound === whenFound;
    }, true);
  };
}

const upperCase = /[A-Z]+/g;

function folded(text: string): string {
  return text.replace(upperCase, (letters) => letters.toLowerCase());
}
