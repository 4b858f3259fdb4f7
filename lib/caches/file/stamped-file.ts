/**
 * The form of every file here: a checksum, the facts as JSON in the same line, and below it the
 * payload as it is. A file that was cut short, flipped a bit or was written by somebody else does
 * not have its checksum, so it is seen as what it is before anything in it is believed.
 */
import { createHash } from 'node:crypto';
import { jsonObjectIn } from '../../core/given/json-text.js';

export interface StampedFile {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly payload: Buffer;
}

const SUM_LENGTH = 64;
const NEW_LINE = 0x0a;

export function stamp(facts: object, payload: string | Uint8Array = ''): Buffer {
  const line = Buffer.from(` ${JSON.stringify(facts)}\n`);
  const rest = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return Buffer.concat([Buffer.from(sumOf(line, rest)), line, rest]);
}

/** Undefined for anything that {@link stamp} did not write, or not to its end. */
export function readStamped(bytes: Buffer): StampedFile | undefined {
  const end = bytes.indexOf(NEW_LINE, SUM_LENGTH);
  if (end === -1) return undefined;
  const line = bytes.subarray(SUM_LENGTH, end + 1);
  const payload = bytes.subarray(end + 1);
  if (bytes.toString('latin1', 0, SUM_LENGTH) !== sumOf(line, payload)) return undefined;
  // Somebody who knows the form can still have written anything: facts are checked by their reader.
  const facts = jsonObjectIn(line.toString());
  return facts === undefined ? undefined : { facts, payload };
}

function sumOf(line: Uint8Array, payload: Uint8Array): string {
  return createHash('sha256').update(line).update(payload).digest('hex');
}
