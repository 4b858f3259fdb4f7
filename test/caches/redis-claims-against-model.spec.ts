/**
 * The scripts in a real Redis and the rules in TypeScript do the same: 20,000 random operations
 * with the time in the hand of the test, every reply and, again and again, the whole state equal.
 * A failure prints its seed; `SEED=… npm run jest -- redis-claims-against-model` repeats it.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { nodeRedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { ClaimsUnderComparison } from './claims-under-comparison.js';

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
      (_, lane) => new ClaimsUnderComparison(commands, namespace(lane), seed + lane),
    );
    await Promise.all(compared.map((lane) => lane.take(operationsPerLane)));

    const counted = new Map<string, number>();
    for (const { outcomes } of compared) {
      for (const [outcome, count] of outcomes) {
        counted.set(outcome, (counted.get(outcome) ?? 0) + count);
      }
    }
    // What was compared must have been worth it: every kind of answer, often.
    for (const outcome of everyOutcome) {
      expect([outcome, (counted.get(outcome) ?? 0) >= 50]).toEqual([outcome, true]);
    }
    await Promise.all(compared.map((lane) => lane.remove()));
  });
});

const everyOutcome = [
  'check granted',
  'check held',
  'check not-due',
  'check granted must-publish',
  'check with etag',
  'check with digest',
  'finish new accepted',
  'finish new must-publish',
  'finish new fenced',
  'finish same accepted',
  'finish same must-publish',
  'finish same fenced',
  'finish failed accepted',
  'finish failed fenced',
  'finish handed-over accepted',
  'finish unheard accepted',
  'publish true',
  'publish false',
  'publish lost',
  'confirm true',
  'confirm false',
  'members',
  'head',
  'leave',
  'wipe',
  'time back',
];
