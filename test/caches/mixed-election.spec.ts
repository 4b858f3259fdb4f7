/**
 * One election of workers with PostHog's Redis example and workers with this package, in a real
 * Redis: one leads, whoever it is; what it stores all read; and when it is gone another leads.
 * The time to live of a lease is ended by hand, so no test waits for it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { interopKeys, type InteropKeys } from '../../lib/caches/redis/interop-keys.js';
import { openInteropRecords } from '../../lib/caches/url/interop-records.js';
import { createSharedDefinitionCache } from '../../lib/core/cache/create-shared-definition-cache.js';
import type { FlagDefinitionCacheProvider } from '../../lib/core/cache/flag-definition-cache-provider.js';
import type { CoordinationFactory } from '../../lib/core/coordination/coordination-factory.js';
import { LeasedCoordination } from '../../lib/core/coordination/leased.js';
import { RefreshCycle } from '../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../lib/core/snapshot/snapshot-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { createPostHogCacheProvider } from '../../lib/posthog-cache-provider.js';
import { Random } from '../fidelity/random.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { OwnersLeaseExample } from '../support/owners-lease-example.js';
import { planted } from '../support/planted.js';
import { clientWith, isOn, sharingClient } from '../support/posthog-node-client.js';
import { refreshSettings } from '../support/refresh-settings.js';
import { definitions, documentOf, ScriptedSource } from '../support/scripted-source.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
const redis = createClient({ url });
beforeAll(() => redis.connect());
afterAll(() => redis.disconnect());

const LEASE_MS = 60_000;
const { projectApiKey } = planted;
let service: string;
let keys: InteropKeys;
let closings: (() => Promise<void> | void)[];
beforeEach(() => {
  service = `mixed-${randomUUID()}`;
  keys = interopKeys(service);
  closings = [];
});
afterEach(async () => {
  await Promise.all(closings.map(async (close) => close()));
  await redis.del([keys.copy, keys.lock, keys.head]);
});

const leader = () => redis.get(keys.lock);
const keysOf = (data: unknown) =>
  (data as { flags: { key: string }[] } | null | undefined)?.flags.map(({ key }) => key);
const shared = async () => keysOf(JSON.parse((await redis.get(keys.copy)) ?? 'null'));

/** A worker with PostHog's contract, which takes polls as posthog-node does. */
class Worker {
  held: readonly string[] | undefined;

  constructor(
    readonly owner: string,
    readonly provider: FlagDefinitionCacheProvider,
  ) {}

  /** @returns whether it was asked to fetch. */
  async poll(fetched: string): Promise<boolean> {
    const leads = await this.provider.shouldFetchFlagDefinitions();
    if (leads) {
      this.held = [fetched];
      await this.provider.onFlagDefinitionsReceived(documentOf([fetched]));
    } else {
      this.held = keysOf(await this.provider.getFlagDefinitions()) ?? this.held;
    }
    return leads;
  }
}

function example(): Worker {
  const provider = new OwnersLeaseExample(redis, service, LEASE_MS);
  return new Worker(provider.owner, provider);
}

/** The lease with an owner whom the test knows, due at each poll. */
function leasedAs(owner: string): CoordinationFactory {
  return ({ records, clock }) => {
    const settings = { intervalMs: 0, leaseMs: LEASE_MS };
    if (records.lease === undefined) throw new Error('no lease');
    return new LeasedCoordination({ lease: records.lease, records, clock, settings, owner });
  };
}

function records() {
  const patient = { commandTimeoutMs: 60_000, connectTimeoutMs: 60_000 };
  return openInteropRecords({ url, service, clock: systemClock, ...patient });
}

async function ours(): Promise<Worker> {
  const owner = `ours-${randomUUID()}`;
  const options = { records: records(), coordination: leasedAs(owner) };
  const provider = await createPostHogCacheProvider(options, {
    projectApiKey,
    cacheTimeoutMs: 60_000,
  });
  closings.push(() => provider.shutdown());
  return new Worker(owner, provider);
}

function nestInstance() {
  const owner = `nest-${randomUUID()}`;
  const store = new SnapshotStore();
  const source = new ScriptedSource();
  const times = { clock: systemClock, random: Math.random, jitter: 0 };
  const cache = createSharedDefinitionCache(
    { records: records(), coordination: leasedAs(owner) },
    { ...times, intervalMs: 30_000, checkMs: 5_000, leaseMs: LEASE_MS },
  );
  const observer = { onEvent: () => undefined };
  const settings = { ...refreshSettings, cacheTimeoutMs: 60_000, coldWaitMs: 60_000 };
  const cycle = new RefreshCycle({ source, cache, store, clock: systemClock, observer, settings });
  closings.push(() => cycle.close());
  return { owner, cycle, store, source };
}

describe('one election', () => {
  it('has one leader, though all ask at the same moment, poll after poll', async () => {
    const fleet = [example(), await ours(), example(), await ours(), example()];
    const leaders = new Set<string>();
    for (let poll = 0; poll < 20; poll += 1) {
      const asked = await Promise.all(fleet.map((worker) => worker.poll('v1')));
      const leading = fleet.filter((_worker, index) => asked[index]);
      expect(leading).toHaveLength(1);
      expect(await leader()).toBe(leading[0]!.owner);
      leaders.add(leading[0]!.owner);
    }
    expect(leaders.size).toBe(1);
    expect(await redis.pTTL(keys.lock)).toBeLessThanOrEqual(LEASE_MS);
  });

  it.each([
    ['the example', example, ours],
    ['ours', ours, example],
  ])(
    'won by %s is read by the other, and passes on when its leader crashes',
    async (_who, first, second) => {
      const [a, b] = [await first(), await second()];
      expect(await a.poll('v1')).toBe(true);
      expect(await b.poll('never')).toBe(false);
      expect(b.held).toEqual(['v1']);
      // The leader is heard of no more, and its lease runs out.
      expect(await redis.pTTL(keys.lock)).toBeGreaterThan(0);
      await redis.pExpire(keys.lock, 1);
      expect(await eventually(async () => (await leader()) === null)).toBe(true);
      expect(await b.poll('v2')).toBe(true);
      expect(await a.poll('never')).toBe(false);
      expect(a.held).toEqual(['v2']);
    },
  );

  it('is left by its leader when that shuts down, and by nobody else', async () => {
    const [a, b, c] = [example(), await ours(), await ours()];
    await b.poll('v1');
    await a.provider.shutdown();
    await c.provider.shutdown();
    expect(await leader()).toBe(b.owner);
    await b.provider.shutdown();
    expect(await leader()).toBeNull();
    expect(await a.poll('v2')).toBe(true);
  });

  it('takes an instance of the Nest module in, which follows and leads like the others', async () => {
    const [a, nest] = [example(), nestInstance()];
    nest.source.always = definitions(['v2'], '"2"');
    await a.poll('v1');
    expect(await nest.cycle.turn()).toMatchObject({ kind: 'read' });
    expect(nest.store.current?.keys).toEqual(['v1']);
    await a.provider.shutdown();
    expect(await nest.cycle.turn()).toMatchObject({ kind: 'fetched', published: true });
    expect(await leader()).toBe(nest.owner);
    expect(await a.poll('never')).toBe(false);
    expect(a.held).toEqual(['v2']);
    await nest.cycle.close();
    expect(await a.poll('v3')).toBe(true);
  });

  it('never has two leaders, in 600 random steps with crashes, restarts and leaves', async () => {
    const random = new Random(20_261_121);
    const makers = [example, ours, example, ours];
    const fleet = await Promise.all(makers.map(async (make) => make()));
    let holder: string | null = null;
    let [changes, version] = [0, 0];
    for (let step = 0; step < 600; step += 1) {
      const index = Math.floor(random.next() * fleet.length);
      const worker = fleet[index]!;
      const kind = random.next();
      if (kind < 0.03) {
        // The time to live of whoever leads runs out.
        await redis.del(keys.lock);
        holder = null;
      } else if (kind < 0.06) {
        await worker.provider.shutdown();
        if (holder === worker.owner) holder = null;
        fleet[index] = await makers[index]!();
      } else {
        const leads = await worker.poll(`v${(version += 1)}`);
        const now: string | null = await leader();
        if (holder !== null && now !== holder) throw new Error(`two leaders at step ${step}`);
        if (leads !== (now === worker.owner)) throw new Error(`not its lease at step ${step}`);
        if (now !== holder) changes += 1;
        holder = now;
        const held = worker.held?.join();
        if ((await shared())?.join() !== held)
          throw new Error(`not what is shared at step ${step}`);
      }
    }
    expect(changes).toBeGreaterThan(10);
  });
});

describe('real posthog-node clients with the example, with ours, and what they share', () => {
  it('evaluates alike in all, through a change and the shutdown of one after the other', async () => {
    const server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
    closings.push(() => server.close());
    const cache = `${url}/0?key=${service}&interop=posthog`;
    const fleet = [
      clientWith(server, new OwnersLeaseExample(redis, service), 300),
      await sharingClient(server, cache, 300),
      clientWith(server, new OwnersLeaseExample(redis, service), 300),
      await sharingClient(server, cache, 300),
    ];
    closings.push(async () => {
      await Promise.all(fleet.map(({ client }) => client.shutdown(10_000)));
    });
    for (let change = 1; fleet.length > 0; change += 1) {
      server.definitions = documentOf([`v${change}`]);
      for (const one of fleet) {
        const knows = async () => (await isOn(one, `v${change}`)) === true;
        expect(await eventually(knows)).toBe(true);
      }
      await fleet.shift()!.client.shutdown(10_000);
    }
  });
});
