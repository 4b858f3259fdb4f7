/**
 * Apps over their own clients when the server goes away: the primary behind Sentinel is killed and
 * a replica takes over, a node of a cluster is killed, a single server is frozen, or restarts.
 * Evaluation goes on, and definitions are shared again, without anybody's doing.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redisCache } from '../../lib/caches-redis.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import {
  ioRedis,
  ioRedisCluster,
  ioRedisSentinel,
  nodeRedis4,
  nodeRedis4Cluster,
  nodeRedis5,
  nodeRedis5Cluster,
  nodeRedis5Sentinel,
  type GivenClient,
} from '../support/given-clients.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

const times = { intervalMs: 1_000, checkMs: 200, cacheTimeoutMs: 2_000 };

let given: GivenClient[] = [];
let servers: { stop(): Promise<void> }[] = [];
let server: DefinitionsServer;
let apps: SharingApps;
beforeEach(async () => {
  given = [];
  servers = [];
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
});
afterEach(async () => {
  await apps.close();
  for (const { end } of given) await end();
  await Promise.all(servers.map((started) => started.stop()));
  await server.close();
});

async function stopLater<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  servers.push(started);
  return started;
}

async function startOver(making: readonly Promise<GivenClient>[], key = `test-${randomUUID()}`) {
  given = await Promise.all(making);
  const fleet = [];
  for (const { client } of given) fleet.push(await apps.start(redisCache(client, { key }), times));
  await expectAllToHave(fleet, 'a');
  return fleet;
}

type Fleet = Awaited<ReturnType<typeof startOver>>;

/** All have seen the same revision in their last turn, and had no trouble with the cache. */
async function expectSharedAgain(fleet: Fleet, flag: string): Promise<void> {
  server.definitions = documentOf([flag]);
  const isShared = (): boolean => {
    const outcomes = fleet.map(({ flags }) => flags.status().lastOutcome);
    // Of the shared record: who fetched the same alone keeps the number of that.
    const revisions = new Set(outcomes.map((last) => last && 'revision' in last && last.revision));
    return (
      revisions.size === 1 &&
      outcomes.every((outcome) => outcome?.cacheFailures.length === 0) &&
      fleet.every(({ flags }) => flags.local.isEnabled(flag, { distinctId: 'x' }))
    );
  };
  if (await eventually(isShared)) return;
  const states = fleet.map(({ flags, log }) => ({ ...flags.status(), warned: log.warned }));
  throw new Error(`it is not shared again: ${JSON.stringify(states)}`);
}

describe('behind Sentinel', () => {
  it('apps go on when the primary is killed, and share again when the replica has taken over', async () => {
    const sentinel = await stopLater(RedisSentinel.start());
    const fleet = await startOver([
      ioRedisSentinel(sentinel),
      ioRedisSentinel(sentinel),
      nodeRedis5Sentinel(sentinel),
    ]);
    for (const { log } of fleet) {
      expect(log.logged[0]).toMatch(
        /^Definitions are to be shared through the given Redis behind Sentinel \(key .*: one instance fetches for all, changes are pushed\. This instance is [-\da-f]{36}\.$/,
      );
    }

    await sentinel.failOver();
    for (const { flags } of fleet) {
      expect(flags.local.isEnabled('a', { distinctId: 'x' })).toBe(true);
    }
    await expectSharedAgain(fleet, 'after');
    // What is shared lies in the new primary.
    const keys = String(await sentinel.replica.run(['KEYS', 'flags:v1:*']));
    expect(keys).toContain(':claims');
  });

  it('a duplicate of ioredis is pushed what is published after the failover, too', async () => {
    const sentinel = await stopLater(RedisSentinel.start());
    const { hintsOf, store } = await listenOver(ioRedisSentinel(sentinel));
    await sentinel.failOver();
    const isHeard = async (): Promise<boolean> => {
      const before = hintsOf();
      const publish = ['PUBLISH', 'flags:v1:{watched}:changed', '1'];
      await sentinel.replica.run(publish).catch(() => undefined);
      return eventually(() => hintsOf() > before, 250);
    };
    expect(await eventually(isHeard)).toBe(true);
    await store.close();
  });

  // Whether it listens again after a failover is up to that client: no promise of ours.
  it('the Sentinel client of node-redis 5 is pushed what is published, until it is told to stop', async () => {
    const sentinel = await stopLater(RedisSentinel.start());
    const { hintsOf, store } = await listenOver(nodeRedis5Sentinel(sentinel));
    const publish = () => sentinel.primary.run(['PUBLISH', 'flags:v1:{watched}:changed', '1']);
    const listeners = async (): Promise<number> => Number(await publish());
    expect(await listeners()).toBe(1);
    expect(await eventually(() => hintsOf() === 2)).toBe(true);
    await store.close();
    expect(await eventually(async () => (await listeners()) === 0)).toBe(true);
    expect(hintsOf()).toBe(2);
  });
});

/** Subscribes, and waits for the hint that this gives. */
async function listenOver(making: Promise<GivenClient>) {
  const made = await making;
  given.push(made);
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
  const store = await redisCache(made.client, { key: 'watched' }).open(settings);
  let hints = 0;
  store.watch?.(() => (hints += 1));
  expect(await eventually(() => hints === 1)).toBe(true);
  return { store, hintsOf: () => hints };
}

describe('on a cluster', () => {
  async function expectClaimsIn(node: RedisServer): Promise<void> {
    expect(String(await node.run(['KEYS', 'flags:v1:*']))).toContain(':claims');
  }

  async function startOverCluster() {
    const cluster = await stopLater(RedisCluster.start());
    const fleet = await startOver([
      nodeRedis4Cluster(cluster),
      nodeRedis5Cluster(cluster),
      ioRedisCluster(cluster),
    ]);
    const [, tag] = /\(key ([^)]+)\)/.exec(String(fleet[0]?.log.logged[0])) ?? [];
    return { cluster, owner: await cluster.ownerOf(`{${tag}}`), fleet };
  }

  it('apps go on to share when a node is killed that does not hold their slot', async () => {
    const { cluster, owner, fleet } = await startOverCluster();
    await expectClaimsIn(owner);
    await cluster.nodes.find((node) => node !== owner)?.kill();

    await expectSharedAgain(fleet, 'after');
    await expectClaimsIn(owner);
  });

  it('apps evaluate while the node is away that holds their slot, and share again when it is back, empty', async () => {
    const { owner, fleet } = await startOverCluster();
    await expectClaimsIn(owner);
    await restart(owner, fleet);

    await expectSharedAgain(fleet, 'after');
    await expectClaimsIn(owner);
  });
});

describe('on one server', () => {
  it.each([
    ['is frozen for a while', freezeForAWhile],
    ['is killed and started again, empty', restart],
  ])('apps go on when it %s, and share again', async (_what, hurt) => {
    const redis = await stopLater(RedisServer.start());
    const url = redis.url();
    const fleet = await startOver([nodeRedis4(url), nodeRedis5(url), ioRedis(url)]);

    await hurt(redis, fleet);
    await expectSharedAgain(fleet, 'after');
  });
});

/** Until each app has seen it. */
async function freezeForAWhile(redis: RedisServer, fleet: Fleet): Promise<void> {
  redis.freeze();
  await expectTrouble(fleet);
  redis.thaw();
}

async function restart(redis: RedisServer, fleet: Fleet): Promise<void> {
  await redis.kill();
  await expectTrouble(fleet);
  await redis.launch();
}

/** Each app says that it is without its cache, and evaluates all the same. */
async function expectTrouble(fleet: Fleet): Promise<void> {
  for (const { flags, log } of fleet) {
    expect(await eventually(() => flags.status().state === 'solo')).toBe(true);
    expect(log.warned.some((line) => line.includes('→ solo'))).toBe(true);
    expect(flags.local.isEnabled('a', { distinctId: 'x' })).toBe(true);
  }
}
