/**
 * The scripts in a real Redis and the rules in TypeScript do the same: 20,000 random operations
 * with the time in the hand of the test, every reply and, again and again, the whole state equal.
 * A failure prints its seed; `SEED=… npm run jest -- redis-claims-against-model` repeats it.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { nodeRedisCommands, type RedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { bodyKey, redisKeys, type RedisKeys } from '../../lib/caches/redis/redis-keys.js';
import { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { PlainBodies } from '../support/plain-bodies.js';
import {
  ClaimsUnderComparison,
  rareOutcomes,
  type BodyLife,
  type ComparedStore,
} from './claims-under-comparison.js';

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const lanes = 20;
const operationsPerLane = 1_000;

const client = createClient({ url: process.env['TEST_REDIS_URL'] });
const namespace = (lane: number): string => `compare-${run}-${lane}`;
const run = randomUUID();
beforeAll(() => client.connect());
afterAll(() => client.disconnect());

describe('the scripts and the rules', () => {
  it(`answer and remember the same in ${lanes * operationsPerLane} operations (seed ${seed})`, async () => {
    const commands = nodeRedisCommands(client);
    const compared = Array.from(
      { length: lanes },
      (_, lane) =>
        new ClaimsUnderComparison(
          (nowMs) => new ComparedRedis(commands, namespace(lane), nowMs),
          seed + lane,
        ),
    );
    await Promise.all(compared.map((lane) => lane.take(operationsPerLane)));

    // What was compared must have been worth it: every kind of answer, often.
    expect(rareOutcomes(compared, 50)).toEqual([]);
    await Promise.all(compared.map((lane) => lane.remove()));
  });
});

class ComparedRedis implements ComparedStore {
  readonly store: RedisRecordStore;
  private readonly keys: RedisKeys;
  private readonly bodies: PlainBodies;

  constructor(
    private readonly commands: RedisCommands,
    namespace: string,
    nowMs: () => number,
  ) {
    this.keys = redisKeys(namespace);
    this.bodies = new PlainBodies(commands);
    const description = 'compared';
    this.store = new RedisRecordStore({
      commands,
      namespace,
      description,
      bodies: this.bodies,
      nowMs,
    });
  }

  get losesWrites(): boolean {
    return this.bodies.losesWrites;
  }

  set losesWrites(loses: boolean) {
    this.bodies.losesWrites = loses;
  }

  forget(revisions: readonly number[]): Promise<void> {
    return this.delete(revisions.map((revision) => bodyKey(this.keys, revision)));
  }

  async clear(revisions: readonly number[]): Promise<void> {
    await this.delete([this.keys.claims, this.keys.members]);
    await this.forget(revisions);
  }

  async fields(): Promise<ReadonlyMap<string, string>> {
    const flat = (await this.send('HGETALL', this.keys.claims)) as string[];
    const fields = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(`${flat[i]}`, `${flat[i + 1]}`);
    const others = ['format', 'leaseOwner', 'leaseTakenAt', 'leaseLengthMs', 'leaseToken'];
    for (const name of others) fields.delete(name);
    return fields;
  }

  async lifeOf(revision: number): Promise<BodyLife> {
    const ttl = Number(await this.send('PTTL', bodyKey(this.keys, revision)));
    return ttl === -1 ? 'for ever' : ttl === -2 ? 'not' : 'for a time';
  }

  private async delete(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.send('DEL', ...keys);
  }

  private send(...command: string[]): Promise<unknown> {
    return this.commands.send(this.keys.claims, command);
  }
}
