/**
 * `gt`, `gte`, `lt`, `lte`: as numbers when both sides begin with one ("10abc" counts as 10),
 * otherwise as texts, by UTF-16 code unit.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed } from '../match.js';
import { type CompileOperator, propertyTest } from './property-test.js';
import { textOf } from './value-text.js';

type Comparison = <T extends number | string>(value: T, wanted: T) => boolean;

export const compileGreater = numericOperator((value, wanted) => value > wanted);
export const compileGreaterOrEqual = numericOperator((value, wanted) => value >= wanted);
export const compileLess = numericOperator((value, wanted) => value < wanted);
export const compileLessOrEqual = numericOperator((value, wanted) => value <= wanted);

function numericOperator(compare: Comparison): CompileOperator {
  return (filter: PropertyFilter) => {
    const wantedText = textOf(filter.value);
    if (wantedText === undefined) return propertyTest(() => failed);
    const wanted = Number.parseFloat(wantedText);
    const isNumeric = Number.isFinite(wanted);
    return propertyTest((value) => {
      if (typeof value === 'number' && isNumeric && Number.isFinite(value)) {
        return compare(value, wanted);
      }
      const text = textOf(value);
      if (text === undefined) return failed;
      const number = Number.parseFloat(text);
      return isNumeric && Number.isFinite(number)
        ? compare(number, wanted)
        : compare(text, wantedText);
    });
  };
}
