/**
 * Payloads: JSON text in the definitions, parsed once per snapshot and frozen, since all
 * readers share the result. Text that is no JSON is the payload itself, as in posthog-node.
 */

/** The payload of a value (`true` or a variant); undefined when it has none. */
export function payloadOf(payloads: unknown, value: string | true): unknown {
  if (typeof payloads !== 'object' || payloads === null) return undefined;
  const key = String(value);
  if (!Object.hasOwn(payloads, key)) return undefined;
  const stored: unknown = (payloads as Record<string, unknown>)[key];
  return parsePayload(stored);
}

/** A payload as it is stored, parsed and frozen; undefined for one that is empty. */
export function parsePayload(stored: unknown): unknown {
  if (!stored) return undefined;
  return parsed(stored) ?? undefined;
}

function parsed(stored: unknown): unknown {
  try {
    return freezeDeep(typeof stored === 'string' ? JSON.parse(stored) : structuredClone(stored));
  } catch {
    return stored;
  }
}

/** Freezes a tree of plain values. A loop, so that no depth of nesting overflows the stack. */
function freezeDeep(root: unknown): unknown {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const part of Object.values(Object.freeze(value))) open.push(part);
  }
  return root;
}
