/**
 * One text for one content: JSON with the keys of every object in order, so that two documents
 * that differ only in the order of their keys have the same text. The order of arrays counts.
 * It recurses as deep as the value, which parsed definitions bound.
 */

/** The canonical JSON text of a value. What JSON leaves out is left out here too. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => (isCarried(item) ? canonicalJson(item) : 'null')).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => isCarried(member))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return isCarried(value) ? JSON.stringify(value) : 'null';
}

function isCarried(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}
