/** A server that answers scripts with what they do not answer: never a guess. */
import { describe, expect, it } from '@jest/globals';
import { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { StagingClient } from '../../lib/caches/redis/staging-client.js';
import { askForClaim, claimsOf, publishAs, recordOf } from '../support/claim-turns.js';
import { PlainBodies } from '../support/plain-bodies.js';

function storeAnswered(answer: unknown): RedisRecordStore {
  const commands = { send: async () => answer };
  const bodies = new PlainBodies(commands);
  return new RedisRecordStore({ commands, bodies, namespace: 'shop', description: 'odd' });
}

const digest = 'v1'.padEnd(64, '0');
const check = [2, 1_700_000_000_000, 5, digest, '"v1"', 4, 0, -3, 12, 1, 7, 'network'];

describe('an answer', () => {
  it('may have its numbers as text', async () => {
    const store = storeAnswered(check.map(String));
    await expect(askForClaim(store, 'a')).resolves.toEqual({
      verdict: 'granted',
      token: 1_700_000_000_000,
      revision: 5,
      digest,
      etag: '"v1"',
      verifiedToken: 4,
      mustPublish: false,
      dueInMs: -3,
      ageMs: 12,
      failuresInARow: 1,
      instances: 7,
      reason: 'network',
    });
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'OK'],
    ['a number', 1],
    ['too few values', check.slice(1)],
    ['a text for a number', check.with(1, 'many')],
    ['an empty text for a number', check.with(1, '')],
    ['half a number', check.with(1, 1.5)],
    ['a number for a text', check.with(3, 7)],
  ])('of %s to a check is an error', async (_what, answer) => {
    await expect(askForClaim(storeAnswered(answer), 'a')).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('check that a real Redis (5 or newer) is behind'),
    });
  });

  it('with a number that stands for nothing gives no right to fetch, and ends no claim', async () => {
    await expect(askForClaim(storeAnswered(check.with(0, 9)), 'a')).resolves.toMatchObject({
      verdict: 'not-due',
    });
    await expect(publishAs(storeAnswered(9), 'a', 1, recordOf('v1'))).resolves.toBe('fenced');
  });

  it.each([
    ['finish', (store: RedisRecordStore) => publishAs(store, 'a', 1, recordOf('v1'))],
    ['head', (store: RedisRecordStore) => store.readHead()],
    ['confirm', (store: RedisRecordStore) => store.confirm(1)],
    ['publish', (store: RedisRecordStore) => store.publish(recordOf('v1'), 1)],
    ['members', (store: RedisRecordStore) => claimsOf(store).members()],
  ])('that is odd is an error of %s, too', async (_name, work) => {
    await expect(work(storeAnswered('odd'))).rejects.toMatchObject({ code: 'cache-unavailable' });
  });
});

describe('the client that keeps bodies', () => {
  it('deletes nothing', async () => {
    const sent: (readonly string[])[] = [];
    const client = new StagingClient({ send: async (_key, command) => sent.push(command) });
    await expect(client.del()).resolves.toBe(0);
    expect(sent).toEqual([]);
  });
});
