/** An instance with `posthog-node` and our provider in it, over the claims of the virtual store. */
import { PostHogNodeFace } from '../../../lib/core/cache/posthog-node-face.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import type { VirtualInstanceParts } from '../world/virtual-instance.js';
import { ForeignInstance, type ProviderOf } from './foreign-instance.js';

export function facedInstance(parts: VirtualInstanceParts): ForeignInstance {
  return new ForeignInstance(parts, ourProvider);
}

const ourProvider: ProviderOf = (instance, parts) => {
  const { process, settings, random } = parts;
  const { clock } = process;
  const dueMs = 0.95 * settings.intervalMs;
  const times = { intervalMs: dueMs, jitter: 0, checkMs: 0.5 * settings.intervalMs };
  const chance = (): number => random.next();
  const records = recordsOf(instance, parts);
  const { claims } = records;
  if (claims === undefined) throw new Error('The virtual store grants claims.');
  const coordination = new ClaimedCoordination({
    claims,
    settings: { ...times, leaseMs: settings.leaseMs },
    clock,
    random: chance,
    instance: process.name,
  });
  const cache = new SharedDefinitionCache({ records, coordination });
  const { fetchTimeoutMs } = settings;
  return new PostHogNodeFace({
    cache,
    clock,
    random: chance,
    dueMs,
    fetchTimeoutMs,
    cacheTimeoutMs: 1_000,
  });
};

function recordsOf(
  instance: ForeignInstance,
  { store, process }: VirtualInstanceParts,
): RecordStore {
  const records = store.connectionOf(process, {
    get lastFetch() {
      return instance.lastFetch;
    },
    contentOfFinish: ({ result }) => (result.kind === 'new' ? instance.lastFetched : undefined),
    checks: () => {
      instance.claims(false);
      return ({ verdict }) => instance.claims(verdict === 'granted');
    },
    onFinishSent: () => undefined,
  });
  // A client that only follows looks at the head over the same network.
  const readHead = () => store.server.call(process, 'read', 'read-done', () => records.readHead());
  return { ...records, readHead };
}
