/**
 * Secrets that an app gives: what is wrong with one, without a letter of it, and the keys that are
 * made of it. Each use has a key of its own, so that no bytes ever serve for two.
 */
import { hkdfSync } from 'node:crypto';

/** 32 bytes or more, from a generator and not from a person. */
export type Secret = string | Uint8Array;

const SHORTEST_SECRET_BYTES = 32;
const KEY_BYTES = 32;
const SALT = 'nestjs-feature-flags';

/** @param use what the key is for, and the version of the format that it is used in. */
export function deriveKey(secret: Secret, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, SALT, use, KEY_BYTES));
}

/** The rest of a sentence that begins with the secret's name; undefined when it can be used. */
export function mistakeInSecret(secret: unknown): string | undefined {
  const make = 'Make one with: openssl rand -base64 32';
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    return `must be a text or bytes, got ${secret === null ? 'null' : typeof secret}: perhaps a variable is not set. ${make}`;
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes >= SHORTEST_SECRET_BYTES) return undefined;
  return `has ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}, and ${SHORTEST_SECRET_BYTES} are the least. ${make}`;
}
