/**
 * How large shared definitions may be: what one instance may fetch and publish, with the defaults
 * of both ends, the others can read. Else they would be without flags while it has them.
 */
import { describe, expect, it } from '@jest/globals';
import { createSharedDefinitionCache } from '../../../lib/core/cache/create-shared-definition-cache.js';
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import { resolveSourceOptions } from '../../../lib/posthog/posthog-definition-source.options.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';

const clock = new ManualClock();
const times = { clock, random: () => 0.5, intervalMs: 30_000, jitter: 0, checkMs: 5_000 };
const facts = { revision: 0, digest: undefined, ageMs: undefined, token: 0, kick: false };

/** One instance publishes a document of so many bytes; what another reads. */
async function readBack(sizeBytes: number): Promise<unknown> {
  const records = new MemoryRecordStore(clock);
  const [one, other] = [0, 1].map(() =>
    createSharedDefinitionCache({ records }, { ...times, leaseMs: 12_000 }),
  );
  const frame = JSON.stringify({ flags: [], filling: '' }).length;
  const definitions = { flags: [], filling: 'x'.repeat(sizeBytes - frame) };
  const verdict = await one!.check({ ...facts, sitOutMs: 0 });
  if (verdict.kind !== 'lead') throw new Error('the store is empty: it must grant');
  await one!.publish(verdict.grant, { definitions, digest: 'd'.repeat(64), etag: undefined });
  await other!.check({ ...facts, sitOutMs: 0 });
  return other!.read();
}

describe('large definitions', () => {
  const { maxBodyBytes } = resolveSourceOptions({ projectApiKey: 'phc_x', secretKey: 'phs_x' });

  it('are read by the others up to what a source gives by default', async () => {
    await expect(readBack(maxBodyBytes)).resolves.toMatchObject({ document: { flags: [] } });
  });

  it('are refused beyond, with what to do', async () => {
    await expect(readBack(maxBodyBytes + 1)).rejects.toMatchObject({
      code: 'invalid-definitions',
      message: expect.stringContaining('more than the 33554432 allowed'),
    });
  });
});
