/**
 * The start of a real process: nothing but the first load keeps it running until it listens, and
 * it must get there whatever the source and the cache do. A manual clock could never show this.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

const app = (options: string): string => `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FileDefinitionSource, StaticDefinitionSource } from 'nestjs-feature-flags';
const follower = {
  getFlagDefinitions: () => undefined,
  shouldFetchFlagDefinitions: () => false,
  onFlagDefinitionsReceived: () => undefined,
  shutdown: () => undefined,
};
class AppModule {}
Module({ imports: [FeatureFlagsModule.forRoot(${options})] })(AppModule);
const app = await NestFactory.create(AppModule);
await app.listen(0);
console.log('listening');
await app.close();
`;

describe('a process', () => {
  let folder: string;

  beforeAll(() => {
    const cache = join(root, 'node_modules', '.cache', 'start');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'case-'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'broken.json'), '{ "flags": [');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(options: string): Promise<string> {
    writeFileSync(join(folder, 'main.js'), app(options));
    const ended = await run(process.execPath, ['main.js'], { cwd: folder, timeout: 200_000 });
    return ended.stdout + ended.stderr;
  }

  it('listens though its file of definitions is no JSON, and says where', async () => {
    const printed = await start(`{ source: new FileDefinitionSource('broken.json') }`);

    expect(printed).toContain('listening');
    expect(printed).toMatch(/broken\.json.*line 1/);
    expect(printed).toContain('The app starts without flag definitions');
  });

  it('listens though it waits for a leader that never publishes', async () => {
    const source = `new StaticDefinitionSource({ flags: [{ key: 'a', active: false }] })`;
    const printed = await start(`{ source: ${source}, cache: follower }`);

    expect(printed).toContain('1 flag loaded');
    expect(printed).toContain('listening');
  });

  it('says what is wrong with its options, all at once, and ends', async () => {
    const failure = await start(`{ cache: 'memroy:', polling: { intervalMs: 5 } }`).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

    expect(failure).toMatchObject({ code: 1 });
    expect((failure as { stdout: string; stderr: string }).stderr).toContain('3 options are wrong');
  });
});
