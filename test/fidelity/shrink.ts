/**
 * Makes a failing case small: leaves out whatever can be left out while it still fails. Greedy:
 * flags, conditions, filters, fields and properties one at a time, until nothing more can go.
 */
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';

export interface ShrinkableCase {
  readonly definitions: FlagDefinitionCacheData;
  readonly context: EvaluationContext;
}

type StillFails = (candidate: ShrinkableCase) => Promise<boolean>;
type Path = readonly (string | number)[];

/** What every document needs in order to be one. */
const kept: ReadonlySet<string> = new Set([
  'definitions',
  'definitions.flags',
  'context',
  'context.distinctId',
]);

/** The smallest case that was found in at most `tries` attempts. */
export async function shrink<T extends ShrinkableCase>(
  original: T,
  stillFails: StillFails,
  tries: number,
): Promise<ShrinkableCase> {
  let smallest: ShrinkableCase = { definitions: original.definitions, context: original.context };
  let left = tries;
  for (let hasShrunk = true; hasShrunk && left > 0;) {
    hasShrunk = false;
    // The large parts come first: a flag that goes takes its conditions along.
    for (const path of pathsOf(smallest)) {
      if (left <= 0) break;
      const candidate = without(smallest, path);
      if (candidate === undefined) continue;
      left -= 1;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      hasShrunk = true;
    }
  }
  return smallest;
}

/** Every part of the case, breadth first, the last of a list before the first. */
function pathsOf(value: unknown): Path[] {
  const paths: Path[] = [];
  let level: Path[] = [[]];
  while (level.length > 0) {
    level = level
      .filter((path) => !isPropertyOfContext(path))
      .flatMap((path) => keysOf(at(value, path)).map((key) => [...path, key]));
    paths.push(...level);
  }
  return paths.filter((path) => !kept.has(path.join('.')) && path[path.length - 1] !== 'key');
}

/** The value of a property is kept whole or left out: it may be anything, even hold itself. */
function isPropertyOfContext([root, part, ...rest]: Path): boolean {
  return root === 'context' && rest.length === (part === 'groupProperties' ? 2 : 1);
}

function keysOf(value: unknown): (string | number)[] {
  if (Array.isArray(value)) return Array.from(value.keys()).reverse();
  return isPlainObject(value) ? Object.keys(value) : [];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
}

/** A copy without the part at the path; undefined when the part is no longer there. */
function without(value: ShrinkableCase, path: Path): ShrinkableCase | undefined {
  const parent = at(value, path.slice(0, -1));
  const key = path[path.length - 1];
  if (key === undefined || typeof parent !== 'object' || parent === null || !(key in parent))
    return undefined;
  return copyWithout(value, path) as ShrinkableCase;
}

function copyWithout(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => index !== key)
      : value.map((item: unknown, index) => (index === key ? copyWithout(item, rest) : item));
  }
  return Object.fromEntries(
    Object.entries(value as object)
      .filter(([name]) => rest.length > 0 || name !== key)
      .map(([name, member]) => [
        name,
        name === key ? copyWithout(member, rest) : (member as unknown),
      ]),
  );
}
