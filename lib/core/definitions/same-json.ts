/**
 * Whether two values have the same canonical JSON, without writing it: the order of keys does
 * not count, and an undefined member is an absent one. It recurses as deep as the values, which
 * parsed definitions bound.
 */

export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && haveSameItems(a, b);
  }
  return haveSameMembers(a as Members, b as Members);
}

type Members = Readonly<Record<string, unknown>>;

// Both walk the whole document at each change, between requests, and seldom enough for the engine
// to forget what it had compiled: loops that are quick before they are compiled, too.
function haveSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (!isSameJson(a[index], b[index])) return false;
  }
  return true;
}

function haveSameMembers(a: Members, b: Members): boolean {
  let moreInA = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    if (!Object.hasOwn(b, key) || !isSameJson(a[key], b[key])) return false;
    moreInA += 1;
  }
  for (const key in b) if (b[key] !== undefined) moreInA -= 1;
  return moreInA === 0;
}
