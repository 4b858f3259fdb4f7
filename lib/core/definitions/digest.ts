/**
 * The fingerprint of a set of definitions: equal when and only when the content is equal,
 * whatever the order of the keys in which a source or a cache delivered it.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { FlagDefinitionCacheData } from './flag-definitions.js';

/** SHA-256, in hexadecimal, of parsed definitions. Parse first: spellings count. */
export function digestOf(definitions: FlagDefinitionCacheData): string {
  return digestOfText(canonicalJson(definitions));
}

/** The same of definitions whose canonical JSON text is at hand. */
export function digestOfText(canonical: string | Uint8Array): string {
  return createHash('sha256').update(canonical).digest('hex');
}
