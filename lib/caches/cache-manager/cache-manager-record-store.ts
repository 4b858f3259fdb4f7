/**
 * Definitions in a cache-manager `Cache` that is given, over whatever store it has: in memory, or
 * any Keyv store. Two entries: the head, and a body under a key of its own for each revision.
 *
 * What it cannot promise: there is no atomic step in such a cache, so there are no claims, and
 * two instances that publish at the same moment can overtake each other. A lower revision is
 * refused by reading before and after the write, and no reader goes back, but that is all. Keyv
 * also hides that a store fails: it answers "nothing", and "yes" to a write. So what was written is
 * read again, and a store that has it not is away until it keeps what it is given. And it has no
 * clock: an age is counted from when this process first saw the content confirmed.
 */
import { randomUUID } from 'node:crypto';
import { bodyFromJson, bodyToJson } from '../../core/cache/body-store.js';
import {
  contentOf,
  type NewRecord,
  type RecordBody,
  type RecordHead,
} from '../../core/cache/definition-record.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { systemClock, type Clock } from '../../core/time/clock.js';
import { isInThisProcess } from './client-beneath.js';

/** What is used of a `Cache` of cache-manager 6 or 7, e.g. Nest's `CACHE_MANAGER`. @publicApi */
export interface GivenCache {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttl?: number): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** The head as it lies in the cache; `mark` is new with each publication and confirmation. */
type StoredHead = Omit<RecordHead, 'ageMs'> & { readonly mark: string };

/** 0 is "for ever", and overrules a time to live that the app gave to its cache. */
const FOR_EVER = 0;
/** What only tries whether the store keeps anything is soon forgotten by it. */
const PROBE_TTL_MS = 60_000;

export class CacheManagerRecordStore implements RecordStore {
  readonly description: string;
  readonly isInThisProcess: boolean;
  private readonly prefix: string;
  /** It did not have what it was given last. */
  private isForgetful = false;
  private seen: { readonly mark: string; readonly atMs: number } | undefined;

  /**
   * @param cache stays its owner's; it is not closed here.
   * @param namespace tells caches in one store apart.
   */
  constructor(
    private readonly cache: GivenCache,
    namespace: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.prefix = `flags:v1:{${namespace}}`;
    this.isInThisProcess = isInThisProcess(cache);
    this.description = this.isInThisProcess
      ? 'a cache of cache-manager in the memory of this process'
      : 'a cache of cache-manager';
  }

  /** @throws FlagsError `cache-unavailable` while the store keeps nothing. */
  async readHead(): Promise<RecordHead | undefined> {
    if (this.isForgetful) await this.probe();
    const stored = await this.readStored();
    return stored && this.headOf(stored);
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const stored = await this.readStored();
    if (stored?.revision !== revision) return undefined;
    const found = bodyFromJson(await this.cache.get(this.bodyKey(revision)));
    if (found?.revision !== revision || found.digest !== stored.digest) return undefined;
    return { head: this.headOf(stored), body: found.body };
  }

  /** Best effort: see above. @returns false when the stored revision is not lower, or won. */
  async publish(record: NewRecord, revision: number): Promise<boolean> {
    const before = await this.readStored();
    if (before !== undefined && before.revision >= revision) return false;
    await this.cache.set(this.bodyKey(revision), bodyToJson({ ...record, revision }), FOR_EVER);
    const mark = await this.writeHead({ ...contentOf(record), revision });
    // Read back: another may have won, and a store that failed says nothing.
    const after = await this.readStored();
    if (after === undefined || after.mark === before?.mark) throw this.forgotten();
    if (after.mark !== mark) return false;
    if (before !== undefined) await this.cache.del(this.bodyKey(before.revision));
    return true;
  }

  async confirm(revision: number): Promise<boolean> {
    const stored = await this.readStored();
    if (stored?.revision !== revision) return false;
    const mark = await this.writeHead(stored);
    return (await this.readStored())?.mark === mark;
  }

  async close(): Promise<void> {
    // The cache is its owner's to close.
  }

  private async writeHead(head: Omit<StoredHead, 'mark'>): Promise<string> {
    const mark = randomUUID();
    await this.cache.set(this.headKey, { ...head, mark }, FOR_EVER);
    return mark;
  }

  /** Under a name of its own: a store that comes back is tried by the whole fleet at once. */
  private async probe(): Promise<void> {
    const key = `${this.prefix}:probe:${randomUUID()}`;
    await this.cache.set(key, key, PROBE_TTL_MS);
    if ((await this.cache.get(key)) !== key) throw this.forgotten();
    await this.cache.del(key);
    this.isForgetful = false;
  }

  private forgotten(): FlagsError {
    this.isForgetful = true;
    return new FlagsError(
      `The store beneath ${this.description} has not kept what was written to it. Probably it fails, which Keyv hides: listen to the errors of the Keyv, and check that the store runs and has room.`,
      { code: 'cache-unavailable' },
    );
  }

  private async readStored(): Promise<StoredHead | undefined> {
    const value = await this.cache.get(this.headKey);
    if (value === undefined || value === null) return undefined;
    const stored = storedHeadFrom(value);
    if (stored !== undefined) return stored;
    throw new FlagsError(
      `What lies in the cache at ${this.headKey} is not the head of a record: it was left as it is. Choose another namespace, or remove the foreign value.`,
      { code: 'foreign-value' },
    );
  }

  private headOf({ mark, ...head }: StoredHead): RecordHead {
    const nowMs = this.clock.monotonicMs();
    if (this.seen?.mark !== mark) this.seen = { mark, atMs: nowMs };
    return { ...head, ageMs: Math.round(nowMs - this.seen.atMs) };
  }

  private get headKey(): string {
    return `${this.prefix}:head`;
  }

  private bodyKey(revision: number): string {
    return `${this.prefix}:body:${revision.toFixed(0)}`;
  }
}

/** Undefined for what is no head of ours. */
function storedHeadFrom(value: {}): StoredHead | undefined {
  const { schema, revision, digest, etag, codec, sizeBytes, mark } = value as Partial<
    Record<keyof StoredHead, unknown>
  >;
  if (typeof schema !== 'number' || typeof sizeBytes !== 'number') return undefined;
  if (typeof digest !== 'string' || typeof codec !== 'string') return undefined;
  if (typeof mark !== 'string') return undefined;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) return undefined;
  const known = typeof etag === 'string' ? etag : undefined;
  return { schema, revision, digest, etag: known, codec, sizeBytes, mark };
}
