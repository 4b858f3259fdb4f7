/**
 * The keys of a seal: the first one seals, all of them open. Each secret is stretched into two keys
 * of its own, one to sign and one to encrypt, so that no bytes ever serve for both.
 */
import { hkdfSync } from 'node:crypto';

/** @publicApi */
export interface SealKey {
  /** Stands in every record that it seals, for all to read: 1 to 32 letters, digits, or . : _ - */
  readonly id: string;
  /** 32 bytes or more, from a generator and not from a person. */
  readonly secret: string | Uint8Array;
}

export interface DerivedKeys {
  readonly sign: Buffer;
  readonly encrypt: Buffer;
}

export const SHORTEST_SECRET_BYTES = 32;
const KEY_BYTES = 32;
const idPattern = /^[\w.:-]{1,32}$/;
const SALT = 'nestjs-feature-flags';

export function deriveKeys(secret: string | Uint8Array): DerivedKeys {
  const derive = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, SALT, `record seal 1: ${use}`, KEY_BYTES));
  return { sign: derive('sign'), encrypt: derive('encrypt') };
}

/** What is wrong with keys, without a letter of a secret. */
export function mistakesInKeys(keys: unknown): readonly string[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    return ['sealed({ keys }) needs a list with at least one { id, secret }; the first one seals.'];
  }
  const ids = new Set<unknown>();
  return (keys as readonly unknown[]).flatMap((key, index) => {
    const { id, secret } = Object(key) as Partial<Record<keyof SealKey, unknown>>;
    const place = `sealed: keys[${index}]`;
    const mistakes: string[] = [];
    if (typeof id !== 'string' || !idPattern.test(id)) {
      mistakes.push(`${place}.id must have 1 to 32 letters, digits, or . : _ -, e.g. '2026-11'.`);
    } else if (ids.has(id)) mistakes.push(`${place}.id is there twice: ${id}.`);
    ids.add(id);
    const mistake = mistakeInSecret(secret);
    return mistake === undefined ? mistakes : [...mistakes, `${place}.secret ${mistake}`];
  });
}

function mistakeInSecret(secret: unknown): string | undefined {
  const make = 'Make one with: openssl rand -base64 32';
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    return `must be a text or bytes, got ${secret === null ? 'null' : typeof secret}: perhaps a variable is not set. ${make}`;
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes >= SHORTEST_SECRET_BYTES) return undefined;
  return `has ${bytes} bytes, and ${SHORTEST_SECRET_BYTES} are the least. ${make}`;
}
