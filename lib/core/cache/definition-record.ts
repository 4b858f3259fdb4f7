/**
 * What a definition cache keeps: a small head and, apart from it, the body. Followers look at
 * heads; they read a body only when the digest has moved.
 */

/** The schema of the records that this version writes. A reader refuses a higher one. */
export const RECORD_SCHEMA = 1;

/** @publicApi */
export interface RecordHead {
  readonly schema: number;
  /** Orders the publications: the token of the claim that produced this one. */
  readonly revision: number;
  /** SHA-256 of the definitions in canonical form, hex. Says whether content differs. */
  readonly digest: string;
  /** The etag that the source gave with exactly these definitions. */
  readonly etag: string | undefined;
  /** What the body's bytes are, outermost last, e.g. `json` or `json+gzip+sealed`. */
  readonly codec: string;
  readonly sizeBytes: number;
  /** Milliseconds since the source last confirmed this content, by the clock of the store. */
  readonly ageMs: number;
}

/** Bytes of a body as a codec made them. Text where the store keeps text. @publicApi */
export type RecordBody = string | Uint8Array;

/** A publication on its way into the store: what the store does not know by itself. @publicApi */
export interface NewRecord {
  readonly schema: number;
  readonly digest: string;
  readonly etag: string | undefined;
  readonly codec: string;
  readonly body: RecordBody;
}

/** What a store writes into the head of a publication; revision and age it knows by itself. */
export type RecordContent = Omit<RecordHead, 'revision' | 'ageMs'>;

/** The head's share of a record. An empty etag is none. */
export function contentOf(record: NewRecord): RecordContent {
  const { schema, digest, etag, codec, body } = record;
  const sizeBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return { schema, digest, etag: etag === '' ? undefined : etag, codec, sizeBytes };
}
