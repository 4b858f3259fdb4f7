/**
 * The definitions that PostHog's other SDKs share, in a real Redis: what we write they can read,
 * what they write we take over by its content, and the order is that of the store.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { InteropRecordStore } from '../../lib/caches/redis/interop-record-store.js';
import { nodeRedisCommands, type RedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { interopKeys, type InteropKeys } from '../../lib/caches/redis/interop-keys.js';
import { readCacheUrl } from '../../lib/caches/url/cache-url.js';
import { openInteropRecords } from '../../lib/caches/url/interop-records.js';
import { digestOf } from '../../lib/core/definitions/digest.js';
import { parseDefinitions } from '../../lib/core/definitions/parse-definitions.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { documentOf } from '../support/scripted-source.js';

const url = process.env['TEST_REDIS_URL'] ?? '';
/** The other SDK, and whoever looks at the server from outside. */
const redis = createClient({ url });
beforeAll(() => redis.connect());
afterAll(() => redis.disconnect());

const DAY_MS = 24 * 60 * 60_000;
let keys: InteropKeys;
let service: string;
let store: InteropRecordStore;
beforeEach(() => {
  service = `test-${randomUUID()}`;
  keys = interopKeys(service);
  const patient = { commandTimeoutMs: 60_000, connectTimeoutMs: 60_000 };
  store = openInteropRecords({ url, service, clock: systemClock, ...patient });
});
afterEach(async () => {
  await store.close();
  await redis.del([keys.copy, keys.lock, keys.head]);
});

function recordOf(document: unknown, etag?: string) {
  const parsed = parseDefinitions(document);
  if (!parsed.ok) throw new Error(parsed.message);
  const { definitions } = parsed;
  const body = JSON.stringify(definitions);
  return { schema: 1, digest: digestOf(definitions), etag, codec: 'json', body };
}

const stored = async () => JSON.parse((await redis.get(keys.copy)) ?? 'null');
const one = recordOf(documentOf(['one']), '"1"');

describe('what we publish', () => {
  it('lies as plain JSON where the examples of PostHog look for it, in both spellings', async () => {
    const document = {
      ...documentOf(['a']),
      group_type_mapping: { 0: 'company' },
      property_matching_version: 2,
      minimal_flag_called_events: true,
      of_tomorrow: { kept: true },
    };
    expect(keys.copy).toBe(`posthog:flags:${service}`);
    expect(keys.lock).toBe(`posthog:flags:${service}:lock`);
    expect(await store.publish(recordOf(document), 7)).toBe(true);
    expect(await stored()).toMatchObject({
      ...document,
      groupTypeMapping: { 0: 'company' },
      propertyMatchingVersion: 2,
      minimalFlagCalledEvents: true,
    });
  });

  it('comes back as it was: head and body', async () => {
    await store.publish(one, 7);
    const { body, ...facts } = one;
    const head = { ...facts, revision: 7, sizeBytes: body.length, ageMs: expect.any(Number) };
    expect(await store.readHead()).toEqual(head);
    expect(await store.readBody(7)).toEqual({ head, body });
    expect(await store.readBody(6)).toBeUndefined();
  });

  it('lives for a day, counted anew when it is confirmed or looked at', async () => {
    await store.publish(one, 7);
    expect(await redis.pTTL(keys.copy)).toBeGreaterThan(DAY_MS - 60_000);
    await redis.pExpire(keys.copy, 60_000);
    expect(await store.confirm(7)).toBe(true);
    expect(await redis.pTTL(keys.copy)).toBeGreaterThan(DAY_MS - 60_000);
    await redis.pExpire(keys.copy, 60_000);
    await store.readHead();
    expect(await redis.pTTL(keys.copy)).toBeGreaterThan(DAY_MS - 60_000);
    expect(await redis.pTTL(keys.head)).toBeGreaterThan(DAY_MS);
  });

  it('is refused under a revision that is not above the stored one', async () => {
    await store.publish(one, 7);
    expect(await store.publish(recordOf(documentOf(['two'])), 7)).toBe(false);
    expect(await store.readHead()).toMatchObject({ revision: 7, digest: one.digest });
  });

  it('is announced', async () => {
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(async () => hints > 0)).toBe(true);
    const before = hints;
    await store.publish(one, 7);
    expect(await eventually(async () => hints > before)).toBe(true);
  });

  it('must be plain JSON', async () => {
    const bytes = { ...one, codec: 'json+gzip', body: new Uint8Array([31, 139]) };
    await expect(store.publish(bytes, 7)).rejects.toMatchObject({ code: 'invalid-options' });
  });
});

describe('what another SDK stores', () => {
  const snake = { ...documentOf(['theirs']), group_type_mapping: { 0: 'team' } };
  const python = JSON.stringify(snake).replaceAll('":', '": ').replaceAll(',"', ', "');
  const { group_type_mapping: groupTypeMapping, ...rest } = snake;
  const oldNode = JSON.stringify({ ...rest, groupTypeMapping });

  it.each([
    ['posthog-python', python],
    ['an old posthog-node', oldNode],
  ])('by %s is taken over on an empty store, and completed for the others', async (_who, text) => {
    await redis.set(keys.copy, text, { EX: 300 });
    const head = await store.readHead();
    expect(head?.revision).toBeGreaterThan(0);
    const body = await store.readBody(head?.revision ?? 0);
    expect(JSON.parse(String(body?.body))).toMatchObject(snake);
    expect(await stored()).toMatchObject({ ...snake, groupTypeMapping });
    expect(await redis.pTTL(keys.copy)).toBeGreaterThan(300_000);
  });

  it('over our copy is newer, whatever any clock says', async () => {
    const tomorrow = Date.now() + DAY_MS;
    await store.publish(one, tomorrow);
    await redis.set(keys.copy, python);
    const head = await store.readHead();
    expect(head?.revision).toBe(tomorrow + 1);
    expect(head).toMatchObject({ digest: recordOf(snake).digest, etag: undefined });
    expect(await store.publish(one, tomorrow + 1)).toBe(false);
    expect(await store.publish(one, tomorrow + 2)).toBe(true);
  });

  it('with the same content keeps its revision and its etag, and is current again', async () => {
    await store.publish(one, 7);
    await redis.hSet(keys.head, 'verifiedAt', '1000');
    expect((await store.readHead())?.ageMs).toBeGreaterThan(DAY_MS);
    await redis.set(keys.copy, JSON.stringify(documentOf(['one'])));
    expect(await store.readHead()).toMatchObject({ revision: 7, etag: '"1"' });
    expect((await store.readHead())?.ageMs).toBeLessThan(60_000);
  });

  it('with our own mark in it, passed on unread, is not mistaken for ours', async () => {
    await store.publish(one, 7);
    const marked = await stored();
    await redis.set(keys.copy, JSON.stringify({ ...marked, flags: [] }));
    const head = await store.readHead();
    expect(head?.digest).not.toBe(one.digest);
    const body = await store.readBody(head?.revision ?? 0);
    expect(JSON.parse(String(body?.body))).toMatchObject({ flags: [] });
    expect(String(body?.body)).not.toContain('nestjs_feature_flags');
  });

  it('is taken over once, however many look at the same moment', async () => {
    await redis.set(keys.copy, python);
    const heads = await Promise.all(Array.from({ length: 20 }, () => store.readHead()));
    expect(new Set(heads.map((head) => head?.revision)).size).toBe(1);
  });

  it('while we take over another copy is not lost', async () => {
    const commands = nodeRedisCommands(redis);
    let overtakes = true;
    const overtaken: RedisCommands = {
      send: async (key, command) => {
        const reply = await commands.send(key, command);
        if (command[0] === 'GET' && overtakes) {
          overtakes = false;
          await redis.set(keys.copy, JSON.stringify(documentOf(['overtaking'])));
        }
        return reply;
      },
    };
    const slow = new InteropRecordStore({ commands: overtaken, service, description: 'slow' });
    await redis.set(keys.copy, python);
    expect(await slow.readHead()).toMatchObject({
      digest: recordOf(documentOf(['overtaking'])).digest,
    });
    expect(await stored()).toMatchObject(documentOf(['overtaking']));
  });

  it.each([
    ['is read up to what a source may send', 11, true],
    ['is not read beyond it, and counts as lost', 33, false],
  ])('%s: %i MiB', async (_what, mebibytes, isRead) => {
    const document = { ...documentOf(['one']), padding: 'x'.repeat(mebibytes * 2 ** 20) };
    await redis.set(keys.copy, JSON.stringify(document));
    expect((await store.readHead()) !== undefined).toBe(isRead);
  });

  it('again and again, faster than it can be read, is an error that says so', async () => {
    const commands = nodeRedisCommands(redis);
    let writes = 0;
    const busy: RedisCommands = {
      send: async (key, command) => {
        const reply = await commands.send(key, command);
        if (command[0] === 'GET') {
          writes += 1;
          await redis.set(keys.copy, JSON.stringify(documentOf([`v${writes}`])));
        }
        return reply;
      },
    };
    const slow = new InteropRecordStore({ commands: busy, service, description: 'busy' });
    await redis.set(keys.copy, python);
    await expect(slow.readHead()).rejects.toThrow(/changes faster than it can be read/);
  });

  it('after our look is not confirmed by us', async () => {
    await store.publish(one, 7);
    await redis.set(keys.copy, python);
    expect(await store.confirm(7)).toBe(false);
    expect((await redis.get(keys.copy)) === python).toBe(true);
  });

  it.each([
    ['text', 'once upon a time'],
    ['other JSON', '[1,2]'],
    ['a document without flags', '{"cohorts":{}}'],
  ])('and is no definitions but %s is replaced by the next publication', async (_what, text) => {
    await redis.set(keys.copy, text);
    expect(await store.readHead()).toBeUndefined();
    expect(await redis.get(keys.copy)).toBe(text);
    expect(await store.publish(one, 7)).toBe(true);
    await redis.set(keys.copy, text);
    expect(await store.readHead()).toMatchObject({ revision: 7, digest: '' });
    expect(await store.publish(one, 8)).toBe(true);
  });

  it('as another type of value is left as it is, and said', async () => {
    await redis.hSet(keys.copy, 'foreign', '1');
    await expect(store.readHead()).rejects.toMatchObject({ code: 'foreign-value' });
    await expect(store.publish(one, 7)).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await redis.hGetAll(keys.copy)).toEqual({ foreign: '1' });
    expect(await redis.exists(keys.head)).toBe(0);
  });

  it('in the place of our head is left as it is, too', async () => {
    await redis.hSet(keys.head, 'foreign', '1');
    await expect(store.publish(one, 7)).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await redis.hGetAll(keys.head)).toEqual({ foreign: '1' });
  });
});

describe('a copy that is gone', () => {
  it('still orders what comes next, and whoever leads publishes it again', async () => {
    await store.publish(one, 7);
    await redis.del(keys.copy);
    const head = await store.readHead();
    expect(head).toMatchObject({ revision: 7, digest: '' });
    expect(head?.ageMs).toBeGreaterThan(DAY_MS);
    expect(await store.readBody(7)).toBeUndefined();
    expect(await store.confirm(7)).toBe(false);
    expect(await store.publish(one, 7)).toBe(false);
    expect(await store.publish(one, 8)).toBe(true);
  });
});

describe('the parameter interop of a cache URL', () => {
  it('opens these records, with a lease and without claims', async () => {
    const read = readCacheUrl(`${url}/0?key=${service}&interop=posthog`);
    if (read.kind !== 'shared') throw new Error('not shared');
    const identity = 'not-in-the-name';
    const opened = await read.open({ identity, commandTimeoutMs: 60_000, clock: systemClock });
    expect(opened.claims).toBeUndefined();
    expect(opened.lease).toBeDefined();
    await store.publish(one, 7);
    expect(await opened.readHead()).toMatchObject({ revision: 7 });
    await opened.close();
  });

  it('is a mistake with any other value', () => {
    expect(() => readCacheUrl(`${url}/0?interop=yes`)).toThrow(/must be posthog/);
  });
});
