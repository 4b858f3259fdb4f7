/**
 * The cache that the instances of an app share, put together from two parts that know nothing of
 * each other: records, where the definitions lie, and a coordination, who fetches. It speaks the
 * refresh cycle's port, and PostHog's contract for a `posthog-node` client.
 */
import type { Coordination } from '../coordination/coordination.js';
import type { FleetMember } from '../coordination/claim-store.js';
import type { FetchFailure, Unsubscribe } from '../definitions/definition-source.js';
import { canonicalJson } from '../definitions/canonical-json.js';
import { digestOfText } from '../definitions/digest.js';
import { FlagsError, type FlagsErrorCode } from '../errors/flags-error.js';
import type { CacheSharing } from './cache-sharing.js';
import type {
  CacheVerdict,
  DefinitionCache,
  FinishVerdict,
  Grant,
  HeldFacts,
  Publication,
  SharedDocument,
} from './definition-cache.js';
import { RECORD_SCHEMA, type RecordHead } from './definition-record.js';
import type { RecordStore } from './record-store.js';

export interface SharedDefinitionCacheParts {
  readonly records: RecordStore;
  readonly coordination: Coordination;
  /** A body larger than this is refused. @default 32 MiB */
  readonly maxBodyBytes?: number;
}

/** As much as a source gives by default: what one instance may fetch the others must be able to read. */
export const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

export class SharedDefinitionCache implements DefinitionCache {
  readonly pace = 'check';
  private revision = 0;

  constructor(private readonly parts: SharedDefinitionCacheParts) {}

  get sharing(): CacheSharing {
    const { records, coordination } = this.parts;
    const { description, key, isInThisProcess = false } = records;
    return {
      kind: 'records',
      place: description,
      key,
      isExclusive: coordination.isExclusive ?? true,
      whoFetches: coordination.whoFetches,
      ...(this.readsOnly && { readsOnly: true }),
      isPushed: records.watch !== undefined,
      isInThisProcess,
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

  async read(): Promise<SharedDocument | undefined> {
    if (this.revision === 0) return undefined;
    const record = await this.parts.records.readBody(this.revision);
    if (record === undefined) return undefined;
    const { head, body } = record;
    if (head.schema > RECORD_SCHEMA) {
      throw refused(
        `was written in schema ${head.schema}, which this version does not know (it knows ${RECORD_SCHEMA})`,
        'Update this instance, or give the newer ones another cache key.',
      );
    }
    const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = this.parts;
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    if (bytes > maxBodyBytes) {
      throw refused(
        `has ${bytes} bytes, more than the ${maxBodyBytes} allowed`,
        'Raise maxBodyBytes if the project has grown so large.',
      );
    }
    const document = parseJson(body);
    const { revision, digest, etag, ageMs } = head;
    return {
      document,
      revision,
      ageMs,
      // True of every body that is written here; not of one that other SDKs have written.
      ...(digestOfText(body) === digest ? { digest } : {}),
      ...(etag === undefined ? {} : { etag }),
    };
  }

  /** The body is canonical, so that a reader gets the digest by hashing what it has read. */
  publish(grant: Grant, { definitions, digest, etag }: Publication): Promise<FinishVerdict> {
    const body = canonicalJson(definitions);
    const record = { schema: RECORD_SCHEMA, digest, etag, codec: 'json', body };
    return this.parts.coordination.publish(grant, record);
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

  watch(onChanged: () => void): Unsubscribe {
    return this.parts.records.watch?.(onChanged) ?? (() => undefined);
  }

  async shutdown(): Promise<void> {
    try {
      await this.parts.coordination.release();
    } finally {
      await this.parts.records.close();
    }
  }
}

function parseJson(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  } catch {
    // Without the parser's error, which quotes what it read.
    throw refused('is not JSON', 'Something else has written under its key.', 'foreign-value');
  }
}

function refused(
  what: string,
  advice: string,
  code: FlagsErrorCode = 'invalid-definitions',
): FlagsError {
  return new FlagsError(`The shared record ${what}. It is refused. ${advice}`, { code });
}
