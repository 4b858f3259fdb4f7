/**
 * The page about Redis says what is so: its user may do what is needed and nothing is refused to
 * it, its table names the keys that are there and how long they live, its example has right types.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { KeptLog } from '../support/kept-log.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';

const page = readFileSync('docs/caches/redis.md', 'utf8');
const run = promisify(execFile);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** The first fenced block that begins so. */
function block(beginning: string): string {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  const found = blocks.find((text) => text.startsWith(beginning));
  if (found === undefined) throw new Error(`docs/caches/redis.md has no block "${beginning}…"`);
  return found.trimEnd();
}

async function start(redis: RedisServer, definitions: DefinitionsServer) {
  const { host, projectApiKey, secretKey } = definitions;
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
        cache: `${redis.url('flags:password@')}?key=shop`,
        polling: { intervalMs: 1_000, checkMs: 200 },
        cacheTimeoutMs: 20_000,
        logger: new KeptLog(),
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  closing.push(() => app.close());
  return app;
}

async function startFleet(users: readonly string[]) {
  const redis = await RedisServer.start({ users });
  closing.push(() => redis.stop());
  const definitions = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  closing.push(() => definitions.close());
  const apps = [await start(redis, definitions), await start(redis, definitions)];
  const change = async (key: string): Promise<void> => {
    definitions.definitions = documentOf([key]);
    await apps[0]!.get(FlagsService).refresh();
    for (const app of apps) expect(await eventually(() => hasFlag(app, key))).toBe(true);
  };
  return { redis, apps, change };
}

function hasFlag(app: INestApplicationContext, key: string): boolean {
  return app.get(FlagsService).local.isEnabled(key, { distinctId: 'ada' });
}

/** Full rights, for the test to look around. */
const onlooker = 'user default on nopass ~* &* +@all';

describe('docs/caches/redis.md', () => {
  it('names a user who is refused nothing, and has no right that is not needed', async () => {
    const user = block('user flags on');
    const { redis, apps, change } = await startFleet([onlooker, user]);
    await change('b');
    expect(apps[1]!.get(FlagsService).status()).toMatchObject({ state: 'fresh' });
    await Promise.all(closing.splice(-2).map((close) => close()));

    expect(await redis.run(['ACL', 'LOG'])).toEqual([]);
    const used = String(await redis.run(['INFO', 'commandstats']));
    const rights = user.split(' ').filter((word) => word.startsWith('+'));
    expect(rights.length).toBeGreaterThan(10);
    for (const right of rights) expect(used).toContain(`cmdstat_${right.slice(1)}:`);
  });

  it('names the keys that are there, and how long they live', async () => {
    const { redis, change } = await startFleet([onlooker, block('user flags on')]);
    await change('b');
    const keys = (await redis.run(['KEYS', '*'])) as string[];
    const lives = await Promise.all(
      keys.map(async (key) => [key, Number(await redis.run(['PTTL', key]))] as const),
    );
    const livesOf = (ending: RegExp) => lives.filter(([key]) => ending.test(key));

    expect(lives).toHaveLength(4);
    for (const key of keys) expect(key).toMatch(/^flags:v1:\{shop:[0-9a-f]{16}\}:/);
    expect(livesOf(/:claims$/)).toEqual([[expect.any(String), -1]]);
    expect(livesOf(/:members$/)).toEqual([[expect.any(String), -1]]);
    const [overtaken, current] = livesOf(/:body:\d+$/).toSorted(([, a], [, b]) => b - a);
    expect(current![1]).toBe(-1);
    expect(overtaken![1]).toBeGreaterThan(0);
    expect(overtaken![1]).toBeLessThanOrEqual(10 * 60_000);
    expect(await redis.run(['PUBSUB', 'CHANNELS'])).toEqual([
      expect.stringMatching(/^flags:v1:\{shop:[0-9a-f]{16}\}:changed$/),
    ]);
    for (const part of ['claims', 'members', 'body:<revision>', 'changed']) {
      expect(page).toContain(`\`flags:v1:{shop:<project>}:${part}\``);
    }
  });

  it('shows an example whose types are right', async () => {
    const folder = resolve('node_modules/.cache/redis-docs');
    mkdirSync(folder, { recursive: true });
    const work = mkdtempSync(join(folder, 'example-'));
    closing.push(async () => rmSync(work, { recursive: true, force: true }));
    writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(work, 'app.module.ts'), block('import { Module }'));
    const flags =
      '--ignoreConfig --noEmit --strict --skipLibCheck --experimentalDecorators --emitDecoratorMetadata';
    const options = `${flags} --target es2022 --module nodenext --types node`.split(' ');
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const complaints = await run(process.execPath, [tsc, ...options, 'app.module.ts'], {
      cwd: work,
    }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(complaints).toBe('');
  });
});
