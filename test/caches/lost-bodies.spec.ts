/**
 * A body is lost beneath a head that still points to it, and everybody holds the same content, which
 * the source does not change. Who comes next finds nothing to read: it gets flags all the same, and
 * the fleet has a whole copy again.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import { SharedContents } from '../../lib/caches/shared-memory/shared-contents.js';
import { SharedText } from '../../lib/caches/shared-memory/shared-text.js';
import type { RecordBackend } from '../../lib/caches.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { isOn, sharingClient, type SharingClient } from '../support/posthog-node-client.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps } from '../support/sharing-app.js';

const table = 'flags';
const times = { intervalMs: 1_000, checkMs: 200, cacheTimeoutMs: 10_000 };

let dynamodb: DynamodbServer;
let server: DefinitionsServer;
let apps: SharingApps;
const clients: SharingClient[] = [];

beforeAll(async () => {
  dynamodb = await DynamodbServer.start();
  await dynamodb.createTable(table);
});
afterAll(() => dynamodb.close());
beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
});
afterEach(async () => {
  await apps.close();
  await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
  await server.close();
});

/** A store, and what can happen to the body of a revision in it. */
interface Place {
  readonly cache: RecordBackend;
  readonly lose: (revision: number) => Promise<void>;
}

function sharedMemory(how: 'gone' | 'damaged'): Place {
  const memory = createSharedMemory();
  const cache = sharedMemoryCache(memory);
  const lose = async (lost: number): Promise<void> => {
    const [{ name }] = JSON.parse(new SharedText(memory.buffer).read().text ?? '[]');
    const contents = new SharedContents(new SharedText(memory.buffer), name, systemClock);
    const { offset } = contents.read().bodies.find(({ revision }) => revision === lost)!;
    if (how === 'damaged') new Uint8Array(memory.buffer)[offset + 3] = 0;
    else
      await contents.change(({ own }) => {
        const bodies = own.bodies.filter(({ revision }) => revision !== lost);
        return { own: { ...own, bodies }, reply: undefined };
      });
  };
  return { cache, lose };
}

function inDynamodb(how: 'gone' | 'a piece gone' | 'a piece of another'): Place {
  const key = `test-${randomUUID()}`;
  const lose = async (revision: number): Promise<void> => {
    const partition = (await dynamodb.partitions(table)).find((name) => name.includes(key))!;
    const piece = `piece#${revision}#0`;
    if (how === 'a piece of another') {
      const item = { pk: { S: partition }, sk: { S: piece }, sum: { S: 'x' }, bytes: { S: 'y' } };
      await dynamodb.put(table, item);
      return;
    }
    await dynamodb.remove(table, partition, piece);
    if (how === 'gone') await dynamodb.remove(table, partition, `body#${revision}`);
  };
  return { cache: dynamodbCache(dynamodb.client, { table, key }), lose };
}

describe('a body that is lost beneath its head', () => {
  it.each([
    ['in shared memory: gone', () => sharedMemory('gone')],
    ['in shared memory: damaged', () => sharedMemory('damaged')],
    ['in DynamoDB: gone', () => inDynamodb('gone')],
    ['in DynamoDB: a piece of it gone', () => inDynamodb('a piece gone')],
    ['in DynamoDB: a piece of it overwritten', () => inDynamodb('a piece of another')],
  ])('%s: who comes next has flags, and all have them from one publication', async (_, open) => {
    const { cache, lose } = open();
    const holder = await apps.start(cache, times);
    await expectAllToHave([holder], 'a');
    const { revision: lost = 0 } = holder.flags.status();
    await lose(lost);

    const newcomer = await apps.start(cache, times);
    await expectAllToHave([newcomer], 'a');
    const revisions = (): (number | undefined)[] =>
      [holder, newcomer].map(({ flags }) => flags.status().revision);
    const haveOne = (): boolean => {
      const [first = 0, second] = revisions();
      return first > lost && first === second;
    };
    expect(await eventually(haveOne)).toBe(true);
    const third = await apps.start(cache, { ...times, intervalMs: 60_000 });
    await expectAllToHave([third], 'a');
    expect(third.flags.status().revision).toBe(revisions()[0]);
  });

  it('costs a client of posthog-node that comes next a fetch of its own', async () => {
    const { cache, lose } = inDynamodb('gone');
    const app = await apps.start(cache, { ...times, intervalMs: 60_000 });
    await expectAllToHave([app], 'a');
    await lose(app.flags.status().revision ?? 0);
    const client = await sharingClient(server, cache, 500);
    clients.push(client);
    expect(await eventually(async () => (await isOn(client, 'a')) === true)).toBe(true);
  });
});
