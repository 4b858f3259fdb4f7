/**
 * F60: background work must not end the process. A real one, in which every rejection that nobody
 * hears is fatal, and everything that the app has given fails in every way it can.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './setup/free-port.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

const app = (cache: string): string => `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService } from 'nestjs-feature-flags';
const reject = async () => { throw new Error('rejected'); };
const fail = () => { throw new Error('thrown'); };
const late = () => new Promise((_, no) => setTimeout(() => no(new Error('late')), 60));
const inTurn = (...ways) => { let n = 0; return () => ways[n++ % ways.length](); };
const provider = {
  getFlagDefinitions: inTurn(reject, fail, late),
  shouldFetchFlagDefinitions: inTurn(reject, fail, late, () => true, () => false),
  onFlagDefinitionsReceived: inTurn(reject, fail, late),
  onFlagDefinitionsConfirmed: inTurn(reject, fail, late),
  onFetchFailed: inTurn(reject, fail, late),
  watch: inTurn(fail),
  shutdown: inTurn(late),
};
const flag = { key: 'a', active: true, filters: { groups: [{}] } };
let n = 0;
const good = async () => ({ kind: 'definitions', body: { flags: n++ % 2 ? [] : [flag] } });
const source = {
  description: 'a source that fails',
  fetch: inTurn(good, good, reject, fail, late, good, async () => ({ kind: 'not-modified' })),
  watch: inTurn(fail),
  close: inTurn(late),
};
const observers = [{ onEvent: inTurn(reject, fail, late) }, { onEvent: reject }];
const logger = { log: inTurn(reject, fail), warn: inTurn(fail, reject), error: reject, debug: reject };
class AppModule {}
Module({
  imports: [
    FeatureFlagsModule.forRoot({
      source, observers, logger, cache: ${cache}, cacheTimeoutMs: 50,
      polling: { intervalMs: 100, checkMs: 100 }, initialLoadTimeoutMs: 200,
    }),
  ],
})(AppModule);
const nest = await NestFactory.createApplicationContext(AppModule, { logger: false });
const flags = nest.get(FlagsService);
// What an app has that listens: the library's own timers keep no process up.
const listening = setInterval(() => undefined, 1_000);
const turns = new Set();
for (let turn = 0; turn < 40; turn += 1) turns.add((await flags.refresh()).kind);
await nest.close();
await new Promise((resolve) => setTimeout(resolve, 200));
clearInterval(listening);
console.log('alive after', [...turns].sort().join(' '));
`;

describe('F60: a process in which every unheard rejection is fatal', () => {
  let folder: string;

  beforeAll(() => {
    const cache = join(root, 'node_modules', '.cache', 'rejections');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'case-'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function printedBy(cache: string): Promise<string> {
    writeFileSync(join(folder, 'main.js'), app(cache));
    const command = ['--unhandled-rejections=strict', 'main.js'];
    const ended = await run(process.execPath, command, { cwd: folder, timeout: 200_000 });
    return ended.stdout + ended.stderr;
  }

  it('outlives a source, a provider, observers and a logger that reject, throw and come late', async () => {
    expect(await printedBy('provider')).toMatch(/^alive after .*failed/m);
  });

  it('outlives a Redis that is not there', async () => {
    const port = await freePort();
    expect(await printedBy(`'redis://127.0.0.1:${port}'`)).toMatch(/^alive after /m);
  });
});
