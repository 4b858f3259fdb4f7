/**
 * Who has what, with several apps in one process on a real Redis: the view of the fleet, the wait
 * for convergence, and the states that all instances share.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { KeptLog } from '../support/kept-log.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';

const NET_MS = 120_000;

describe('a fleet on Redis', () => {
  const apps: INestApplicationContext[] = [];
  let server: DefinitionsServer;
  let redis: RedisServer;
  let key: string;

  beforeEach(async () => {
    server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
    redis = await RedisServer.start();
    key = randomUUID();
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await server.close();
    await redis.stop();
  });

  async function start(intervalMs = 60_000, checkMs = 500): Promise<FlagsService> {
    const { host, projectApiKey, secretKey } = server;
    @Module({
      imports: [
        FeatureFlagsModule.forRoot({
          source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
          cache: `${redis.url()}?key=${key}`,
          polling: { intervalMs, checkMs },
          cacheTimeoutMs: 20_000,
          logger: new KeptLog(),
        }),
      ],
    })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    apps.push(app);
    return app.get(FlagsService);
  }

  const startAll = (count: number, intervalMs?: number): Promise<FlagsService[]> =>
    Promise.all(Array.from({ length: count }, () => start(intervalMs)));

  async function all(fleet: readonly FlagsService[], done: (flags: FlagsService) => unknown) {
    for (const flags of fleet) {
      expect(await eventually(async () => Boolean(await done(flags)))).toBe(true);
    }
  }

  /** On a busy machine the cache may be late, and the view then says that it is not complete. */
  async function wholeView(flags: FlagsService) {
    let view = await flags.fleet();
    await all([flags], async () => (view = await flags.fleet()).complete);
    return view;
  }

  it('is seen whole by each of its instances, and each knows which one it is', async () => {
    const fleet = await startAll(4);
    await all(fleet, async (flags) => (await flags.fleet()).agrees);

    const names = fleet.map((flags) => flags.status().instance).toSorted();
    const leader = fleet.find((flags) => flags.status().role === 'leader')?.status().instance;
    for (const flags of fleet) {
      const view = await flags.fleet();
      expect(view).toMatchObject({ complete: true, error: undefined, leader });
      expect(view.instances.map(({ instance }) => instance).toSorted()).toEqual(names);
      expect(view.instances[0]).toMatchObject({ isThis: true, instance: flags.status().instance });
      expect(view.revisions).toEqual([{ revision: flags.status().revision, instances: 4 }]);
    }
    const roles = fleet.map((flags) => flags.status().role);
    expect(roles.filter((role) => role === 'leader')).toHaveLength(1);
    expect(roles.filter((role) => role === 'follower')).toHaveLength(3);
  });

  it('tells a script when all have the change that it has made', async () => {
    const fleet = await startAll(5);
    await all(fleet, (flags) => flags.status().ready);
    server.definitions = documentOf(['b']);
    const [asked] = fleet as [FlagsService];
    await asked.refresh();
    const { revision = 0 } = asked.status();

    const ended = await asked.waitForConvergence(revision, { timeoutMs: NET_MS });

    expect(ended).toMatchObject({ converged: true, reached: 5, needed: 5, lagging: [] });
    for (const flags of fleet) expect(flags.local.isEnabled('b', { distinctId: 'x' })).toBe(true);
  });

  it('says who lags when one of them cannot follow', async () => {
    const fleet = await startAll(3);
    await all(fleet, async (flags) => (await flags.fleet()).agrees);
    const [asked] = fleet as [FlagsService];
    const beyond = (asked.status().revision ?? 0) + 1;

    const ended = await asked.waitForConvergence(beyond, { timeoutMs: 300, quorum: 0.5 });

    expect(ended).toMatchObject({ converged: false, endedBy: 'timeout', reached: 0, needed: 2 });
    expect(ended.lagging).toHaveLength(3);
  });

  it('does not count those who have left, nor for long those who died', async () => {
    const fleet = await startAll(3);
    await all(fleet, async (flags) => (await flags.fleet()).agrees);
    // Not the one that is asked below: they come up in any order.
    await apps.find((app) => app.get(FlagsService) === fleet[2])?.close();
    expect((await wholeView(fleet[0]!)).instances).toHaveLength(2);

    // As one that was killed: it has told, and will not tell again.
    const keys = (await redis.run(['KEYS', '*members*'])) as string[];
    await redis.run(['HSET', keys[0]!, 'dead', '1 1 1']);
    expect((await wholeView(fleet[0]!)).instances).toHaveLength(2);
  });

  it('answers what it knows when Redis is gone, and says why it is not more', async () => {
    const [one] = (await startAll(2)) as [FlagsService];
    await redis.kill();
    const view = await one.fleet();
    expect(view).toMatchObject({ complete: false, incomplete: 'cache-failed', agrees: false });
    expect(view.error).toContain('Redis');
    expect(view.instances).toMatchObject([{ isThis: true, revision: one.status().revision }]);
    await redis.launch();
    expect(await eventually(async () => (await one.fleet()).agrees)).toBe(true);
  });

  it('ends a wait at shutdown', async () => {
    const [one] = (await startAll(2)) as [FlagsService];
    const waiting = one.waitForConvergence(2 ** 52, { timeoutMs: 600_000 });
    await Promise.all(apps.splice(0).map((app) => app.close()));
    expect(await waiting).toMatchObject({ converged: false, endedBy: 'closed' });
  });

  it('refuses a wait that means nothing', async () => {
    const one = await start();
    await expect(one.waitForConvergence(1, { timeoutMs: 1, quorum: 95 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it('is denied as a whole, for as long as the source refuses, whoever asked it', async () => {
    const fleet = await startAll(3, 1_000);
    await all(fleet, (flags) => flags.status().ready);
    const { secretKey } = server;
    server.secretKey = 'phs_rotated';
    await all(fleet, (flags) => flags.status().state === 'denied');
    // Checks that find nothing new come and go meanwhile.
    const checked = fleet.map((flags) => flags.status().lastOutcome);
    await all(fleet, (flags) => flags.status().lastOutcome !== checked[fleet.indexOf(flags)]);

    for (const flags of fleet) {
      const { state, failuresInARow, lastError } = flags.status();
      expect({ state, lastError }).toMatchObject({
        state: 'denied',
        lastError: { where: 'source', code: 'unauthorized', isOver: false },
      });
      expect(failuresInARow).toBeGreaterThan(0);
    }
    server.secretKey = secretKey;
    await all(fleet, (flags) => flags.status().state === 'fresh' && flags.status().lastError?.isOver); // prettier-ignore
  });
});
