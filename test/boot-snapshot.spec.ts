/** Apps that start beside a snapshot file: whole, with a real Redis and a server, both dead or alive. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FeatureFlagsModule,
  FlagsService,
  PostHogDefinitionSource,
  StaticDefinitionSource,
  type FeatureFlagsModuleOptions,
} from '../lib/index.js';
import { snapshotText } from '../lib/sources/snapshot-file.js';
import { eventually, freePort } from './setup/free-port.mjs';
import { DefinitionsServer } from './support/definitions-server.js';
import { definitionsOf, on } from './support/flag-definitions.js';
import { KeptLog } from './support/kept-log.js';
import { planted } from './support/planted.js';
import { RedisServer } from './support/redis-server.js';

const HOUR_MS = 3_600_000;
const { projectApiKey, secretKey } = planted;
const somebody = { distinctId: 'somebody' };
let folder: string;
let file: string;
let port: number;
const toClose: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flags-boot-'));
  file = join(folder, 'flags.snapshot.json');
  port = await freePort();
});

afterEach(async () => {
  for (const opened of toClose.splice(0).toReversed()) await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A source at an address where, for now, nobody listens. */
function deadSource(): PostHogDefinitionSource {
  const host = `http://127.0.0.1:${port}`;
  return new PostHogDefinitionSource({ host, projectApiKey, secretKey });
}

function bake(ageMs: number, identity: string | undefined = deadSource().identity): void {
  const facts = { takenAtMs: Date.now() - ageMs, source: 'the build', identity };
  writeFileSync(file, snapshotText(definitionsOf(on('baked'), on('both')), facts));
}

/** However busy the machine is: who is dead here refuses, and nobody waits for it. */
const patient = { initialLoadTimeoutMs: 60_000, cacheTimeoutMs: 30_000 };

async function start(options: Partial<FeatureFlagsModuleOptions> = {}) {
  const log = new KeptLog();
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: deadSource(),
        snapshotFile: file,
        ...patient,
        polling: { intervalMs: 500, checkMs: 100 },
        logger: log,
        ...options,
      }),
    ],
  })
  class AppModule {}
  const app: INestApplicationContext = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  toClose.push(app);
  return { flags: app.get(FlagsService), log };
}

function told({ logged, warned, failed }: KeptLog): string[] {
  return [...logged, ...warned, ...failed].filter((line) => line.includes('snapshot file'));
}

describe('F54: an app whose source and Redis are both dead', () => {
  it('starts with the flags of the snapshot file, and says once how old they are', async () => {
    bake(2 * HOUR_MS);
    const { flags, log } = await start({ cache: `redis://127.0.0.1:${await freePort()}/0` });

    expect(flags.local.isEnabled('baked', somebody)).toBe(true);
    expect(await flags.whenReady(0)).toBe(true);
    const { ageMs = 0, ...status } = flags.status();
    expect(status).toMatchObject({ ready: true, state: 'expired', loadedFrom: 'snapshot-file', revision: 0 }); // prettier-ignore
    expect(Math.abs(ageMs - 2 * HOUR_MS)).toBeLessThan(60_000);
    expect(told(log)).toEqual([
      expect.stringMatching(/^The app starts with 2 flags from the snapshot file .*, taken (2 h|120 min) ago \(state expired\): .*127\.0\.0\.1.*Whatever else comes replaces them\. Loading goes on\.$/), // prettier-ignore
    ]);
    const turns = flags.status().lastOutcome;
    expect(await eventually(async () => flags.status().lastOutcome !== turns)).toBe(true);
    await flags.refresh();
    expect(told(log)).toHaveLength(1);
    expect([...log.warned, ...log.failed].filter((line) => line.includes('expired'))).toHaveLength(1); // prettier-ignore
  });

  it('takes what the source has as soon as it is there, however old, and publishes only that', async () => {
    bake(HOUR_MS / 2);
    const redis = await RedisServer.start();
    toClose.push({ close: () => redis.stop() });
    await redis.kill();
    const { flags, log } = await start({ cache: redis.url() });
    expect(flags.status()).toMatchObject({ loadedFrom: 'snapshot-file', revision: 0 });
    await redis.launch();
    const isSeen = async (): Promise<boolean> => String(await redis.run(['DBSIZE'])) !== '0';
    expect(await eventually(isSeen)).toBe(true);
    // The store is there, and what is baked does not get into it.
    expect(flags.status().loadedFrom).toBe('snapshot-file');
    expect(await redis.run(['KEYS', '*body*'])).toEqual([]);

    const definitions = definitionsOf(on('live'), on('both'));
    const server = new DefinitionsServer({ definitions, projectApiKey });
    toClose.push(await server.start(port));
    expect(await eventually(async () => flags.local.isEnabled('live', somebody))).toBe(true); // prettier-ignore
    expect(flags.local.isEnabled('baked', somebody)).toBe(false);
    expect(flags.status()).toMatchObject({ loadedFrom: 'source', state: 'fresh' });
    expect(flags.status().revision).toBeGreaterThan(0);
    expect(log.logged.filter((line) => line.includes('in the place of'))).toEqual([
      expect.stringMatching(/^2 flags loaded from .*127\.0\.0\.1.*, in the place of the snapshot file\.$/), // prettier-ignore
    ]);
    const published = async (): Promise<boolean> => {
      const bodies = (await redis.run(['KEYS', '*body*'])) as string[];
      return bodies.length > 0;
    };
    expect(await eventually(published)).toBe(true);
    for (const body of (await redis.run(['KEYS', '*body*'])) as string[]) {
      expect(String(await redis.run(['GET', body]))).not.toContain('baked');
    }
  });
});

describe('a snapshot file', () => {
  it('is not taken over when the source answers, and nothing is said of one that is good', async () => {
    bake(0);
    const source = new StaticDefinitionSource(definitionsOf(on('live')));
    const { flags, log } = await start({ source, snapshotFile: file });
    // What is said of a bad one is said only when it has been read.
    const bad = await start({ source, snapshotFile: join(folder, 'none.json') });
    expect(await eventually(async () => told(bad.log).length > 0)).toBe(true);
    expect(flags.status()).toMatchObject({ loadedFrom: 'source', flagCount: 1 });
    expect(told(log)).toEqual([]);
  });

  it.each([
    ['is too old', () => bake(3 * HOUR_MS), /3 h old, more than the 2 h/],
    ['is of another host', () => bake(0, 'another'), /of another project or host \(the build\)/],
    ['is not there', () => undefined, /flags\.snapshot\.json is not there\. Take one with: npx/],
    ['was spoilt', () => writeFileSync(file, '{'), /is no snapshot, or was not written to its end/],
  ])(
    'that %s is warned of once, at a start that does not need it',
    async (_what, prepare, expected) => {
      prepare();
      const definitions = definitionsOf(on('live'));
      toClose.push(await new DefinitionsServer({ definitions, projectApiKey }).start(port));
      const snapshotFile = { path: file, maxAgeMs: 2 * HOUR_MS };
      const { flags, log } = await start({ snapshotFile });
      expect(flags.status()).toMatchObject({ loadedFrom: 'source', flagCount: 1 });
      expect(await eventually(async () => told(log).length > 0)).toBe(true);
      await flags.refresh();
      expect(told(log)).toEqual([expect.stringMatching(expected)]);
      expect(log.warned.filter((line) => expected.test(line))).toEqual([
        expect.stringMatching(
          /The flags are loaded without it; a start while .* would have none\.$/,
        ),
      ]);
    },
  );

  it('serves at once with initialLoadTimeoutMs: 0, and gives way to what comes', async () => {
    bake(0);
    const definitions = definitionsOf(on('live'));
    const server = await new DefinitionsServer({ definitions, projectApiKey }).start(port);
    toClose.push(server);
    let release: () => void = () => undefined;
    server.intercept = () => new Promise((resolve) => (release = () => resolve(undefined)));
    const { flags } = await start({ initialLoadTimeoutMs: 0 });
    expect(flags.status()).toMatchObject({ ready: true, loadedFrom: 'snapshot-file' });
    expect(await eventually(async () => server.requests.length > 0)).toBe(true);
    server.intercept = undefined;
    release();
    expect(await eventually(async () => flags.local.isEnabled('live', somebody))).toBe(true);
    expect(flags.status()).toMatchObject({ loadedFrom: 'source' });
  });

  it('serves without a cache, and without polling until it is asked to refresh', async () => {
    bake(0);
    const { flags, log } = await start({ polling: { enabled: false } });
    expect(flags.local.isEnabled('baked', somebody)).toBe(true);
    expect(told(log).join()).toContain('Call FlagsService.refresh() to load them.');
  });

  it.each([
    ['is too old', () => bake(3 * HOUR_MS), /3 h old, more than the 2 h/],
    ['is of another project', () => bake(0, 'another'), /of another project or host \(the build\)/],
    ['is not there', () => undefined, /flags\.snapshot\.json is not there\. Take one with: npx/],
    ['was spoilt', () => writeFileSync(file, '{'), /is no snapshot, or was not written to its end/],
  ])(
    'that %s is not used: the app starts without flags and says both',
    async (_what, prepare, expected) => {
      prepare();
      const { flags, log } = await start({ snapshotFile: { path: file, maxAgeMs: 2 * HOUR_MS } });
      expect(flags.status()).toMatchObject({ ready: false, loadedFrom: undefined, flagCount: 0 });
      expect(told(log)).toEqual([
        expect.stringMatching(/^The app starts without flag definitions: /),
      ]);
      expect(told(log)[0]).toMatch(expected);
    },
  );

  it.each([
    [7, /snapshotFile: got 7, expected an object with path, maxAgeMs/],
    [{ path: '' }, /snapshotFile: got a text of 0 letters, expected a path/],
    [{ path: 'a', maxAge: 1 }, /snapshotFile\.maxAge: there is no such option\. Did you mean/],
    [{ path: 'a', maxAgeMs: 1 }, /snapshotFile\.maxAgeMs: got 1/],
  ])('is an option: %p is told as wrong', async (snapshotFile, expected) => {
    await expect(start({ snapshotFile: snapshotFile as never })).rejects.toThrow(expected);
  });
});
