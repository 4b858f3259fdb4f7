/** What `createPostHogCacheProvider` does with a cache that cannot be used, before any client has it. */
import { describe, expect, it } from '@jest/globals';
import { claimed, leased } from '../lib/core/coordination/coordination-factory.js';
import type { RecordBackend } from '../lib/core/cache/record-backend.js';
import { MemoryRecordStore } from '../lib/core/cache/memory-record-store.js';
import { createPostHogCacheProvider } from '../lib/posthog-cache-provider.js';

class CountedBackend implements RecordBackend {
  opened = 0;
  closed = 0;

  open({ clock }: Parameters<RecordBackend['open']>[0]): MemoryRecordStore {
    this.opened += 1;
    const store = new MemoryRecordStore(clock);
    store.close = async () => void (this.closed += 1);
    return store;
  }
}

const project = { projectApiKey: 'phc_project' };

describe('createPostHogCacheProvider', () => {
  it('closes what it has opened when the coordination cannot be borne by it', async () => {
    const records = new CountedBackend();
    const wrong = createPostHogCacheProvider({ records, coordination: leased() }, project);
    await expect(wrong).rejects.toThrow(/keeps no lease/);
    expect(records).toMatchObject({ opened: 1, closed: 1 });
  });

  it('says everything that is wrong with the parts, and opens nothing', async () => {
    const records = new CountedBackend();
    const cache = { records, coordination: 'claimed', maxBodyBytes: 0, lease: 1 } as never;
    const told = await createPostHogCacheProvider(cache, project).catch(String);
    for (const name of ['cache.coordination', 'cache.maxBodyBytes', 'cache.lease']) {
      expect(told).toContain(name);
    }
    expect(told).toContain('createPostHogCacheProvider: 3 options are wrong.');
    expect(records.opened).toBe(0);
  });

  it('opens the records once, and closes them with the client', async () => {
    const records = new CountedBackend();
    const provider = await createPostHogCacheProvider(
      { records, coordination: claimed() },
      project,
    );
    expect(records).toMatchObject({ opened: 1, closed: 0 });
    await provider.shutdown();
    expect(records).toMatchObject({ opened: 1, closed: 1 });
  });
});
