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

function haveSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => isSameJson(item, b[index]));
}

function haveSameMembers(a: Members, b: Members): boolean {
  for (const key of Object.keys(a)) if (!isSameJson(a[key], ownMember(b, key))) return false;
  for (const key of Object.keys(b)) {
    if (b[key] !== undefined && ownMember(a, key) === undefined) return false;
  }
  return true;
}

function ownMember(members: Members, key: string): unknown {
  return Object.hasOwn(members, key) ? members[key] : undefined;
}
