/**
 * `exact` and `is_not`. Two comparisons live here: by truth, when the filter asks for true or
 * false in any spelling, and by text without regard to case otherwise. Which one applies where
 * is PostHog's history; `property_matching_version` 2 keeps the first for `[]` only.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { type Match, missingContext, type Unknown, unsupported } from '../match.js';
import { isJsonValue, jsonText } from './json-text.js';
import { isLowerAscii } from './letter-case.js';
import {
  type OperatorRules,
  propertyTest,
  type PropertyTest,
  unusableFilter,
} from './property-test.js';
import { isTrue, isTruthLike } from './truth.js';
import { longestText } from './value-text.js';

/** In values, and in UTF-16 units of all of them: more than any filter that people fill. */
const [longestList, longestListText] = [50_000, 5 * longestText];

export function compileExact(filter: PropertyFilter, rules: OperatorRules): PropertyTest {
  const wanted = filter.value;
  const asksForTruth = isTruthLike(wanted);
  if (asksForTruth && !rules.strictTruth) return truthComparison(isTrue(wanted));
  if (Array.isArray(wanted) && wanted.length === 0) return truthComparison(true);
  const list: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  if (isTooLong(list)) return unusableFilter(unsupported, true);
  const comparison = textComparison(list, rules);
  return asksForTruth ? neverEqualToNumbers(comparison) : comparison;
}

export function compileIsNot(filter: PropertyFilter, rules: OperatorRules): PropertyTest {
  const exact = compileExact(filter, rules);
  return {
    ...exact,
    test: (value, run) => {
      const match = exact.test(value, run);
      return typeof match === 'boolean' ? !match : match;
    },
  };
}

/** One that would take too long to prepare, or to keep. */
function isTooLong(list: readonly unknown[]): boolean {
  if (list.length > longestList) return true;
  let charactersLeft = longestListText;
  for (const item of list) if (typeof item === 'string') charactersLeft -= item.length;
  return charactersLeft < 0;
}

/** `false` matches whatever is not true: "banana", 0, null. */
function truthComparison(wanted: boolean): PropertyTest {
  return propertyTest(
    (value) => (isJsonValue(value) ? isTrue(value) === wanted : missingContext),
    true,
  );
}

function neverEqualToNumbers(comparison: PropertyTest): PropertyTest {
  return {
    ...comparison,
    test: (value, run) => {
      if (typeof value !== 'number') return comparison.test(value, run);
      return Number.isFinite(value) ? false : missingContext;
    },
  };
}

/**
 * Equal to one of the wanted values, tried in their order: a wanted value without a text makes
 * the filter unusable only for values that none before it equals.
 */
function textComparison(wanted: readonly unknown[], rules: OperatorRules): PropertyTest {
  const texts = wanted.map((item) => foldedText(item, rules));
  const firstUnusable = texts.indexOf(undefined);
  const isWanted = membershipOf(firstUnusable < 0 ? texts : texts.slice(0, firstUnusable));
  const whenAbsent: Unknown = firstUnusable < 0 ? missingContext : unsupported;
  const whenUnequal: Match = firstUnusable < 0 ? false : unsupported;
  const [first] = texts;
  return {
    test: (value) => {
      // A folded text stays the same when it is folded: whoever has this very one needs no folding.
      if (value === first) return true;
      const text = foldedText(value, rules);
      if (text === undefined) return whenAbsent;
      return isWanted(text) || whenUnequal;
    },
    whenAbsent,
    acceptsNull: true,
  };
}

/** Mostly one text is wanted, and comparing with one needs no hash of the value. */
function membershipOf(texts: readonly (string | undefined)[]): (text: string) => boolean {
  const usable = new Set(texts);
  const [only] = texts;
  return usable.size === 1 ? (text) => text === only : (text) => usable.has(text);
}

function foldedText(value: unknown, rules: OperatorRules): string | undefined {
  if (typeof value === 'string' && value.length <= longestText && isLowerAscii(value)) return value;
  return jsonText(value, rules.integersAreComparable)?.toLowerCase();
}
