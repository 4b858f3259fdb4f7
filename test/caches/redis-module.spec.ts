/**
 * The module with `cache: 'redis://…'`, whole: several apps, a real Redis, a server with PostHog's
 * endpoint. One fetches, all know.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { documentOf } from '../support/scripted-source.js';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

describe('a fleet on Redis', () => {
  const apps: INestApplicationContext[] = [];
  let server: DefinitionsServer;
  let cache: string;

  beforeEach(async () => {
    server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
    cache = `${process.env['TEST_REDIS_URL']}/0?key=test-${randomUUID()}`;
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await server.close();
  });

  async function start(intervalMs = 2_000, checkMs = 200): Promise<FlagsService> {
    const { host, projectApiKey, secretKey } = server;
    @Module({
      imports: [
        FeatureFlagsModule.forRoot({
          source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
          cache,
          polling: { intervalMs, checkMs },
          cacheTimeoutMs: 20_000,
          logger: silent,
        }),
      ],
    })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    apps.push(app);
    return app.get(FlagsService);
  }

  /** Resolves when all have reached it. */
  async function all(services: FlagsService[], done: (flags: FlagsService) => boolean) {
    for (const flags of services) expect(await eventually(async () => done(flags))).toBe(true);
  }

  it('C2: twenty apps that start together on an empty cache cause one fetch', async () => {
    const fleet = await Promise.all(Array.from({ length: 20 }, () => start(600_000, 1_000)));
    await all(fleet, (flags) => flags.status().ready);

    expect(server.definitionRequests).toHaveLength(1);
    const revisions = new Set(fleet.map((flags) => flags.status().revision));
    expect(revisions.size).toBe(1);
    for (const flags of fleet) expect(flags.local.isEnabled('a', { distinctId: 'x' })).toBe(true);
  });

  it('refresh() on any instance brings a change to all, whoever fetches it', async () => {
    const fleet = await Promise.all(Array.from({ length: 5 }, () => start(600_000, 1_000)));
    await all(fleet, (flags) => flags.status().ready);
    server.definitions = documentOf(['b']);

    await fleet[3]!.refresh();

    expect(fleet[3]!.local.isEnabled('b', { distinctId: 'x' })).toBe(true);
    await all(fleet, (flags) => flags.local.isEnabled('b', { distinctId: 'x' }));
    expect(server.definitionRequests).toHaveLength(2);
  });

  it('hands over at shutdown: the others go on, nobody loses a flag', async () => {
    const fleet = [await start(1_000, 100), await start(1_000, 100), await start(1_000, 100)];
    await all(fleet, (flags) => flags.status().ready);
    await apps.shift()!.close();
    server.definitions = documentOf(['after']);
    await all(fleet.slice(1), (flags) => flags.local.isEnabled('after', { distinctId: 'x' }));

    expect(fleet[1]!.status().lastOutcome?.cacheFailures).toEqual([]);
  });
});
