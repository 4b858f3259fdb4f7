/**
 * Last known answers in Redis: one key for each flag of each person, under a prefix of its own,
 * each with an expiry. Nothing is ever looked for by pattern: to clear it is to begin a new era,
 * which the answers of before do not belong to; they expire.
 *
 *   nestjs-feature-flags:answers:{namespace}:era            the present era
 *   nestjs-feature-flags:answers:{namespace}:<person>:<flag>  an answer, JSON
 */
import { createHash, randomUUID } from 'node:crypto';
import { answerFromJson, answerToJson } from '../../core/remote/answer-json.js';
import type { FallbackCache, KnownAnswer } from '../../core/remote/fallback-cache.js';
import { redisFault } from './redis-fault.js';
import type { RedisCommands } from './redis-commands.js';

export interface RedisFallbackCacheParts {
  readonly commands: RedisCommands;
  readonly description: string;
  /** Tells caches in one Redis apart. */
  readonly namespace: string;
  /** How long an answer is kept, in milliseconds. */
  readonly keptMs: number;
  readonly close: () => void;
}

const PREFIX = 'nestjs-feature-flags:answers';
/** Longer than every answer, so that none outlives the era that it was written in. */
const ERA_IN_LIVES = 4;
const LONGEST_FLAG_IN_KEY = 200;

export class RedisFallbackCache implements FallbackCache {
  readonly description: string;
  private readonly prefix: string;

  constructor(private readonly parts: RedisFallbackCacheParts) {
    this.description = parts.description;
    this.prefix = `${PREFIX}:{${parts.namespace}}`;
  }

  async read(person: string, keys: readonly string[]): Promise<ReadonlyMap<string, KnownAnswer>> {
    const names = keys.map((key) => this.nameOf(person, key));
    const reply = await this.send('read known answers', ['MGET', this.eraKey, ...names]);
    const [era, ...jsons] = Array.isArray(reply) ? (reply as unknown[]) : [];
    const found = new Map<string, KnownAnswer>();
    if (typeof era !== 'string') return found;
    for (const [index, key] of keys.entries()) {
      const answer = answerFromJson(jsons[index], era);
      // Two long names of flags could have been shortened to one.
      if (answer?.key === key) found.set(key, answer);
    }
    return found;
  }

  async write(person: string, answers: readonly KnownAnswer[]): Promise<void> {
    const era = await this.era();
    const px = this.parts.keptMs.toFixed(0);
    await Promise.all(
      answers.map((answer) => {
        const json = answerToJson(answer, era);
        const command = ['SET', this.nameOf(person, answer.key), json, 'PX', px];
        return this.send('write a known answer', command);
      }),
    );
  }

  async clear(): Promise<void> {
    const px = (ERA_IN_LIVES * this.parts.keptMs).toFixed(0);
    await this.send('forget the known answers', ['SET', this.eraKey, randomUUID(), 'PX', px]);
  }

  close(): void {
    this.parts.close();
  }

  /** The present one, begun by whoever comes first; each write renews it. */
  private async era(): Promise<string> {
    const px = (ERA_IN_LIVES * this.parts.keptMs).toFixed(0);
    const own = randomUUID();
    await this.send('begin an era', ['SET', this.eraKey, own, 'NX', 'PX', px]);
    const [era] = await Promise.all([
      this.send('read the era', ['GET', this.eraKey]),
      this.send('keep the era', ['PEXPIRE', this.eraKey, px]),
    ]);
    return typeof era === 'string' ? era : own;
  }

  private get eraKey(): string {
    return `${this.prefix}:era`;
  }

  private nameOf(person: string, flag: string): string {
    const isShort = flag.length <= LONGEST_FLAG_IN_KEY;
    const name = isShort ? flag : createHash('sha256').update(flag).digest('hex');
    return `${this.prefix}:${person}:${name}`;
  }

  private async send(doing: string, command: readonly string[]): Promise<unknown> {
    try {
      return await this.parts.commands.send(this.eraKey, command);
    } catch (error) {
      throw redisFault(error, doing, this.prefix);
    }
  }
}
