/** What the cases assert, by node:assert alone, so that every runner understands a failure. */
import { deepStrictEqual, ok } from 'node:assert/strict';

/** The value has these fields, deeply equal; it may have more. */
export function assertHas(actual: object | undefined, expected: object, what?: string): void {
  ok(actual !== undefined, what ?? `there is nothing, expected ${JSON.stringify(expected)}`);
  const fields = Object.keys(expected);
  const found = fields.map((field) => [field, (actual as Record<string, unknown>)[field]]);
  deepStrictEqual(withoutUndefined(Object.fromEntries(found)), withoutUndefined(expected), what);
}

export function assertBetween(value: unknown, low: number, high: number, what: string): void {
  ok(
    typeof value === 'number' && value >= low && value <= high,
    `${what} is ${String(value)}, expected a number from ${low} to ${high}`,
  );
}

/**
 * The same without fields that are undefined, for one that is absent says no more; and of plain
 * objects alone, for a runner may have given the test prototypes of its own.
 */
export function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return Array.from(value, withoutUndefined) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutUndefined(field)])) as T;
}
