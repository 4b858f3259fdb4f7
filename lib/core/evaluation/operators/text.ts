/**
 * `icontains`, `starts_with`, `ends_with` and their negations: the texts are compared without
 * regard to the case of A to Z; other letters must be equal.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed } from '../match.js';
import { type CompileOperator, propertyTest } from './property-test.js';
import { textOf } from './value-text.js';

type TextComparison = (text: string, wanted: string) => boolean;

export const compileContains = textOperator((text, wanted) => text.includes(wanted));
export const compileNotContains = textOperator((text, wanted) => !text.includes(wanted));
export const compileStartsWith = textOperator((text, wanted) => text.startsWith(wanted));
export const compileNotStartsWith = textOperator((text, wanted) => !text.startsWith(wanted));
export const compileEndsWith = textOperator((text, wanted) => text.endsWith(wanted));
export const compileNotEndsWith = textOperator((text, wanted) => !text.endsWith(wanted));

function textOperator(compare: TextComparison): CompileOperator {
  return (filter: PropertyFilter) => {
    const wanted = foldedTextOf(filter.value);
    return propertyTest((value) => {
      const text = foldedTextOf(value);
      return text === undefined || wanted === undefined ? failed : compare(text, wanted);
    }, true);
  };
}

const notAscii = /\P{ASCII}/u;
const upperCase = /[A-Z]+/g;

function foldedTextOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || !notAscii.test(text)) return text?.toLowerCase();
  return text.replace(upperCase, (letters) => letters.toLowerCase());
}
