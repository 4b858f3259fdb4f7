/**
 * Apps that share definitions through DynamoDB: by URL, over a client, beside posthog-node. One
 * fetches, all know; and what happens when the table goes away.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { createPostHogCacheProvider } from '../../lib/caches-posthog-node.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { planted } from '../support/planted.js';
import { isOn, sharingClient, type SharingClient } from '../support/posthog-node-client.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps } from '../support/sharing-app.js';

const NET_MS = 120_000;
const table = 'flags';
/** The SDK, all instances and the table are in this one process. */
const patient = { cacheTimeoutMs: 10_000 };
const times = { intervalMs: 1_000, checkMs: 200, ...patient };
const environment = { ...process.env };

let dynamodb: DynamodbServer;
let server: DefinitionsServer;
let apps: SharingApps;
let key: string;
let url: string;
const clients: SharingClient[] = [];

beforeAll(async () => {
  dynamodb = await DynamodbServer.start();
  await dynamodb.createTable(table);
  // As the SDK finds them for who writes a URL.
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = dynamodb.endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = planted.password;
});
afterAll(async () => {
  process.env = environment;
  await dynamodb.close();
});

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
  key = `test-${randomUUID()}`;
  url = `dynamodb://eu-central-1/${table}?key=${key}`;
});
afterEach(async () => {
  dynamodb.intercept = () => undefined;
  await apps.close();
  await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
  await server.close();
});

const fetches = (): number => server.definitionRequests.length;

describe('apps that share a table', () => {
  it('fetch once when they start together, by URL and over a client of theirs', async () => {
    const given = dynamodbCache(dynamodb.client, { table, key });
    const fleet = await Promise.all([
      ...Array.from({ length: 4 }, () => apps.start(url, patient)),
      ...Array.from({ length: 4 }, () => apps.start(given, patient)),
    ]);
    await expectAllToHave(fleet, 'a');
    expect(fetches()).toBe(1);
    expect(fleet[0]!.flags.status().cache).toBe('dynamodb://eu-central-1/flags');
    expect(fleet[7]!.flags.status().cache).toBe('the DynamoDB table flags');
    for (const { log } of fleet) expect(JSON.stringify(log)).not.toContain(planted.password);
  });

  it('fetch about once in an interval, all together, and have a change at the next look', async () => {
    const fleet = await Promise.all(Array.from({ length: 4 }, () => apps.start(url, times)));
    await expectAllToHave(fleet, 'a');
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
    const { revision } = fleet[0]!.flags.status();
    const converged = await fleet[1]!.flags.waitForConvergence(revision ?? 0, {
      timeoutMs: NET_MS,
    });
    expect(converged).toMatchObject({ converged: true, needed: 4 });
  });

  it('go on when the one that fetched is closed', async () => {
    const fleet = [await apps.start(url, times), await apps.start(url, times)];
    await expectAllToHave(fleet, 'a');
    await fleet[0]!.close();
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet.slice(1), 'b');
  });

  it('F38: have a document of 1.5 MB, and publish it again when a piece of it is lost', async () => {
    const names = Array.from({ length: 3_000 }, (_, n) => `f${n}-${'x'.repeat(200)}`);
    server.definitions = documentOf([...names, 'a']);
    const first = await apps.start(url, times);
    await expectAllToHave([first], 'a');
    // The project is part of it.
    const partition = (await dynamodb.partitions(table)).find((name) => name.includes(key))!;
    const { revision = 0 } = first.flags.status();
    await dynamodb.remove(table, partition, `piece#${revision}#1`);

    const second = await apps.start(url, times);
    await expectAllToHave([second], 'a');
    const isWhole = async () => (second.flags.status().revision ?? 0) > revision;
    expect(await eventually(isWhole)).toBe(true);
  });

  it('evaluate from memory while the table throttles, say so once, and share again after', async () => {
    const fleet = [await apps.start(url, times), await apps.start(url, times)];
    await expectAllToHave(fleet, 'a');
    dynamodb.intercept = () => ({ error: 'ThrottlingException' });
    const isSolo = () => fleet.every(({ flags }) => flags.status().state === 'solo');
    expect(await eventually(isSolo)).toBe(true);
    await expectAllToHave(fleet, 'a');
    dynamodb.intercept = () => undefined;
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
    const isFresh = () => fleet.every(({ flags }) => flags.status().state === 'fresh');
    expect(await eventually(isFresh)).toBe(true);
  });

  it('start without the table, evaluate, and say how it is made', async () => {
    const app = await apps.start('dynamodb://eu-central-1/no-such-table', times);
    await expectAllToHave([app], 'a');
    const told = app.log.warned.join('\n');
    expect(told).toContain('aws dynamodb create-table --table-name no-such-table');
  });
});

describe('real posthog-node clients', () => {
  it('fetch once for all, and have a change', async () => {
    for (let n = 0; n < 4; n += 1) clients.push(await sharingClient(server, url, 500));
    const all = async (flag: string): Promise<boolean> => {
      const answers = await Promise.all(clients.map((client) => isOn(client, flag)));
      return answers.every((answer) => answer === true);
    };
    expect(await eventually(() => all('a'))).toBe(true);
    server.definitions = documentOf(['b']);
    expect(await eventually(() => all('b'))).toBe(true);
  });

  it('share with an app, over a client that is given', async () => {
    const { host, projectApiKey } = server;
    const given = dynamodbCache(dynamodb.client, { table, key });
    const reader = await createPostHogCacheProvider(given, { host, projectApiKey });
    const app = await apps.start(url, patient);
    await expectAllToHave([app], 'a');
    expect(fetches()).toBe(1);
    const shared = await reader.getFlagDefinitions();
    expect(shared?.flags.map((flag) => (flag as { key: string }).key)).toEqual(['a']);
    await reader.shutdown();
  });
});
