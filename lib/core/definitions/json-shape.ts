/**
 * A small vocabulary for saying what a part of a JSON document must look like. A shape looks at
 * a value and answers with the first problem, or with nothing. Objects stay open: fields that
 * are not mentioned are nobody's business. Values are never printed, only their types.
 * Shapes recurse as deep as the value: check `faultOfJson` first where the value is not trusted.
 */

/** What is wrong, and where inside the value. */
export interface ShapeProblem {
  /** E.g. `.filters.groups[2].rollout_percentage`; empty for the value itself. */
  readonly path: string;
  /** E.g. `must be a number, got a string`. */
  readonly text: string;
}

export type Shape = (value: unknown) => ShapeProblem | undefined;

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for an object that is neither null nor an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type of a value in words, with its article: `null`, `an array`, `a string`. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

export const text: Shape = (value) =>
  typeof value === 'string' ? undefined : mismatch('a string', value);

export const filledText: Shape = (value) =>
  value === '' ? { path: '', text: 'must not be empty' } : text(value);

export const trueOrFalse: Shape = (value) =>
  typeof value === 'boolean' ? undefined : mismatch('true or false', value);

export const finiteNumber: Shape = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? undefined : mismatch('a number', value);

/** Absent and null are the same to PostHog: both mean "not set". */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined || value === null ? undefined : shape(value));
}

export function listOf(item: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return mismatch('an array', value);
    for (let index = 0; index < value.length; index += 1) {
      const problem = item(value[index]);
      if (problem !== undefined) return { ...problem, path: `[${index}]${problem.path}` };
    }
    return undefined;
  };
}

export function objectWith(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => {
    if (!isRecord(value)) return mismatch('an object', value);
    for (const [field, shape] of entries) {
      const problem = shape(value[field]);
      if (problem !== undefined) return { ...problem, path: `.${field}${problem.path}` };
    }
    return undefined;
  };
}

function mismatch(expected: string, value: unknown): ShapeProblem {
  return { path: '', text: `must be ${expected}, got ${describeType(value)}` };
}
