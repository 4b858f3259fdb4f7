/**
 * `is_date_before` and `is_date_after`. The filter names a moment, or a span back from now
 * (`-3d`, `6h`, `1m`); the property holds a Date, a text that `Date` reads, or milliseconds.
 * Equal moments match neither.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import type { EvaluationRun } from '../evaluation-run.js';
import { failed, missingContext } from '../match.js';
import { type CompileOperator, propertyTest, unusableFilter } from './property-test.js';
import { parseRelativeDate } from './relative-date.js';
import { readUtcTimestamp } from './utc-timestamp.js';
import { longestText, textOf } from './value-text.js';

export const compileDateBefore = dateOperator((atMs, borderMs) => atMs < borderMs);
export const compileDateAfter = dateOperator((atMs, borderMs) => atMs > borderMs);

function dateOperator(compare: (atMs: number, borderMs: number) => boolean): CompileOperator {
  return (filter: PropertyFilter) => {
    if (typeof filter.value === 'boolean') return unusableFilter();
    const text = textOf(filter.value);
    if (text === undefined) return unusableFilter(failed);
    const border = borderOf(filter.value, text);
    if (border === undefined) return unusableFilter();
    return propertyTest((value, run) => {
      const atMs = instantOf(value);
      if (atMs !== undefined) return compare(atMs, border(run));
      return isShowable(value) ? missingContext : failed;
    });
  };
}

/** The moment to compare with: fixed, or reckoned back from the evaluation's now. */
function borderOf(wanted: unknown, text: string): ((run: EvaluationRun) => number) | undefined {
  const relative = parseRelativeDate(text);
  if (relative !== undefined) return (run) => relative(run.nowMs());
  const fixedMs = instantOf(wanted);
  return fixedMs === undefined ? undefined : () => fixedMs;
}

/** Undefined for what is no date; NaN, which no comparison accepts, for an invalid Date. */
function instantOf(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (typeof value === 'string' && value.length > longestText) return undefined;
  const atMs =
    typeof value === 'string'
      ? (readUtcTimestamp(value) ?? Date.parse(value))
      : new Date(value).getTime();
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** posthog-node fails, where it means to say that this is no date, on a value it cannot show. */
function isShowable(value: unknown): boolean {
  return typeof value !== 'symbol' && textOf(value) !== undefined;
}
