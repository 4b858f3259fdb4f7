/** A body as its row has it: bytes, and the facts by which a reader sees what they are. */
import { contentOf, type NewRecord, type RecordBody } from '../../core/cache/definition-record.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { propertyOf } from '../../core/given/given-value.js';

export interface StoredFacts {
  readonly schema: number;
  readonly digest: string;
  /** Empty for none. */
  readonly etag: string;
  readonly codec: string;
  readonly sizeBytes: number;
  /** Whether the bytes are UTF-8 of a text. */
  readonly isText: boolean;
}

export function factsOf(record: NewRecord): StoredFacts {
  const { etag = '', ...content } = contentOf(record);
  return { ...content, etag, isText: typeof record.body === 'string' };
}

/**
 * @param answer the facts, and the bytes in base64.
 * @throws FlagsError `foreign-value` for what was not written here.
 */
export function storedBody(
  answer: unknown,
  place: string,
): { readonly facts: StoredFacts; readonly body: RecordBody } {
  const [facts, base64] = Array.isArray(answer) ? (answer as unknown[]) : [];
  if (typeof base64 !== 'string' || !areFacts(facts)) {
    throw new FlagsError(
      `What lies at ${place} as the body of a record is none: it was left as it is, and the definitions in memory are kept. The next publication will have a row of its own.`,
      { code: 'foreign-value' },
    );
  }
  const bytes = Buffer.from(base64, 'base64');
  return { facts, body: facts.isText ? bytes.toString() : new Uint8Array(bytes) };
}

function areFacts(value: unknown): value is StoredFacts {
  const is = (type: string, ...names: (keyof StoredFacts)[]): boolean =>
    names.every((name) => typeof propertyOf(value, name) === type);
  return (
    is('number', 'schema', 'sizeBytes') &&
    is('string', 'digest', 'etag', 'codec') &&
    is('boolean', 'isText')
  );
}
