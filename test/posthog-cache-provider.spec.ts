/** What `createPostHogCacheProvider` does with a cache that cannot be used, before any client has it. */
import { describe, expect, it } from '@jest/globals';
import { claimed } from '../lib/core/coordination/coordination-factory.js';
import { timeSlots } from '../lib/core/coordination/self-chosen-factory.js';
import type { RecordBackend } from '../lib/core/cache/record-backend.js';
import { MemoryRecordStore } from '../lib/core/cache/memory-record-store.js';
import { createPostHogCacheProvider } from '../lib/posthog-cache-provider.js';
import { planted } from './support/planted.js';

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

const project = { projectApiKey: planted.projectApiKey };

describe('createPostHogCacheProvider', () => {
  it('closes what it has opened when the coordination cannot be borne by it', async () => {
    const records = new CountedBackend();
    const coordination = timeSlots({ index: 3, of: 3 });
    const wrong = createPostHogCacheProvider({ records, coordination }, project);
    await expect(wrong).rejects.toThrow(/from 0 to 2/);
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

  it.each([
    [
      'http://x:s3cret@y',
      /got a URL with the scheme http:, expected one of redis:, rediss:, postgres:, postgresql:, dynamodb:, file: or /,
    ],
    ['localhost:4990', /without a scheme.*Did you mean "redis:\/\/localhost:4990"\?/],
    ['localhost', /got a text without a scheme/],
    ['memory:', /memory: is shared with nobody/],
    ['redis://x/s3cret', /The database in the URL/],
  ])('says of %p what it is, not how a Redis URL is written', async (url, expected) => {
    const told = await createPostHogCacheProvider(url, project).then(() => 'nothing', String);
    expect(told).toMatch(expected);
    expect(told).not.toMatch(/s3cret|cannot be read/);
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
