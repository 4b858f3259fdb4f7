/**
 * The cache that the instances of an app share, put together from parts that know nothing of each
 * other: records, where the definitions lie; a coordination, who fetches; and codecs, what the
 * bytes look like. It speaks the refresh cycle's port, and PostHog's contract for a `posthog-node`
 * client.
 */
import type { Coordination } from '../coordination/coordination.js';
import type { FleetMember } from '../coordination/claim-store.js';
import type { FetchFailure, Unsubscribe } from '../definitions/definition-source.js';
import { canonicalJson } from '../definitions/canonical-json.js';
import { digestOfText } from '../definitions/digest.js';
import { isFlagsError, type FlagsError } from '../errors/flags-error.js';
import type { CacheSharing } from './cache-sharing.js';
import { CodecPipeline, PLAIN } from './codecs/codec-pipeline.js';
import type { RecordCodec, RecordFacts } from './codecs/record-codec.js';
import type {
  CacheVerdict,
  DefinitionCache,
  FinishVerdict,
  Grant,
  HeldFacts,
  Publication,
  SharedDocument,
} from './definition-cache.js';
import { RECORD_SCHEMA, type RecordBody, type RecordHead } from './definition-record.js';
import type { PushTrouble, RecordStore } from './record-store.js';
import { refusedRecord } from './refused-record.js';
import { RefusalMemory } from './refusal-memory.js';

export interface SharedDefinitionCacheParts {
  readonly records: RecordStore;
  readonly coordination: Coordination;
  /** What becomes of a body on its way into the store, first to last. @default none, plain JSON */
  readonly codecs?: readonly RecordCodec[];
  /** A body larger than this is refused, as it lies there and decoded. @default 32 MiB */
  readonly maxBodyBytes?: number;
}

/** As much as a source gives by default: what one instance may fetch the others must be able to read. */
export const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

export class SharedDefinitionCache implements DefinitionCache {
  readonly pace = 'check';
  private revision = 0;
  private readonly pipeline: CodecPipeline;
  private readonly maxBodyBytes: number;
  private readonly refusals: RefusalMemory;

  constructor(private readonly parts: SharedDefinitionCacheParts) {
    this.pipeline = new CodecPipeline(parts.codecs ?? []);
    this.maxBodyBytes = parts.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    this.refusals = new RefusalMemory(parts.records);
  }

  get sharing(): CacheSharing {
    const { records, coordination } = this.parts;
    const { description, key, isInThisProcess = false, isForThreads = false, caveat } = records;
    return {
      kind: 'records',
      place: description,
      key,
      isExclusive: coordination.isExclusive ?? true,
      whoFetches: coordination.whoFetches,
      ...(this.readsOnly && { readsOnly: true }),
      isPushed: records.watch !== undefined,
      isInThisProcess,
      ...(isForThreads && { isForThreads }),
      ...(this.pipeline.codec !== PLAIN && { codec: this.pipeline.codec }),
      ...(caveat !== undefined && { caveat }),
    };
  }

  get readsOnly(): boolean {
    return this.parts.coordination.readsOnly ?? false;
  }

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    const verdict = await this.parts.coordination.check(facts);
    this.revision = verdict.shared.revision ?? 0;
    return verdict;
  }

  /** The head alone, for who only reads: takes no part in who fetches. */
  async look(): Promise<RecordHead | undefined> {
    const head = await this.parts.records.readHead();
    this.revision = head?.revision ?? 0;
    return head;
  }

  /** @throws FlagsError for a record that is refused; one that was is not moved a second time. */
  async read(): Promise<SharedDocument | undefined> {
    const { revision, refusals } = this;
    if (revision === 0) return undefined;
    if (refusals.mayKnow(revision)) await refusals.throwAgain(revision);
    const record = await this.parts.records.readBody(revision);
    if (record === undefined) return undefined;
    const { head, body } = record;
    const mistake = this.mistakeIn(head, body);
    if (mistake !== undefined) throw refusals.remember(head, mistake);
    if (this.pipeline.isEmpty) return documentOf(head, body);
    try {
      return documentOf(head, await this.pipeline.decode(body, this.factsOf(head)));
    } catch (error) {
      // What was spoilt may be put right under the same revision; what is too much stays too much.
      const isLasting = isFlagsError(error) && error.code === 'invalid-definitions';
      throw isLasting ? refusals.remember(head, error) : error;
    }
  }

  /**
   * The body is canonical, so that a reader gets the digest by hashing what it has decoded.
   * @throws FlagsError `invalid-definitions` for what cannot be encoded; the claim is still open.
   */
  publish(grant: Grant, { definitions, digest, etag }: Publication): Promise<FinishVerdict> {
    const { coordination } = this.parts;
    const { codec, isEmpty } = this.pipeline;
    const body = canonicalJson(definitions);
    const record = { schema: RECORD_SCHEMA, digest, etag, codec, body };
    if (isEmpty) return coordination.publish(grant, record);
    const facts = this.factsOf({ ...record, revision: grant.token });
    return this.pipeline
      .encode(body, facts)
      .then((encoded) => coordination.publish(grant, { ...record, body: encoded }));
  }

  confirm(grant: Grant, { etag }: Publication): Promise<FinishVerdict> {
    return this.parts.coordination.confirm(grant, etag);
  }

  fail(grant: Grant, failure: FetchFailure, nextDueMs: number): Promise<void> {
    return this.parts.coordination.fail(grant, failure, nextDueMs);
  }

  get instance(): string | undefined {
    return this.parts.coordination.instance;
  }

  async fleet(): Promise<readonly FleetMember[] | undefined> {
    return this.parts.coordination.members?.();
  }

  unheard(grant: Grant, nextDueMs: number): Promise<void> {
    return this.parts.coordination.unheard(grant, nextDueMs);
  }

  watch(onChanged: () => void, onTrouble?: (trouble: PushTrouble) => void): Unsubscribe {
    return this.parts.records.watch?.(onChanged, onTrouble) ?? (() => undefined);
  }

  async shutdown(): Promise<void> {
    try {
      await this.parts.coordination.release();
    } finally {
      await this.parts.records.close();
    }
  }

  /** What is wrong with a record as it lies there. */
  private mistakeIn(head: RecordHead, body: RecordBody): FlagsError | undefined {
    const { schema, revision } = head;
    if (schema > RECORD_SCHEMA) {
      return refusedRecord(
        revision,
        `was written in schema ${schema}, which this version does not know (it knows ${RECORD_SCHEMA})`,
        'Update this instance, or give the newer ones another cache key.',
      );
    }
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    if (bytes > this.maxBodyBytes) {
      return refusedRecord(
        revision,
        `has ${bytes} bytes, more than the ${this.maxBodyBytes} allowed`,
        'Raise maxBodyBytes if the project has grown so large.',
      );
    }
    return this.pipeline.mistakeIn(head);
  }

  private factsOf(record: Omit<RecordFacts, 'key' | 'maxBytes'>): RecordFacts {
    const { schema, digest, codec, revision } = record;
    const { key } = this.parts.records;
    return { schema, digest, codec, revision, key, maxBytes: this.maxBodyBytes };
  }
}

function documentOf(head: RecordHead, body: RecordBody): SharedDocument {
  const { revision, digest, etag, ageMs } = head;
  return {
    document: parseJson(body, revision),
    revision,
    ageMs,
    // True of every body that is written here; not of one that other SDKs have written.
    ...(digestOfText(body) === digest ? { digest } : {}),
    ...(etag === undefined ? {} : { etag }),
  };
}

function parseJson(body: RecordBody, revision: number): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  } catch {
    // Without the parser's error, which quotes what it read.
    const advice = 'Something else has written under its key.';
    throw refusedRecord(revision, 'is not JSON', advice, { code: 'foreign-value' });
  }
}
