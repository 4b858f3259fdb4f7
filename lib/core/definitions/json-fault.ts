/**
 * Looks at a value before anything recurses into it. A hostile or damaged document can be nested
 * deeper than the stack allows (a recursive walk overflows at some thousand levels), can be a
 * cycle, or can hold what JSON cannot carry. This walk is iterative and bounded.
 */

/** Levels of objects and arrays inside one another, the value itself counted. */
const MAX_DEPTH = 64;
/** Objects and arrays in one value. A shared object counts each time it is reached. */
const MAX_CONTAINERS = 100_000;

interface Container {
  readonly members: object;
  readonly depth: number;
}

/** What keeps a value from being handled as JSON, in words; undefined when nothing does. */
export function faultOfJson(root: unknown): string | undefined {
  const pending: Container[] = [{ members: [root], depth: 0 }];
  let containers = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    for (const member of Object.values(next.members) as unknown[]) {
      const fault = faultOfScalar(member);
      if (fault !== undefined) return fault;
      if (typeof member !== 'object' || member === null) continue;
      containers += 1;
      if (containers > MAX_CONTAINERS) return `has more than ${MAX_CONTAINERS} objects and arrays`;
      pending.push({ members: member, depth: next.depth + 1 });
    }
  }
  return undefined;
}

function faultOfScalar(value: unknown): string | undefined {
  switch (typeof value) {
    case 'bigint':
    case 'function':
    case 'symbol':
      return `holds a ${typeof value}, which JSON cannot carry`;
    case 'number':
      return Number.isFinite(value) ? undefined : `holds ${value}, which JSON cannot carry`;
    default:
      return undefined;
  }
}
