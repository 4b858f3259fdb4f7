/**
 * One text for one content: JSON with the keys of every object in order, so that two documents
 * that differ only in the order of their keys have the same text. The order of arrays counts.
 * It recurses as deep as the value, which parsed definitions bound. Written with plain loops:
 * it runs over the whole document at each change, between requests.
 */

/** The canonical JSON text of a value. What JSON leaves out is left out here too. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return canonicalArray(value);
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  return JSON.stringify(value) ?? 'null';
}

function canonicalArray(items: readonly unknown[]): string {
  let text = '';
  for (const item of items) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
  return `[${text}]`;
}

function canonicalObject(object: object): string {
  const members = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined || typeof member === 'function' || typeof member === 'symbol')
      continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
