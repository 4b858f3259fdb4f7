/** What happens to a store when its Redis is hurt. Each test has a server of its own to hurt. */
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { nodeRedisCommands } from '../../lib/caches/redis/redis-commands.js';
import { bodyKey, redisKeys } from '../../lib/caches/redis/redis-keys.js';
import type { RedisRecordStore } from '../../lib/caches/redis/redis-record-store.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { eventually, freePort } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { OutageClock } from '../support/outage-clock.js';
import { openRecords, type RecordsSettings } from '../support/redis-records.js';
import { RedisServer, type RedisServerSettings } from '../support/redis-server.js';

const namespace = 'shop';
const keys = redisKeys(namespace);
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function start(settings?: RedisServerSettings): Promise<RedisServer> {
  const server = await RedisServer.start(settings);
  opened.push(() => server.stop());
  return server;
}

function open(url: string, settings: Partial<RecordsSettings> = {}): RedisRecordStore {
  const store = openRecords(url, { namespace, ...settings });
  opened.push(() => store.close());
  return store;
}

/** With what it fails. Where a clock stands still meanwhile, it has waited for nothing. */
function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

const works = (store: RedisRecordStore) => () =>
  store.readHead().then(
    () => true,
    () => false,
  );

/** Connecting again takes pauses, which pass no faster than they would. */
const comesBack = (store: RedisRecordStore, clock: ManualClock) =>
  eventually(async () => {
    await clock.advance(20);
    return works(store)();
  });

describe('F26: a Redis that is frozen', () => {
  it('costs a deadline, and is found again by itself', async () => {
    const server = await start();
    const clock = new ManualClock();
    const store = open(server.url(), { commandTimeoutMs: 500, clock });
    await lead(store, 'a', recordOf('v1'));

    server.freeze();
    const first = failure(store.readHead());
    await clock.advance(500);
    expect(await first).toMatchObject({
      code: 'deadline-exceeded',
      message: `Redis at ${server.url()} did not answer within 500 ms.`,
    });
    const second = failure(askForClaim(store, 'a'));
    await clock.advance(500);
    expect(await second).toMatchObject({ code: 'deadline-exceeded' });
    // Two deadlines in a row: the connection is given up, and what comes now fails at once.
    expect(await failure(store.readHead())).toMatchObject({ code: 'cache-unavailable' });

    server.thaw();
    expect(await comesBack(store, clock)).toBe(true);
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"v1"' });
  });

  it('at the start costs the time to connect, and no more', async () => {
    const server = await start();
    server.freeze();
    const clock = new ManualClock();
    const store = open(server.url(), { connectTimeoutMs: 2_000, clock });
    const first = failure(store.readHead());
    await clock.advance(2_000);
    expect(await first).toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('did not answer the handshake within 2000 ms'),
    });
    server.thaw();
    expect(await comesBack(store, clock)).toBe(true);
  });

  it('F04: what was sent before and runs later changes nothing', async () => {
    const server = await start();
    const clock = new OutageClock();
    const store = open(server.url(), { clock });
    // Also teaches the server the scripts: a ghost cannot send them after.
    await lead(store, 'a', recordOf('old'));
    const { token } = await askForClaim(store, 'a');

    clock.begin();
    server.freeze();
    // Sent, given up, and carried out by the server when it can.
    await failure(publishAs(store, 'a', token, recordOf('ghost')));
    await failure(
      claimsOf(store).finish({ instance: 'a', token, result: { kind: 'handed-over' } }),
    );
    clock.end();
    server.thaw();
    expect(await eventually(works(store))).toBe(true);
    const ghostsHaveRun = async (): Promise<boolean> =>
      (await server.run(['HGET', keys.claims, 'holder'])) === '';
    expect(await eventually(ghostsHaveRun)).toBe(true);
    await expect(server.run(['EXISTS', bodyKey(keys, token)])).resolves.toBe(1);
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"old"' });

    const revision = await lead(store, 'b', recordOf('new'));
    await expect(publishAs(store, 'a', token, recordOf('ghost'))).resolves.toBe('fenced');
    await expect(store.readHead()).resolves.toMatchObject({ revision, etag: '"new"' });
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["new"]}' });
  });

  it('F04: a finish that runs after the thaw is before the next grant, or fenced', async () => {
    const server = await start();
    // Commands of this client stay under way as long as the server is frozen.
    const patient = open(server.url());
    const clock = new OutageClock();
    const other = open(server.url(), { clock });
    const { token } = await askForClaim(patient, 'slow', { leaseMs: 60_000 });
    expect((await askForClaim(other, 'fast', { leaseMs: 60_000 })).verdict).toBe('held');
    await server.run(['HSET', keys.claims, 'leaseEndsAt', '1']);
    expect((await askForClaim(other, 'fast')).verdict).toBe('granted');

    clock.begin();
    server.freeze();
    const ghost = publishAs(patient, 'slow', token, recordOf('ghost'));
    await failure(other.readHead());
    server.thaw();

    await expect(ghost).resolves.toBe('fenced');
    await expect(patient.readHead()).resolves.toBeUndefined();
    await expect(server.run(['HGET', keys.claims, 'holder'])).resolves.toBe('fast');
  });
});

describe('a Redis that is killed', () => {
  it('F28: fails everything at once, keeps nothing for later, and is found again', async () => {
    const server = await start();
    const clock = new ManualClock();
    const store = open(server.url(), { clock });
    const { token } = await askForClaim(store, 'a');

    await server.kill();
    expect(await eventually(async () => !(await works(store)()))).toBe(true);
    const late = failure(publishAs(store, 'a', token, recordOf('late')));
    expect(await late).toMatchObject({ code: 'cache-unavailable' });

    await server.launch();
    expect(await comesBack(store, clock)).toBe(true);
    await expect(server.run(['DBSIZE'])).resolves.toBe(0);
  });

  it('F12: and restarts empty, is filled again above all that was before', async () => {
    const server = await start();
    const store = open(server.url());
    const revision = await lead(store, 'a', recordOf('v1'));
    await server.kill();
    await server.launch();
    expect(await eventually(works(store))).toBe(true);
    const reply = await askForClaim(store, 'b', { kick: false, revision });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(reply.token).toBeGreaterThan(revision);
    await expect(publishAs(store, 'b', reply.token, recordOf('v1'))).resolves.toBe('accepted');
  });

  it('F24: hints again as soon as the subscription stands again', async () => {
    const server = await start();
    const store = open(server.url());
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    await server.kill();
    await server.launch();
    expect(await eventually(() => hints === 2)).toBe(true);
    expect(await eventually(works(store))).toBe(true);
    await lead(store, 'a', recordOf('v1'));
    expect(await eventually(() => hints === 3)).toBe(true);
  });

  it('F30: before it was ever there costs nothing to open, and is found when it comes', async () => {
    const port = await freePort();
    const clock = new ManualClock();
    const store = open(`redis://127.0.0.1:${port}`, { clock });
    expect(await failure(store.readHead())).toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringMatching(/ECONNREFUSED at 127\.0\.0\.1/),
    });
    const stranger = await RedisServer.start({ port });
    opened.push(() => stranger.stop());
    expect(await comesBack(store, clock)).toBe(true);
  });
});

describe('a Redis that is emptied', () => {
  it('F12: fences the claim that was open, and knows the order all the same', async () => {
    const server = await start();
    const store = open(server.url());
    const revision = await lead(store, 'a', recordOf('v1'));
    const { token } = await askForClaim(store, 'a');
    await server.run(['FLUSHALL']);
    await expect(publishAs(store, 'a', token, recordOf('v2'))).resolves.toBe('fenced');
    const reply = await askForClaim(store, 'b', { revision });
    expect(reply.token).toBeGreaterThan(token);
  });
});

describe('a Redis that refuses', () => {
  it('F10: READONLY: a replica takes neither claim nor publication', async () => {
    const primary = await start({ args: ['--repl-diskless-sync-delay', '0'] });
    const store = open(primary.url());
    await lead(store, 'a', recordOf('v1'));
    const replica = await start({ args: ['--replicaof', '127.0.0.1', `${primary.port}`] });
    const reader = open(replica.url());
    const hasHead = async (): Promise<boolean> =>
      reader.readHead().then(
        (head) => head?.etag === '"v1"',
        () => false,
      );
    expect(await eventually(hasHead)).toBe(true);
    const refused = {
      code: 'cache-unavailable',
      message: expect.stringContaining('(READONLY): it is a read-only replica'),
    };
    await expect(askForClaim(reader, 'a')).rejects.toMatchObject(refused);
    // The name may lead to the new primary: the connection is made anew, and found again.
    expect(await eventually(hasHead)).toBe(true);
    await expect(reader.publish(recordOf('v2'), Date.now() * 2)).rejects.toMatchObject(refused);
  });

  it('F10: OOM: followers go on, what must be written is refused, and nothing is half done', async () => {
    const server = await start();
    const store = open(server.url());
    const revision = await lead(store, 'a', recordOf('v1'));
    const { token } = await askForClaim(store, 'a');
    await server.run(['CONFIG', 'SET', 'maxmemory', '1']);

    const follower = { revision, kick: false };
    await expect(askForClaim(store, 'b', follower)).resolves.toMatchObject({ verdict: 'held' });
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
    const refused = {
      code: 'cache-unavailable',
      message: expect.stringContaining('(OOM): its memory limit is reached'),
    };
    await expect(publishAs(store, 'a', token, recordOf('v2'))).rejects.toMatchObject(refused);
    const same = { kind: 'same', etag: undefined, nextDueMs: 1 } as const;
    const finish = claimsOf(store).finish({ instance: 'a', token, result: same });
    await expect(finish).rejects.toMatchObject(refused);
    await expect(server.run(['PTTL', bodyKey(keys, revision)])).resolves.toBe(-1);

    await server.run(['CONFIG', 'SET', 'maxmemory', '0']);
    await expect(publishAs(store, 'a', token, recordOf('v2'))).resolves.toBe('accepted');
  });

  it('F10: OOM between body and head leaves the record that was', async () => {
    const server = await start();
    const store = open(server.url());
    const revision = await lead(store, 'a', recordOf('v1'));
    const { token } = await askForClaim(store, 'a');
    // The body is there already; only the head is missing.
    const { body, ...facts } = recordOf('v2');
    const value = JSON.stringify({ value: { ...facts, revision: token, text: body } });
    await server.run(['SET', bodyKey(keys, token), value, 'PX', '60000']);
    await server.run(['CONFIG', 'SET', 'maxmemory', '1']);
    const publication = publishAs(store, 'a', token, recordOf('v2'));
    await expect(publication).rejects.toMatchObject({ code: 'cache-unavailable' });
    await expect(store.readHead()).resolves.toMatchObject({ revision });
    await expect(server.run(['PTTL', bodyKey(keys, revision)])).resolves.toBe(-1);
  });

  it('LOADING, BUSY: a script that blocks the server is named', async () => {
    const server = await start({ args: ['--busy-reply-threshold', '20'] });
    const store = open(server.url());
    await store.readHead();
    const endless = server.run(['EVAL', 'while true do end', '0']).catch(() => undefined);
    const busy = async (): Promise<boolean> =>
      store.readHead().then(
        () => false,
        (error: Error) => error.message.includes('(BUSY): a script of somebody blocks it'),
      );
    expect(await eventually(busy)).toBe(true);
    await server.run(['SCRIPT', 'KILL']);
    await endless;
  });
});

describe('users and passwords', () => {
  const user = [
    'user default off',
    'user admin on >geheim ~* &* +@all',
    'user app on >s3cr:t/p@ss ~flags:v1:* &flags:v1:* -@all +eval +evalsha +get +set +exists +time +hmget +hset +hgetall +hdel +hlen +getrange +persist +pexpire +publish +subscribe',
    'user mute on >s3cr ~flags:v1:* resetchannels -@all +eval +evalsha +get +set +exists +time +hmget +hset +hgetall +hdel +hlen +getrange +persist +pexpire +publish +subscribe',
    'user reader on >s3cr ~flags:v1:* &flags:v1:* -@all +get +set +exists',
    'user stranger on >s3cr ~other:* &* +@all',
    'user half on >s3cr ~flags:v1:* &* +@all -hset',
  ];
  const password = encodeURIComponent('s3cr:t/p@ss');

  it('needs no more than the commands of its scripts, and its own keys and channels', async () => {
    const server = await start({ users: user });
    const store = open(server.url(`app:${password}@`));
    let hints = 0;
    store.watch?.(() => (hints += 1));
    expect(await eventually(() => hints === 1)).toBe(true);
    const revision = await lead(store, 'a', recordOf('v1'));
    await expect(store.readBody(revision)).resolves.toMatchObject({ body: '{"flags":["v1"]}' });
    await expect(store.confirm(revision)).resolves.toBe(true);
    await expect(store.publish(recordOf('v2'), revision + 1)).resolves.toBe(true);
    await expect(claimsOf(store).members()).resolves.toHaveLength(1);
    await claimsOf(store).leave('a');
    expect(await eventually(() => hints === 3)).toBe(true);
  });

  it('a user without the channel publishes all the same, without push', async () => {
    const server = await start({ users: user });
    const store = open(server.url('mute:s3cr@'));
    store.watch?.(() => undefined);
    await lead(store, 'a', recordOf('v1'));
    await expect(store.readHead()).resolves.toMatchObject({ etag: '"v1"' });
  });

  it.each([
    ['scripts', 'reader:s3cr@', /\(NOPERM\): the user may not do this: allow the keys/],
    ['the keys', 'stranger:s3cr@', /\(NOPERM\): the user may not do this/],
    ['what the scripts call', 'half:s3cr@', /\(NOPERM\): the user may not do this/],
    ['anything, having no password', '', /\(NOAUTH\): it wants a password/],
    ['anything, with a wrong password', 'app:wrong@', /\(WRONGPASS\): user or password is wrong/],
  ])('F10: a user who may not use %s is told so', async (_what, userInfo, message) => {
    const server = await start({ users: user });
    const store = open(server.url(userInfo));
    expect(await failure(askForClaim(store, 'a'))).toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringMatching(message),
    });
  });

  it('a password is in no error and no description', async () => {
    const server = await start({ users: user });
    const url = server.url(`app:${encodeURIComponent('wr0ng/p@ss')}@`);
    const store = open(url);
    const seen = [await failure(store.readHead()), store.description];
    await server.kill();
    seen.push(await failure(store.readHead()));
    const text = inspect(seen, { depth: 20, showHidden: true });
    expect(text).toContain('WRONGPASS');
    expect(text).not.toMatch(/wr0ng|p%40ss|p@ss/);
    expect(store.description).toBe(`redis://127.0.0.1:${server.port}/0`);
  });
});

describe('F29: a client that was given', () => {
  it('does not take the process down when its server dies', async () => {
    const server = await start();
    const client = createClient({ url: server.url(), socket: { reconnectStrategy: false } });
    const commands = nodeRedisCommands(client);
    await client.connect();
    await expect(commands.send('k', ['PING'])).resolves.toBe('PONG');
    await server.kill();
    expect(await eventually(() => !client.isOpen)).toBe(true);
    await expect(commands.send('k', ['PING'])).rejects.toThrow('closed');
  });
});
