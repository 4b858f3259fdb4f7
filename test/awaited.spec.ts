/**
 * F59: a process in which nothing runs but what it awaits, as in a job or a script. None of the
 * library's own timers keeps a process up; whoever waits for an answer must get it all the same.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './setup/free-port.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

const job = (options: string, work: string): string => `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FeatureFlagsModule, FlagsService, PostHogDefinitionSource, PostHogRemoteEvaluator, StaticDefinitionSource,
} from 'nestjs-feature-flags';
class JobModule {}
Module({ imports: [FeatureFlagsModule.forRoot(${options})] })(JobModule);
const app = await NestFactory.createApplicationContext(JobModule, { logger: false });
const flags = app.get(FlagsService);
console.log('answered', ${work});
await app.close();
console.log('closed');
`;

describe('F59: a job with nothing else to do', () => {
  let folder: string;
  let resetting: Server;
  let host: string;
  let nobody: string;

  beforeAll(async () => {
    const cache = join(root, 'node_modules', '.cache', 'awaited');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'case-'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    resetting = createServer((socket) => socket.resetAndDestroy());
    await new Promise<void>((resolve) => resetting.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(resetting.address() as AddressInfo).port}`;
    nobody = `127.0.0.1:${await freePort()}`;
  });

  afterAll(() => {
    resetting.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Rejects unless it ends with the code 0. */
  async function printedBy(options: string, work: string): Promise<string> {
    writeFileSync(join(folder, 'main.js'), job(options, work));
    const ended = await run(process.execPath, ['main.js'], { cwd: folder, timeout: 200_000 });
    return ended.stdout;
  }

  it.each([
    [`(await flags.evaluate('beta', { distinctId: 'ada' })).reason`],
    [`(await flags.evaluateAll({ distinctId: 'ada' })).get('beta').reason`],
  ])('gets its answer though the server resets every connection: %s', async (work) => {
    const cohort = { key: 'id', type: 'cohort', value: 7 };
    const flag = { key: 'beta', active: true, filters: { groups: [{ properties: [cohort] }] } };
    const source = `new StaticDefinitionSource({ flags: [${JSON.stringify(flag)}] })`;
    const remote = `new PostHogRemoteEvaluator({ projectApiKey: 'phc_a', host: '${host}' })`;
    const printed = await printedBy(`{ source: ${source}, remote: ${remote} }`, work);

    expect(printed).toMatch(/^answered \w+\nclosed\n$/);
  });

  it.each([
    ['a file cache', () => `file://${join(folder, 'shared')}`],
    ['a PostgreSQL that is not there', () => `postgres://somebody@${nobody}/none`],
  ])('gets the outcome of a refresh with %s and nobody at the source', async (_what, cache) => {
    const source = `new PostHogDefinitionSource({ projectApiKey: 'phc_a', secretKey: 'phs_t', host: 'http://${nobody}' })`;
    const options = `{ source: ${source}, cache: '${cache()}', initialLoadTimeoutMs: 200 }`;
    const printed = await printedBy(options, '(await flags.refresh()).kind');

    expect(printed).toMatch(/^answered (failed|waiting)\nclosed\n$/);
  });
});
