/**
 * The page on troubleshooting says what is so: real apps are brought into each of its five states,
 * and its commands and the fields of the status show what it says that they show.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import type { CacheOption, FlagsStatus } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import * as needed from '../setup/needed-programs.mjs';
import { requireProgram } from '../setup/programs.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { RedisServer } from '../support/redis-server.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps, type SharingApp } from '../support/sharing-app.js';

const page = readFileSync('docs/troubleshooting.md', 'utf8');
const TIMES = { intervalMs: 1_000, checkMs: 100, cacheTimeoutMs: 2_000 };
/** As the page calls the cache of its examples. */
const EXAMPLE = 'flags:v1:{shop:e0aa8bd6539048a7}';
const run = promisify(execFile);

const database = PostgresDatabase.forThisFile();
let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startSource() {
  const source = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  closing.push(() => source.close());
  const apps = new SharingApps(source);
  closing.push(() => apps.close());
  const start = (cache?: CacheOption): Promise<SharingApp> => apps.start(cache, TIMES);
  return { source, start };
}

const urlOf = (key = 'shop'): string => `${redis.url()}?key=${key}`;

/** The words of a command of the page that begins so, without the program. */
function command(beginning: string): string[] {
  const line = page.split('\n').find((one) => one.trim().startsWith(`$ ${beginning}`));
  if (line === undefined) throw new Error(`docs/troubleshooting.md has no command ${beginning}`);
  const words = line.trim().match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? [];
  return words.slice(2).map((word) => word.replace(/^['"]|['"]$/g, ''));
}

/** Asks Redis what the page asks, of the cache that is there. */
async function ask(beginning: string): Promise<unknown> {
  const [claims = ''] = (await redis.run(['KEYS', 'flags:v1:{shop:*:claims'])) as string[];
  const here = claims.replace(/:claims$/, '');
  return redis.run(command(beginning).map((word) => word.replace(EXAMPLE, here)));
}

async function untilStatus(app: SharingApp, is: (status: FlagsStatus) => boolean) {
  const arrived = await eventually(() => is(app.flags.status()));
  if (!arrived) throw new Error(`it did not come to that: ${JSON.stringify(app.flags.status())}`);
  return app.flags.status();
}

describe('docs/troubleshooting.md, is the shared cache used?', () => {
  it('shows a cache that is: roles, outcomes, one hash of claims for each key', async () => {
    const { start } = await startSource();
    const fleet = [await start(urlOf()), await start(urlOf()), await start(urlOf('other'))];
    await expectAllToHave(fleet, 'a');
    const kinds = ['unchanged', 'read', 'fetched', 'confirmed'];
    for (const app of fleet) {
      const { role, lastOutcome } = await untilStatus(app, ({ role: known }) => known !== undefined); // prettier-ignore
      expect(['leader', 'follower']).toContain(role);
      expect(kinds).toContain(lastOutcome?.kind);
      for (const kind of kinds) expect(page).toContain(`\`${kind}\``);
    }
    const [scan, pattern] = [command('redis-cli --scan'), 'flags:v1:*'];
    expect(scan).toEqual(['--scan', '--pattern', pattern]);
    const keys = (await redis.run(['KEYS', pattern])) as string[];
    const ends = keys.map((key) => key.replace(/^flags:v1:\{\w+:[0-9a-f]{16}\}:/, '').replace(/\d{13}/, '…')); // prettier-ignore
    expect(ends.toSorted()).toEqual(['body:…', 'body:…', 'claims', 'claims', 'members', 'members']);
  });

  it('shows one that is left out, or lies in memory: roles', async () => {
    const { start } = await startSource();
    const alone = await start();
    expect(alone.log.logged[0]).toMatch(/^No cache is configured: /);
    expect(await untilStatus(alone, ({ lastOutcome }) => lastOutcome !== undefined)).toMatchObject({
      role: 'alone',
      lastOutcome: { role: 'leader' },
    });
    for (const app of [await start(createCache()), await start(createCache())]) {
      const fetched = ({ lastOutcome }: FlagsStatus): boolean => lastOutcome?.kind === 'confirmed';
      expect(await untilStatus(app, fetched)).toMatchObject({
        role: 'leader',
        lastOutcome: { role: 'leader' },
      });
    }
  });

  it('shows what lies in PostgreSQL', async () => {
    const { start } = await startSource();
    const fleet = [await start(`${database.url}?key=shop`), await start(`${database.url}?key=shop`)]; // prettier-ignore
    await expectAllToHave(fleet, 'a');
    const psql = await requireProgram(needed.psql);
    const lines = page.split('\n').filter((line) => line.startsWith('$ psql '));
    const answers = [];
    for (const line of lines) {
      const statement = /-c "([^"]+)"/.exec(line)?.[1] ?? '';
      const { stdout } = await run(psql, [database.url, '-At', '-c', statement]);
      answers.push(stdout);
    }
    expect(answers[0]).toMatch(/^shop:\w+\|claims\|1\|$/m);
    expect(answers[0]).toMatch(/^shop:\w+\|member\|2\|$/m);
    expect(answers[0]).toMatch(/^shop:\w+\|body\|1\|\d+$/m);
    expect(answers[1]).toMatch(/^shop:\w+\|[0-9a-f-]{36}\|\d{13}\|0\|$/m);
  });

  it('shows what lies in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flags-trouble-'));
    closing.push(async () => rmSync(folder, { recursive: true, force: true }));
    const { start } = await startSource();
    const app = await start(`file://${folder}?key=shop`);
    await expectAllToHave([app], 'a');
    const [, line = ''] = /^\$ (ls .*)$/m.exec(page) ?? [];
    const { stdout } = await run('sh', ['-c', line.replaceAll('/var/lib/my-app/flags', folder)]);
    for (const part of [/ origin$/m, / head-/, / body-\d{13}$/m]) expect(stdout).toMatch(part);
  });
});

describe('docs/troubleshooting.md, every instance asks PostHog', () => {
  it('counts as many where they share as there are', async () => {
    const { start } = await startSource();
    await redis.run(['FLUSHALL']);
    const fleet = [await start(urlOf()), await start(urlOf()), await start(urlOf())];
    await expectAllToHave(fleet, 'a');
    expect(await ask('redis-cli HLEN')).toBe(3);
    expect((await fleet[0]!.flags.fleet()).instances).toHaveLength(3);
    const [leader, revision, etag, reason, failures] = (await ask('redis-cli HMGET')) as string[];
    expect(fleet.map(({ flags }) => flags.status().instance)).toContain(leader);
    expect(Number(revision)).toBe(fleet[0]!.flags.status().revision);
    expect(etag).toMatch(/^W\//);
    expect([reason ?? '', failures ?? '0']).toEqual(['', '0']);
  });
});

describe('docs/troubleshooting.md, a flag is stale', () => {
  it('shows why: the age, and the state of a source that refuses', async () => {
    const { source, start } = await startSource();
    const app = await start(urlOf(randomUUID()));
    await expectAllToHave([app], 'a');
    expect(app.flags.status().ageMs).toBeLessThan(60_000);
    source.secretKey = 'phs_other';
    const denied = await untilStatus(app, ({ state }) => state === 'denied');
    expect(denied.failuresInARow).toBeGreaterThan(0);
    expect(denied.lastError).toMatchObject({ where: 'source', code: 'unauthorized' });
    expect(app.flags.explain('unheard-of', { distinctId: 'x' }).evaluation.reason).toBe('unknown_flag'); // prettier-ignore
  });
});

describe('docs/troubleshooting.md, something fails, and nobody says so', () => {
  it('keeps what failed, whether it still does, and says it once in the log', async () => {
    const { start } = await startSource();
    const own = await RedisServer.start();
    closing.push(() => own.stop());
    const app = await start(`${own.url()}?key=shop`);
    await expectAllToHave([app], 'a');
    await own.kill();
    const solo = await untilStatus(app, ({ state }) => state === 'solo');
    expect(solo.lastError).toMatchObject({ where: 'cache', code: 'shouldFetch', isOver: false });
    expect(solo.lastError?.message).toMatch(/^There is no connection to Redis at redis:/);
    expect(page).toContain('"where":"cache","code":"shouldFetch","message":"There is no connection to Redis at redis:'); // prettier-ignore
    await own.launch();
    const fresh = await untilStatus(app, ({ state }) => state === 'fresh');
    expect(fresh.lastError).toMatchObject({ where: 'cache', isOver: true });
    expect(app.log.warned.filter((line) => line.includes('→ solo'))).toHaveLength(1);
  });

  it('is silent of a provider that swallows its errors: leaders everywhere', async () => {
    const { start } = await startSource();
    const blind = {
      shouldFetchFlagDefinitions: () => true,
      getFlagDefinitions: () => undefined,
      onFlagDefinitionsReceived: () => undefined,
      shutdown: () => undefined,
    };
    for (const app of [await start({ ...blind }), await start({ ...blind })]) {
      await expectAllToHave([app], 'a');
      expect(app.flags.status()).toMatchObject({ role: 'leader', state: 'fresh' });
      expect([...app.log.warned, ...app.log.failed]).toEqual([]);
    }
  });
});

describe('docs/troubleshooting.md, memory grows', () => {
  it('shows how much there is: flags, bytes, one body that stays, and who has left', async () => {
    const { source, start } = await startSource();
    await redis.run(['FLUSHALL']);
    const fleet = [await start(urlOf()), await start(urlOf())];
    await expectAllToHave(fleet, 'a');
    source.definitions = documentOf(['b', 'c']);
    await expectAllToHave(fleet, 'c');
    expect(fleet[0]!.flags.status().flagCount).toBe(2);
    const claims = `redis-cli HMGET '${EXAMPLE}:claims' revision sizeBytes`;
    const [revision, sizeBytes, codec] = (await ask(claims)) as string[];
    expect([codec, Number(sizeBytes) > 100]).toEqual(['json', true]);
    const bodies = (await redis.run(['KEYS', 'flags:v1:*:body:*'])) as string[];
    const lives = new Map<string, number>();
    for (const body of bodies) lives.set(body, Number(await redis.run(['PTTL', body])));
    const lasting = [...lives].filter(([, life]) => life === -1).map(([body]) => body);
    expect(lasting).toEqual([expect.stringMatching(new RegExp(`:body:${revision}$`))]);
    for (const [, life] of lives) expect(life).toBeLessThanOrEqual(600_000);
    await fleet[1]!.close();
    expect(await ask('redis-cli HLEN')).toBe(1);
  });
});
