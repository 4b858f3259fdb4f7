/**
 * A cache provider as somebody wrote it for posthog-node: a Redis, a lease that its owner
 * extends, plain JSON. It knows nothing of this library, and this library must get along with it,
 * also when Redis is gone.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FlagDefinitionCacheData, FlagDefinitionCacheProvider } from 'posthog-node';
import { createClient } from 'redis';
import { RefreshCycle } from '../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../lib/core/snapshot/snapshot-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { refreshSettings } from '../support/refresh-settings.js';
import { definitions, notModified, ScriptedSource } from '../support/scripted-source.js';

type Client = ReturnType<typeof createClient>;

class OwnersLeaseProvider implements FlagDefinitionCacheProvider {
  private readonly owner = randomUUID();

  constructor(
    private readonly redis: Client,
    private readonly key: string,
  ) {}

  async getFlagDefinitions() {
    const text = await this.redis.get(this.key);
    return text === null ? undefined : (JSON.parse(text) as FlagDefinitionCacheData);
  }

  async shouldFetchFlagDefinitions() {
    const lock = `${this.key}:lock`;
    if ((await this.redis.get(lock)) === this.owner) return true;
    return (await this.redis.set(lock, this.owner, { NX: true, PX: 60_000 })) === 'OK';
  }

  async onFlagDefinitionsReceived(data: FlagDefinitionCacheData) {
    await this.redis.set(this.key, JSON.stringify(data), { EX: 300 });
  }

  async shutdown() {
    const lock = `${this.key}:lock`;
    if ((await this.redis.get(lock)) === this.owner) await this.redis.del(lock);
  }
}

/** Nobody gives a machine up that is busy. */
const patient = { cacheTimeoutMs: 60_000, fetchTimeoutMs: 60_000, coldWaitMs: 60_000 };

function instanceOn(redis: Client, key: string, source: ScriptedSource) {
  const store = new SnapshotStore();
  const cycle = new RefreshCycle({
    source,
    cache: new OwnersLeaseProvider(redis, key),
    store,
    clock: systemClock,
    observer: { onEvent: () => undefined },
    settings: { ...refreshSettings, ...patient },
  });
  return { cycle, store };
}

describe('a provider written for posthog-node, on a real Redis', () => {
  let redis: Client;
  let key: string;

  beforeEach(async () => {
    redis = createClient({
      url: process.env['TEST_REDIS_URL']!,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false },
    });
    redis.on('error', () => undefined);
    await redis.connect();
    key = `posthog:flags:test-${randomUUID()}`;
  });

  afterEach(async () => {
    if (redis.isOpen) await redis.disconnect();
  });

  it('lets one instance fetch for all, however often they take turns', async () => {
    const source = new ScriptedSource();
    source.reply(definitions(['a'], '"1"')).always = notModified();
    const instances = Array.from({ length: 10 }, () => instanceOn(redis, key, source));

    const first = await Promise.all(instances.map(({ cycle }) => cycle.turn()));
    const second = await Promise.all(instances.map(({ cycle }) => cycle.turn()));

    expect(first.filter((outcome) => outcome.kind === 'fetched')).toHaveLength(1);
    expect(first.filter((outcome) => outcome.kind === 'read')).toHaveLength(9);
    expect(second.filter((outcome) => outcome.kind === 'confirmed')).toHaveLength(1);
    expect(second.filter((outcome) => outcome.kind === 'unchanged')).toHaveLength(9);
    for (const { store } of instances) {
      expect(store.current!.evaluate('a', { distinctId: 'somebody' }).value).toBe(true);
    }
    await Promise.all(instances.map(({ cycle }) => cycle.close()));
    expect(await redis.exists(`${key}:lock`)).toBe(0);
  });

  it('hands the lead to another when the leader closes', async () => {
    const source = new ScriptedSource();
    const [leader, follower] = [instanceOn(redis, key, source), instanceOn(redis, key, source)];
    await leader.cycle.turn();
    expect((await follower.cycle.turn()).kind).toBe('read');
    await leader.cycle.close();

    expect(await follower.cycle.turn()).toMatchObject({ kind: 'fetched', role: 'leader' });
    await follower.cycle.close();
  });

  it('renews the shared copy on a quiet project, so that it never expires', async () => {
    const source = new ScriptedSource();
    source.reply(definitions(['a'], '"1"')).always = notModified();
    const { cycle } = instanceOn(redis, key, source);
    await cycle.turn();
    await redis.expire(key, 120);
    expect((await cycle.turn()).kind).toBe('confirmed');

    expect(await redis.ttl(key)).toBeGreaterThan(200);
    await cycle.close();
  });

  it('keeps every flag when the connection to Redis is gone, and says what failed', async () => {
    const source = new ScriptedSource();
    const { cycle, store } = instanceOn(redis, key, source);
    await cycle.turn();
    await redis.disconnect();

    const outcome = await cycle.turn();

    expect(outcome).toMatchObject({ kind: 'waiting', why: 'cache-unavailable' });
    expect(outcome.cacheFailures).toMatchObject([{ step: 'shouldFetch' }]);
    expect(store.current!.evaluate('a', { distinctId: 'somebody' }).value).toBe(true);
    await cycle.close();
  });
});
