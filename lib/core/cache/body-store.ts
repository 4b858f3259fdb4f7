/**
 * The port to where the bodies of records lie, when that is apart from their heads. Every body
 * has a key of its own, by its revision, and nothing that lies there is ever overwritten: so a
 * write needs no fence, it can run late and do no harm. The head decides which body counts.
 */
import type { NewRecord, RecordBody, RecordHead } from './definition-record.js';

/** A body with the facts by which a reader sees that it is the one it looks for. */
export interface StoredBody extends NewRecord {
  readonly revision: number;
}

export interface BodyStore {
  /** Lays a body down, for an hour unless the head makes it permanent. Keeps what lies there. */
  write(key: string, body: StoredBody): Promise<void>;
  /** The body under this key; undefined when there is none. */
  read(key: string): Promise<StoredBody | undefined>;
}

/**
 * A body with its head, for who asked for this revision; undefined where it is another's. For a
 * body that was overtaken, the age is that of its successor.
 */
export function headOfBody(
  current: RecordHead | undefined,
  stored: StoredBody | undefined,
  revision: number,
): { head: RecordHead; body: RecordBody } | undefined {
  if (current === undefined || stored === undefined) return undefined;
  const { body, ...facts } = stored;
  // Two histories of one store can have given one revision twice: the digest tells them apart.
  if (facts.revision !== revision) return undefined;
  if (current.revision === revision) {
    return current.digest === facts.digest ? { head: current, body } : undefined;
  }
  const sizeBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return { head: { ...facts, sizeBytes, ageMs: current.ageMs }, body };
}

/** A body as JSON has it, the digest first: what checks a publication looks only at its beginning. */
export interface BodyJson {
  readonly digest: string;
  readonly revision: number;
  readonly schema: number;
  readonly codec: string;
  readonly etag?: string;
  readonly text?: string;
  readonly base64?: string;
}

export function bodyToJson({ digest, revision, schema, codec, etag, body }: StoredBody): BodyJson {
  const bytes =
    typeof body === 'string' ? { text: body } : { base64: Buffer.from(body).toString('base64') };
  return { digest, revision, schema, codec, ...(etag === undefined ? {} : { etag }), ...bytes };
}

/** @returns undefined for anything that {@link bodyToJson} did not make. */
export function bodyFromJson(value: unknown): StoredBody | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { digest, revision, schema, codec, etag, text, base64 } = value as Partial<
    Record<keyof BodyJson, unknown>
  >;
  const body = bytesOf(text, base64);
  if (typeof digest !== 'string' || typeof codec !== 'string' || body === undefined)
    return undefined;
  if (typeof revision !== 'number' || typeof schema !== 'number') return undefined;
  return {
    digest,
    revision,
    schema,
    codec,
    etag: typeof etag === 'string' ? etag : undefined,
    body,
  };
}

function bytesOf(text: unknown, base64: unknown): RecordBody | undefined {
  if (typeof text === 'string') return text;
  return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : undefined;
}
