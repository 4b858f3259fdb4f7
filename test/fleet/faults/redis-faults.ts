/** What happens to Redis, on the way to it, and to what lies in it. */
import { delay, type RealFleet } from '../real-fleet.js';
import { secrets } from '../secrets.js';
import type { RedisStore } from '../stores/redis-store.js';
import { holdFetch, holdFinish, untilFelt, untilSaid, type Fault } from './fault.js';

const claims = 'flags:v1:{fleet}:claims';
const AN_HOUR_MS = 3_600_000;

const cutAll = (fleet: RealFleet): void => {
  for (const proxy of fleet.proxies.values()) proxy.cut();
};

/** The server says no to all until it is told to say yes again. */
async function whileRefusing(
  fleet: RealFleet<RedisStore>,
  words: string,
  no: string[],
  yes: string[],
): Promise<void> {
  await fleet.store.run(no);
  fleet.change();
  await untilSaid(fleet, words);
  await fleet.store.run(yes);
}

async function setLatency(fleet: RealFleet, ms: number): Promise<void> {
  for (const proxy of fleet.proxies.values()) proxy.latencyMs = ms;
}

export const redisFaults = {
  redisFrozen: async (fleet, random) => {
    await fleet.store.freeze();
    fleet.change();
    await untilFelt(fleet, random.integer(1, fleet.instances.length));
    await fleet.store.thaw();
  },

  redisFrozenBeforeAPublication: async (fleet) => {
    fleet.change();
    const { release } = await holdFinish(fleet);
    await fleet.store.freeze();
    release();
    await untilFelt(fleet, 2);
    await fleet.store.thaw();
  },

  redisKilledBackWithData: async (fleet, random) =>
    fleet.restartStore({ withData: true, awayMs: random.between(100, 2_000) }),

  redisKilledBackEmpty: async (fleet, random) =>
    fleet.restartStore({ withData: false, awayMs: random.between(100, 2_000) }),

  redisKilledWhileOneFetches: async (fleet) => {
    fleet.change();
    const { release } = await holdFetch(fleet);
    await fleet.restartStore({ withData: false, awayMs: 100 });
    release();
  },

  redisKilledBeforeAPublication: async (fleet) => {
    fleet.change();
    const { release } = await holdFinish(fleet);
    await fleet.restartStore({ withData: true, awayMs: 500 });
    release();
  },

  connectionsReset: async (fleet) => {
    cutAll(fleet);
    await delay(200);
    cutAll(fleet);
  },

  connectionsResetBeforeAPublication: async (fleet) => {
    fleet.change();
    const { release } = await holdFinish(fleet);
    cutAll(fleet);
    release();
  },

  redisRefusedToSome: async (fleet, random) => {
    const some = [...fleet.proxies.values()].filter(() => random.chance(0.5));
    for (const proxy of some) proxy.refuse();
    fleet.change();
    await delay(random.between(500, 3_000));
    for (const proxy of some) proxy.accept();
  },

  latency: async (fleet) => {
    await setLatency(fleet, 200);
    fleet.change();
    await fleet.until('all are current all the same', () => fleet.laggards().length === 0);
    await setLatency(fleet, 0);
  },

  flushed: async (fleet) => {
    fleet.storeLost();
    await fleet.store.run(['FLUSHALL']);
  },

  flushedWhileOneFetches: async (fleet) => {
    fleet.change();
    const { release } = await holdFetch(fleet);
    fleet.storeLost();
    await fleet.store.run(['FLUSHALL']);
    release();
  },

  readOnlyReplica: async (fleet) =>
    whileRefusing(fleet, '(READONLY)', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']),

  passwordChanged: async (fleet) => {
    await fleet.store.run(['CONFIG', 'SET', 'requirepass', 'another']);
    cutAll(fleet);
    fleet.change();
    await untilSaid(fleet, '(WRONGPASS)');
    await fleet.store.run(['CONFIG', 'SET', 'requirepass', secrets.password]);
  },

  memoryShort: async (fleet) =>
    whileRefusing(
      fleet,
      '(OOM)',
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['CONFIG', 'SET', 'maxmemory', '0'],
    ),

  headSpoilt: async (fleet, random) => {
    const field = random.pick(['revision', 'token', 'dueAt', 'leaseEndsAt', 'verifiedToken']);
    await fleet.store.run(['HSET', claims, field, random.pick(['many', '-1', '1e400', ''])]);
  },

  bodySpoilt: async (fleet, random) => {
    const revision = String(await fleet.store.run(['HGET', claims, 'revision']));
    const body = random.pick(['<html>', '{}', 'null', '{"value":{"text":"{"}}']);
    await fleet.store.run(['SET', `flags:v1:{fleet}:body:${revision}`, body]);
    // Who comes now has nothing else to read; and nothing new comes to put it right.
    const name = await fleet.startInstance(random.pick(fleet.alive));
    await fleet.until(`${name} has definitions`, () => !fleet.laggards().includes(name));
  },

  foreignValueUnderOurKey: async (fleet) => {
    await fleet.store.run(['DEL', claims], ['SET', claims, 'somebody else']);
    fleet.change();
    await untilSaid(fleet, 'something that is not ours lies there');
    fleet.storeLost();
    await fleet.store.run(['DEL', claims]);
  },

  /** What a failover to a host whose clock is an hour behind leaves in the store. */
  timesAnHourAhead: async (fleet) => {
    const ahead = `${Date.now() + AN_HOUR_MS}`;
    const times = ['dueAt', 'leaseEndsAt', 'finishedAt', 'verifiedAt'].flatMap((name) => [name, ahead]); // prettier-ignore
    await fleet.store.run(['HSET', claims, 'holder', 'somebody', ...times]);
  },
} satisfies Record<string, Fault<RedisStore>>;
