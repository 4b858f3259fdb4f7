/**
 * Definitions in Redis. One hash is the head of the record, the state of the claims and the lease;
 * each body has a key of its own, named by its revision, in the hands of a body store. A
 * publication lays the body down first (it expires by itself) and then, in one script, makes the
 * head point to it: atomic for every reader, and a body that nobody points to overwrites nothing.
 *
 * The head never expires. Where Redis may evict keys, a volatile policy (or `noeviction`) spares
 * it; a head or body that is evicted all the same is published again by the next claim.
 */
import { headOfBody, type BodyStore } from '../../core/cache/body-store.js';
import type { NewRecord, RecordBody, RecordHead } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { SUPERSEDED_BODY_TTL_MS } from '../../core/coordination/claim-rules.js';
import type { ClaimStore, FinishReply } from '../../core/coordination/claim-store.js';
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import { RedisClaimStore, contentArguments, finishReplyOf } from './redis-claim-store.js';
import type { RedisCommands } from './redis-commands.js';
import { redisFault } from './redis-fault.js';
import { bodyKey, redisKeys } from './redis-keys.js';
import { RedisLead } from './redis-lead.js';
import type { RedisPush } from './redis-push.js';
import { RedisReply, numberOf } from './redis-reply.js';
import { ScriptedRedis } from './scripted-redis.js';

export interface RedisRecordStoreParts {
  /** Bounded: a command that gets no answer must reject. */
  readonly commands: RedisCommands;
  /** Tells caches in one Redis apart. One hash tag is made of it. */
  readonly namespace: string;
  /** Where it is, for logs; never a secret. */
  readonly description: string;
  readonly bodies: BodyStore;
  /** Without it there are no hints, only checks. */
  readonly push?: RedisPush;
  /** Closes what was opened for this store alone. */
  readonly close?: () => Promise<void> | void;
  /** Only for the comparison with the model: a clock instead of the store's own. */
  readonly nowMs?: () => number;
}

export class RedisRecordStore implements RecordStore {
  readonly description: string;
  readonly key: string;
  readonly claims: ClaimStore;
  readonly lease: LeaseStore;
  readonly watch?: (onChanged: () => void) => Unsubscribe;
  private readonly redis: ScriptedRedis;

  /** @throws FlagsError `invalid-options` for a namespace that cannot be a hash tag. */
  constructor(private readonly parts: RedisRecordStoreParts) {
    const { commands, namespace, description, push, nowMs } = parts;
    const keys = redisKeys(namespace);
    this.description = description;
    this.key = namespace;
    this.redis = new ScriptedRedis(commands, keys, nowMs);
    this.claims = new RedisClaimStore(this.redis, (record, revision) =>
      this.stage(record, revision),
    );
    this.lease = new RedisLead(this.redis);
    if (push !== undefined) this.watch = (onChanged) => push.subscribe(keys.channel, onChanged);
  }

  async readHead(): Promise<RecordHead | undefined> {
    const answer = await this.redis.run('head');
    if (answer === null || answer === undefined) return undefined;
    const reply = RedisReply.of(answer, 7);
    return {
      schema: reply.number(0),
      revision: reply.number(1),
      digest: reply.text(2),
      etag: reply.optionalText(3),
      codec: reply.text(4),
      sizeBytes: reply.number(5),
      ageMs: reply.number(6),
    };
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const key = bodyKey(this.redis.keys, revision);
    const [current, stored] = await Promise.all([this.readHead(), this.readStored(key)]);
    return headOfBody(current, stored, revision);
  }

  async publish(record: NewRecord, revision: number): Promise<boolean> {
    await this.stage(record, revision);
    const args = [revision.toFixed(0), ...contentArguments(record)];
    const rest = [`${SUPERSEDED_BODY_TTL_MS}`, this.redis.keys.channel];
    const reply: FinishReply = finishReplyOf(await this.redis.run('publish', [...args, ...rest]));
    if (reply === 'must-publish') {
      throw new FlagsError(
        `Redis could not publish the definitions at ${this.redis.keys.claims}: their body is not there, or another lies in its place. Nothing was changed.`,
        { code: 'cache-unavailable' },
      );
    }
    return reply === 'accepted';
  }

  async confirm(revision: number): Promise<boolean> {
    return numberOf(await this.redis.run('confirm', [revision.toFixed(0)])) === 1;
  }

  async close(): Promise<void> {
    await this.parts.close?.();
  }

  private async stage(record: NewRecord, revision: number): Promise<void> {
    const key = bodyKey(this.redis.keys, revision);
    try {
      await this.parts.bodies.write(key, { ...record, revision });
    } catch (error) {
      throw redisFault(error, 'store the definitions', key);
    }
  }

  private async readStored(key: string) {
    try {
      return await this.parts.bodies.read(key);
    } catch (error) {
      throw redisFault(error, 'read the definitions', key);
    }
  }
}
