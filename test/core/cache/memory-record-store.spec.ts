/**
 * Records in memory, in what is theirs alone. That they keep the contracts of record stores and of
 * claim stores is in test/caches/record-contract.spec.ts.
 */
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { emptyClaimState } from '../../../lib/core/coordination/claim-state.js';
import type { NewRecord } from '../../../lib/core/cache/definition-record.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { checkRequest } from '../coordination/store-in-hand.js';

let clock: ManualClock;
let store: MemoryRecordStore;
beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryRecordStore(clock);
});

const record = (digest: string, body: NewRecord['body'] = `{"of":"${digest}"}`): NewRecord => ({
  schema: 1,
  digest,
  etag: `"${digest}"`,
  codec: 'json',
  body,
});

async function lead(instance: string, digest: string): Promise<number> {
  const { token } = await store.claims.check(checkRequest({ instance }));
  const result = { kind: 'new', record: record(digest), nextDueMs: 30_000 } as const;
  await store.claims.finish({ instance, token, result });
  return token;
}

describe('a store in memory', () => {
  it('changes nothing by a claim that is fenced', async () => {
    const token = await lead('a', 'v1');
    const before = store.claimState;
    const result = { kind: 'new', record: record('ghost'), nextDueMs: 0 } as const;
    await expect(store.claims.finish({ instance: 'a', token, result })).resolves.toBe('fenced');
    expect(store.claimState).toBe(before);
    await expect(store.readBody(token)).resolves.toMatchObject({ body: '{"of":"v1"}' });
  });

  it('keeps a body that was overtaken for ten minutes', async () => {
    const first = await lead('a', 'v1');
    clock.jumpWallClock(30_000);
    await lead('a', 'v2');
    clock.jumpWallClock(599_999);
    await expect(store.readBody(first)).resolves.toMatchObject({ body: '{"of":"v1"}' });
    clock.jumpWallClock(1);
    await expect(store.readBody(first)).resolves.toBeUndefined();
    await lead('a', 'v3');
    await expect(store.readBody(first)).resolves.toBeUndefined();
  });

  it('tells the watchers of each publication, until they leave', async () => {
    const told = jest.fn();
    const unsubscribe = store.watch(told);
    store.watch(told);
    await lead('a', 'v1');
    expect(told).toHaveBeenCalledTimes(2);
    unsubscribe();
    await store.publish(record('v2'), clock.now() + 1);
    expect(told).toHaveBeenCalledTimes(3);
    await store.close();
    await store.publish(record('v3'), clock.now() + 2);
    expect(told).toHaveBeenCalledTimes(3);
  });

  it('knows its members, and forgets those who leave', async () => {
    await store.claims.check(checkRequest({ instance: 'a', revision: 7, ageMs: 3 }));
    clock.jumpWallClock(40);
    await expect(store.claims.members()).resolves.toEqual([
      { instance: 'a', revision: 7, ageMs: 3, seenAgoMs: 40, leads: false },
    ]);
    clock.jumpWallClock(-90);
    await expect(store.claims.members()).resolves.toMatchObject([{ seenAgoMs: 0 }]);
    await store.claims.leave('a');
    await expect(store.claims.members()).resolves.toEqual([]);
  });

  it('can be put into another state, as by a failover', async () => {
    const before = store.claimState;
    await lead('a', 'v1');
    store.replaceClaimState(before);
    await expect(store.readHead()).resolves.toBeUndefined();
    expect(store.claimState).toBe(emptyClaimState);
  });
});
