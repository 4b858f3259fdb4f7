/** The keys of a seal: the first one seals, all of them open. */
import { deriveKey, mistakeInSecret } from '../../secrets/secret.js';

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

const idPattern = /^[\w.:-]{1,32}$/;

export function deriveKeys(secret: string | Uint8Array): DerivedKeys {
  const derive = (use: string): Buffer => deriveKey(secret, `record seal 1: ${use}`);
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
