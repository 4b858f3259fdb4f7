/**
 * Definitions in Redis under the names of PostHog's own examples: workers in Node, Python and Ruby
 * read what we publish, and what they store is taken over here by its content. The copy is plain
 * JSON with both spellings of every field that has two; revision, etag and age stand beside it, in
 * a head of our own. A foreign copy gets its revision in the order in which it reached the store,
 * never by a clock that it names, and its age counts from when one of us first saw it.
 *
 * What it is not: fenced against others. A worker that stores without asking overwrites what is
 * newer, and that is then what the fleet has until the next fetch.
 */
import { createHash } from 'node:crypto';
import { contentOf, RECORD_SCHEMA } from '../../core/cache/definition-record.js';
import type { NewRecord, RecordBody, RecordHead } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { DEFAULT_MAX_BODY_BYTES } from '../../core/cache/shared-definition-cache.js';
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { readForeignCopy, withoutBrace, withoutMark } from './interop-copy.js';
import { interopKeys, type InteropKeys } from './interop-keys.js';
import type { RedisCommands } from './redis-commands.js';
import { redisFault } from './redis-fault.js';
import { RedisLeaseStore } from './redis-lease-store.js';
import type { RedisPush } from './redis-push.js';
import { RedisReply, numberOf } from './redis-reply.js';
import { RedisScript } from './redis-script.js';
import {
  COPY_STATES,
  interopAdoptLua,
  interopBodyLua,
  interopConfirmLua,
  interopHeadLua,
  interopPublishLua,
} from './scripts/interop-lua.js';

export interface InteropRecordStoreParts {
  /** Bounded: a command that gets no answer must reject. */
  readonly commands: RedisCommands;
  /** As in the key `posthog:flags:{service}` that the other SDKs use. */
  readonly service: string;
  /** Where it is, for logs; never a secret. */
  readonly description: string;
  /** Without it there are no hints, only checks. */
  readonly push?: RedisPush;
  /** Closes what was opened for this store alone. */
  readonly close?: () => Promise<void> | void;
}

/** As long as the examples keep theirs, counted from the last time that anybody looked. */
const COPY_TTL_MS = 24 * 60 * 60_000;
const MOST_LOOKS = 4;

const scripts = {
  head: new RedisScript(interopHeadLua),
  body: new RedisScript(interopBodyLua),
  publish: new RedisScript(interopPublishLua),
  confirm: new RedisScript(interopConfirmLua),
  adopt: new RedisScript(interopAdoptLua),
};

const doing: Readonly<Record<keyof typeof scripts, string>> = {
  head: 'read the head of the definitions',
  body: 'read the definitions',
  publish: 'publish the definitions',
  confirm: 'confirm the definitions',
  adopt: 'take over what another SDK has stored',
};

interface Look {
  readonly copy: (typeof COPY_STATES)[number];
  readonly head: RecordHead;
  readonly lengthBytes: number;
}

export class InteropRecordStore implements RecordStore {
  readonly description: string;
  readonly isReadByOthers = true;
  readonly lease: LeaseStore;
  readonly watch?: (onChanged: () => void) => Unsubscribe;
  private readonly keys: InteropKeys;

  /** @throws FlagsError `invalid-options` for a service that cannot be part of a key. */
  constructor(private readonly parts: InteropRecordStoreParts) {
    const { commands, service, description, push } = parts;
    const keys = interopKeys(service);
    this.keys = keys;
    this.description = description;
    this.lease = new RedisLeaseStore(commands, keys.lock);
    if (push !== undefined) this.watch = (onChanged) => push.subscribe(keys.channel, onChanged);
  }

  /** Takes over what somebody else has stored since the last look. */
  async readHead(): Promise<RecordHead | undefined> {
    for (let look = 1; look <= MOST_LOOKS; look += 1) {
      const { copy, head, lengthBytes } = lookOf(await this.run('head', [`${COPY_TTL_MS}`]));
      if (copy === 'ours') return head;
      if (copy === 'absent' || !(await this.adopt(lengthBytes))) return lost(head);
    }
    throw new FlagsError(
      `What lies in Redis at ${this.keys.copy} changes faster than it can be read: several workers store definitions there again and again. Let them ask for the lease first.`,
      { code: 'cache-unavailable' },
    );
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const answer = await this.run('body', [revision.toFixed(0)]);
    if (answer === null || answer === undefined) return undefined;
    const { head } = lookOf(answer);
    const body = withoutMark(RedisReply.of(answer, 9).text(8));
    return body === undefined ? undefined : { head, body };
  }

  async publish(record: NewRecord, revision: number): Promise<boolean> {
    const { etag = '', schema, digest, sizeBytes } = contentOf(record);
    const content = [revision.toFixed(0), digest, etag, `${schema}`, `${sizeBytes}`];
    const rest = [`${COPY_TTL_MS}`, this.keys.channel, withoutBrace(record.body)];
    return numberOf(await this.run('publish', [...content, ...rest])) === 1;
  }

  async confirm(revision: number): Promise<boolean> {
    return numberOf(await this.run('confirm', [revision.toFixed(0), `${COPY_TTL_MS}`])) === 1;
  }

  async close(): Promise<void> {
    await this.parts.close?.();
  }

  /**
   * Gives a foreign copy a revision.
   * @returns false for what is no definitions document: the next publication replaces it.
   */
  private async adopt(lengthBytes: number): Promise<boolean> {
    if (lengthBytes > DEFAULT_MAX_BODY_BYTES) return false;
    const text = await this.readText();
    // Gone or replaced meanwhile: the next look sees what is there now.
    if (text === undefined) return true;
    const foreign = readForeignCopy(text);
    if (foreign === undefined) return false;
    const { digest, body } = foreign;
    const sha = createHash('sha1').update(text).digest('hex');
    const facts = [sha, digest, `${RECORD_SCHEMA}`, `${Buffer.byteLength(body)}`];
    const rest = [`${COPY_TTL_MS}`, this.keys.channel, withoutBrace(body)];
    await this.run('adopt', [...facts, ...rest]);
    return true;
  }

  private async readText(): Promise<string | undefined> {
    const { copy } = this.keys;
    try {
      const text = await this.parts.commands.send(copy, ['GET', copy]);
      return typeof text === 'string' ? text : undefined;
    } catch (error) {
      throw redisFault(error, doing.adopt, copy);
    }
  }

  private async run(name: keyof typeof scripts, args: readonly string[]): Promise<unknown> {
    const { copy, head } = this.keys;
    try {
      return await scripts[name].run(this.parts.commands, [copy, head], args);
    } catch (error) {
      throw redisFault(error, doing[name], copy);
    }
  }
}

function lookOf(answer: unknown): Look {
  const reply = RedisReply.of(answer, 8);
  const head = {
    revision: reply.number(1),
    digest: reply.text(2),
    etag: reply.optionalText(3),
    codec: 'json',
    schema: reply.number(4),
    sizeBytes: reply.number(5),
    ageMs: reply.number(6),
  };
  return { copy: COPY_STATES[reply.number(0)] ?? 'foreign', head, lengthBytes: reply.number(7) };
}

/**
 * The copy is gone, or is none: what is known of it still orders what comes next, and no content
 * has its digest, so whoever leads publishes again.
 */
function lost(head: RecordHead): RecordHead | undefined {
  if (head.revision === 0) return undefined;
  return { ...head, digest: '', etag: undefined, sizeBytes: 0, ageMs: Number.MAX_SAFE_INTEGER };
}
