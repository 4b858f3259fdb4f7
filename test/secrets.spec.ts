/**
 * S8: a secret is never told. The module on a real Redis and a server with PostHog's endpoint, with
 * a canary in every place where a secret or a value may be, and everything that is logged,
 * printed, thrown, answered or observed while all kinds of things fail.
 */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from '../lib/index.js';
import { createClient } from 'redis';
import { eventually } from './setup/free-port.mjs';
import { DefinitionsServer, type ScriptedAnswer } from './support/definitions-server.js';
import { EverythingTold } from './support/everything-told.js';
import { planted } from './support/planted.js';
import { RedisServer } from './support/redis-server.js';

const user = `${planted.password}-user`;
const password = `${planted.password}:of/redis`;
const wrongPassword = `${planted.password} that is wrong`;
const secretKey = planted.secretKey;
const otherSecretKey = planted.personalApiKey;
const projectApiKey = planted.projectApiKey;
const value = planted.value;

/** May be nowhere but on the wire, where they belong. */
const secrets = [user, password, wrongPassword, secretKey, otherSecretKey, projectApiKey];

const document = (key: string) => ({
  flags: [
    {
      id: 1,
      key,
      active: true,
      filters: {
        groups: [
          { properties: [{ key: 'email', type: 'person', value, operator: 'exact' }], rollout_percentage: 100 }, // prettier-ignore
          { properties: [{ key: 'email', type: 'person', value, operator: 'no-such' }] },
        ],
        payloads: { true: JSON.stringify(value) },
      },
    },
    { key: 'broken', active: value, filters: value },
  ],
  group_type_mapping: {},
  cohorts: { 1: { type: value } },
});

let told: EverythingTold;
let redis: RedisServer;
let server: DefinitionsServer;
let apps: INestApplicationContext[];

beforeEach(async () => {
  told = new EverythingTold();
  apps = [];
  redis = await RedisServer.start({
    users: [
      'user default on nopass ~* &* +@all',
      `user ${user} on >${password} ~flags:v1:* &flags:v1:* +@all`,
    ],
  });
  const definitions = document('a');
  server = await new DefinitionsServer({ definitions, projectApiKey, secretKey }).start();
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    jest.spyOn(console, method).mockImplementation(told.add);
  }
  process.on('warning', told.add);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.off('warning', told.add);
  await Promise.all(apps.map((app) => app.close()));
  await server.close();
  await redis.stop();
});

const urlWith = (given: string): string =>
  `${redis.url(`${user}:${encodeURIComponent(given)}@`)}?key=shop`;

async function start(cache = urlWith(password)): Promise<FlagsService> {
  @Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new PostHogDefinitionSource({ host: server.host, projectApiKey, secretKey }),
        cache,
        cacheTimeoutMs: 200,
        polling: { intervalMs: 400, checkMs: 100 },
        initialLoadTimeoutMs: 500,
        logger: told.logger,
        observers: [told.observer],
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: told.logger,
    abortOnError: false,
  });
  apps.push(app);
  const flags = app.get(FlagsService);
  flags.changes.subscribe(told.add);
  return flags;
}

/** Goes on until the log says so, with a look at all that can be asked on the way. */
async function hears(flags: FlagsService, said: RegExp): Promise<boolean> {
  return eventually(async () => {
    told.add(flags.status(), await flags.refresh());
    return said.test(told.text);
  });
}

function failed(): Error {
  throw new Error('it did not fail');
}

describe('S8: no secret is told', () => {
  it('by an outage of Redis: killed, emptied, frozen, and back', async () => {
    const flags = await start();
    expect(await hears(flags, /"published":true/)).toBe(true);
    await redis.kill();
    expect(await hears(flags, /ECONNREFUSED/)).toBe(true);
    await redis.launch();
    expect(await eventually(async () => (await flags.refresh()).cacheFailures.length === 0)).toBe(true); // prettier-ignore
    redis.freeze();
    expect(await hears(flags, /did not answer within/)).toBe(true);
    redis.thaw();
    expect(await eventually(async () => (await flags.refresh()).cacheFailures.length === 0)).toBe(true); // prettier-ignore
    await apps.splice(0)[0]?.close();

    expect(told.findings([...secrets, value])).toEqual([]);
  });

  it.each([
    ['a password that is wrong', () => urlWith(wrongPassword), /WRONGPASS/],
    ['a user who may do nothing here', () => urlWith(password), /NOPERM/],
  ])('by %s', async (name, url, said) => {
    if (name.includes('user')) await redis.run(['ACL', 'SETUSER', user, 'resetkeys', '~other:*']);
    const flags = await start(url());
    expect(await hears(flags, said)).toBe(true);

    expect(told.findings([...secrets, value])).toEqual([]);
  });

  it('by a shared record that somebody has written over', async () => {
    const first = await start();
    expect(await hears(first, /"published":true/)).toBe(true);
    const keys = (await redis.run(['KEYS', '*:body:*'])) as string[];
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) await redis.run(['SET', key, `${value} ${password} ${secretKey}`]);
    // Who has the definitions does not read them again: a newcomer does, for no other gives it any.
    await apps.splice(0)[0]?.close();
    server.next({ fault: 'no-headers' });
    const newcomer = await start();
    expect(await hears(newcomer, /is not the body of a record/)).toBe(true);

    expect(told.findings([...secrets, value])).toEqual([]);
  });

  const echo = `${secretKey} ${projectApiKey} Bearer ${secretKey} ${value}`;
  it.each<[string, ScriptedAnswer, RegExp]>([
    [
      'refuses the key, and repeats it',
      { status: 401, body: { detail: echo } },
      /refused the secret key/,
    ],
    ['fails, and repeats the request', { status: 500, body: echo }, /HTTP 500/],
    ['answers nonsense', { status: 200, body: echo }, /not JSON/],
    ['answers no definitions', { status: 200, body: { flags: echo } }, /invalid-definitions/],
    [
      'sends elsewhere',
      { status: 302, headers: { location: `http://127.0.0.1:1/?${projectApiKey}` } },
      /redirect/i,
    ],
    ['breaks off', { fault: 'cut' }, /"code":"network"/],
  ])('by a source that %s', async (_name, answer, said) => {
    // prettier-ignore
    const flags = await start();
    expect(await hears(flags, /"published":true/)).toBe(true);
    server.next(answer, answer);
    expect(await hears(flags, said)).toBe(true);

    expect(told.findings([...secrets, value])).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['a URL that cannot be read', () => start(`redis://${user}:${password}@host:99999/0`)],
    ['a URL of a scheme that there is not', () => start(`${password}://${user}@host`)],
    [
      'a URL with an option that there is not',
      () => start(`${urlWith(password)}&password=${secretKey}`),
    ],
    [
      'a URL without its namespace',
      () => start(`${redis.url(`${user}:${secretKey}@`)}?key={${user}}`),
    ],
    [
      'keys that were mixed up',
      () => new PostHogDefinitionSource({ projectApiKey: secretKey, secretKey: projectApiKey }),
    ],
    [
      'a key with a line break',
      () =>
        new PostHogDefinitionSource({
          projectApiKey,
          secretKey: `${otherSecretKey}\n${secretKey}`,
        }),
    ],
    [
      'a host with a password',
      () =>
        new PostHogDefinitionSource({
          host: `https://${user}:${secretKey}@h`,
          projectApiKey,
          secretKey,
        }),
    ],
  ])('by the error about %s', async (_name, configure) => {
    // prettier-ignore
    const error: unknown = await Promise.resolve().then(configure).then(failed, (thrown: unknown) => thrown); // prettier-ignore
    told.add(error);
    expect(String(error)).not.toContain('it did not fail');

    expect(told.findings(secrets)).toEqual([]);
  });

  it('to Redis: not in a key, not in a value, not in a message', async () => {
    const inRedis = new EverythingTold();
    const messages: string[] = [];
    const listener = createClient({ url: redis.url() });
    await listener.connect();
    await listener.pSubscribe('*', (message, channel) => messages.push(channel, message));
    const flags = await start();
    expect(await hears(flags, /"published":true/)).toBe(true);
    expect(await eventually(() => messages.length > 0)).toBe(true);
    await listener.disconnect();
    inRedis.add(messages);
    const keys = (await redis.run(['KEYS', '*'])) as string[];
    inRedis.add(keys);
    for (const key of keys) inRedis.add(await redis.run(['DUMP', key]));
    for (const key of keys) {
      const type = await redis.run(['TYPE', key]);
      inRedis.add(await redis.run(type === 'hash' ? ['HGETALL', key] : ['GET', key]));
    }

    expect(inRedis.text).toContain('email');
    expect(inRedis.findings(secrets)).toEqual([]);
  });
});
