/** How a connection is kept up, with time and the client's events in the hand of the test. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OwnedRedisClient } from '../../lib/caches/redis/owned-redis-client.js';
import { RedisConnection } from '../../lib/caches/redis/redis-connection.js';
import { RedisLink } from '../../lib/caches/redis/redis-link.js';
import { RedisSubscriber } from '../../lib/caches/redis/redis-subscriber.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';

/** A client that does nothing by itself. */
class ScriptedClient extends EventEmitter implements OwnedRedisClient {
  disconnects = 0;
  /** Who listened for errors when it was told to connect. */
  listening = Number.NaN;
  readonly commands: string[][] = [];
  readonly channels: string[] = [];
  answer: () => Promise<unknown> = () => Promise.resolve('OK');
  hint: (message: string) => void = () => undefined;
  subscribed: () => Promise<unknown> = () => Promise.resolve();

  connect(): Promise<unknown> {
    this.listening = this.listenerCount('error');
    return new Promise(() => undefined);
  }

  disconnect(): unknown {
    this.disconnects += 1;
    throw new Error('The client is closed');
  }

  sendCommand(command: string[]): Promise<unknown> {
    this.commands.push(command);
    return this.answer();
  }

  subscribe(channel: string, listener: (message: string) => void): Promise<unknown> {
    this.channels.push(channel);
    this.hint = listener;
    return this.subscribed();
  }

  comeUp(): void {
    this.emit('connect');
    this.emit('ready');
  }
}

let clock: ManualClock;
let clients: ScriptedClient[];
const parts = () => ({
  create: () => {
    const client = new ScriptedClient();
    clients.push(client);
    return client;
  },
  description: 'redis://cache:6379/0',
  clock,
  connectTimeoutMs: 2_000,
  random: () => 1,
});
const last = (): ScriptedClient => clients.at(-1)!;
beforeEach(() => {
  clock = new ManualClock();
  clients = [];
});

describe('a link', () => {
  it('tries again after growing delays, for ever', async () => {
    const link = new RedisLink(parts());
    link.open();
    link.open();
    const delays: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      last().emit('error', new Error('no'));
      const before = clock.monotonicMs();
      const tried = clients.length;
      while (clients.length === tried) await clock.advance(10);
      delays.push(clock.monotonicMs() - before);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1_500, 1_500, 1_500, 1_500]);
  });

  it('spreads the delays over their second half', async () => {
    const link = new RedisLink({ ...parts(), random: () => 0 });
    link.open();
    last().emit('error', new Error('no'));
    await clock.advance(49);
    expect(clients).toHaveLength(1);
    await clock.advance(1);
    expect(clients).toHaveLength(2);
  });

  it('starts with the first delay again after a connection that lived', async () => {
    const link = new RedisLink(parts());
    link.open();
    for (const lifeMs of [0, 9_999, 10_000]) {
      last().comeUp();
      await clock.advance(lifeMs);
      last().emit('error', new Error('lost'));
      const before = clock.monotonicMs();
      const tried = clients.length;
      while (clients.length === tried) await clock.advance(10);
      expect([lifeMs, clock.monotonicMs() - before]).toEqual([
        lifeMs,
        { 0: 100, 9_999: 200, 10_000: 50 }[lifeMs],
      ]);
    }
  });

  it('gives up a server that accepts and then says nothing', async () => {
    const link = new RedisLink(parts());
    link.open();
    last().emit('connect');
    await clock.advance(2_000);
    expect(clients[0]?.disconnects).toBe(1);
    await expect(link.ready()).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('did not answer the handshake within 2000 ms'),
    });
    await clock.advance(100);
    last().comeUp();
    await expect(link.ready()).resolves.toBe(clients[1]);
    expect(clock.timers).toBe(0);
  });

  it('disconnects a client that comes up after it was given up', async () => {
    const link = new RedisLink(parts());
    link.open();
    await clock.advance(2_000);
    expect(clients[0]?.disconnects).toBe(0);
    clients[0]?.comeUp();
    await clock.advance(0);
    expect(clients[0]?.disconnects).toBe(1);
    expect(link.client).toBeUndefined();
  });

  it('F29: listens for errors before a client connects, and after it was given up', async () => {
    new RedisLink(parts()).open();
    expect(last().listening).toBe(1);
    last().emit('error', new Error('refused'));
    await clock.advance(2_000);

    expect(clients.length).toBeGreaterThan(1);
    for (const client of clients) {
      expect(client.listening).toBe(1);
      expect(() => client.emit('error', new Error('once more'))).not.toThrow();
    }
  });

  it('hears the first complaint of a client only', async () => {
    const link = new RedisLink(parts());
    link.open();
    last().comeUp();
    last().emit('error', new Error('lost'));
    last().emit('error', new Error('lost'));
    last().emit('end');
    await clock.advance(100);
    expect(clients).toHaveLength(2);
    clients[0]?.emit('error', new Error('late'));
    clients[0]?.emit('ready');
    last().comeUp();
    await expect(link.ready()).resolves.toBe(clients[1]);
    clients[1]?.emit('ready');
    await clock.advance(60_000);
    expect(clients).toHaveLength(2);
  });

  it('takes the end of a connection for a loss', async () => {
    const link = new RedisLink(parts());
    link.open();
    last().comeUp();
    last().emit('end');
    await clock.advance(100);
    expect(clients).toHaveLength(2);
  });

  it('lets commands wait for the first connection, and for no other', async () => {
    const link = new RedisLink(parts());
    await expect(link.ready()).rejects.toThrow('It was not opened yet.');
    link.open();
    const first = link.ready();
    last().comeUp();
    await expect(first).resolves.toBe(clients[0]);
    last().emit('error', Object.assign(new Error(''), { code: 'ECONNRESET' }));
    await expect(link.ready()).rejects.toThrow('ECONNRESET');
    await clock.advance(100);
    expect(clients).toHaveLength(2);
    await expect(link.ready()).rejects.toThrow('ECONNRESET');
  });

  it('tells those who wait when the first connection fails', async () => {
    const link = new RedisLink(parts());
    link.open();
    const first = link.ready();
    last().emit('error', Object.assign(new Error(''), { code: 'ECONNREFUSED' }));
    await expect(first).rejects.toThrow('ECONNREFUSED');
    // What is left is the timer of the next attempt.
    expect(clock.timers).toBe(1);
    await clock.advance(100);
    expect(clients).toHaveLength(2);
    await expect(link.ready()).rejects.toThrow('ECONNREFUSED');
  });

  it.each(['connecting', 'ready', 'waiting'])('can be closed while %s', async (when) => {
    const link = new RedisLink(parts());
    link.open();
    const first = link.ready().catch((error: { code: string }) => error.code);
    if (when !== 'connecting') last().comeUp();
    if (when === 'waiting') last().emit('error', new Error('lost'));
    link.close();
    await expect(first).resolves.toBe('closed');
    await expect(link.ready()).rejects.toMatchObject({ code: 'closed' });
    if (when === 'connecting') last().comeUp();
    last().emit('error', new Error('late'));
    link.open();
    await clock.advance(60_000);
    expect(clients).toHaveLength(1);
    expect(last().disconnects).toBe(1);
    expect(clock.timers).toBe(0);
  });
});

describe('F27: commands', () => {
  const connect = (): RedisConnection => {
    const connection = new RedisConnection({ ...parts(), commandTimeoutMs: 1_000 });
    connection.open();
    return connection;
  };
  const silence = (): Promise<unknown> => new Promise(() => undefined);
  const outcome = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'answered',
      (error: { code?: string }) => error.code ?? 'refused',
    );

  it('that get no answer twice in a row cost the connection', async () => {
    const connection = connect();
    last().comeUp();
    last().answer = silence;
    const first = outcome(connection.send('k', ['GET', 'k']));
    await clock.advance(1_000);
    await expect(first).resolves.toBe('deadline-exceeded');
    expect(clients[0]?.disconnects).toBe(0);
    const second = outcome(connection.send('k', ['GET', 'k']));
    await clock.advance(1_000);
    await expect(second).resolves.toBe('deadline-exceeded');
    expect(clients[0]?.disconnects).toBe(1);
    await expect(outcome(connection.send('k', ['GET', 'k']))).resolves.toBe('cache-unavailable');
    await clock.advance(100);
    last().comeUp();
    last().answer = silence;
    const third = outcome(connection.send('k', ['GET', 'k']));
    await clock.advance(1_000);
    await expect(third).resolves.toBe('deadline-exceeded');
    expect(clients[1]?.disconnects).toBe(0);
    last().answer = () => Promise.resolve('OK');
    await expect(connection.send('k', ['GET', 'k'])).resolves.toBe('OK');
  });

  it.each([
    ['an answer', () => Promise.resolve('OK')],
    ['a refusal', () => Promise.reject(new Error('OOM'))],
  ])('are counted anew after %s', async (_what, answer) => {
    const connection = connect();
    last().comeUp();
    for (let i = 0; i < 3; i += 1) {
      last().answer = silence;
      const lost = outcome(connection.send('k', ['GET', 'k']));
      await clock.advance(1_000);
      await lost;
      last().answer = answer;
      await outcome(connection.send('k', ['GET', 'k']));
    }
    expect(clients).toHaveLength(1);
  });

  it('are not sent when nobody waits for them any more', async () => {
    const connection = connect();
    const late = outcome(connection.send('k', ['SET', 'k', 'ghost']));
    await clock.advance(1_000);
    await expect(late).resolves.toBe('deadline-exceeded');
    last().comeUp();
    await clock.advance(0);
    expect(last().commands).toEqual([]);
  });

  it('that a replica refuses cost the connection: its name may lead elsewhere by now', async () => {
    const connection = connect();
    last().comeUp();
    last().answer = () => Promise.reject(new Error('READONLY You can’t write'));
    await expect(connection.send('k', ['SET'])).rejects.toThrow('READONLY');
    await clock.advance(100);
    expect(clients).toHaveLength(2);
  });

  it('of a connection that is gone do not harm the next one', async () => {
    const connection = connect();
    last().comeUp();
    last().answer = silence;
    const lost = [1, 2, 3].map(() => outcome(connection.send('k', ['GET', 'k'])));
    await clock.advance(500);
    last().emit('error', new Error('lost'));
    await clock.advance(100);
    last().comeUp();
    await clock.advance(400);
    await expect(Promise.all(lost)).resolves.toEqual(Array(3).fill('deadline-exceeded'));
    last().answer = silence;
    const once = outcome(connection.send('k', ['GET', 'k']));
    await clock.advance(1_000);
    await expect(once).resolves.toBe('deadline-exceeded');
    expect(clients[1]?.disconnects).toBe(0);
    connection.close();
    await clock.advance(0);
    expect(clients[1]?.disconnects).toBe(1);
  });
});

describe('a subscription', () => {
  it('hints each time that it stands, and at each message', async () => {
    const hints: string[] = [];
    const unsubscribe = new RedisSubscriber(parts()).subscribe('c', () => hints.push('hint'));
    last().comeUp();
    await clock.advance(0);
    expect(last().channels).toEqual(['c']);
    expect(hints).toHaveLength(1);
    last().hint('7');
    expect(hints).toHaveLength(2);
    last().emit('error', new Error('lost'));
    await clock.advance(100);
    last().comeUp();
    await clock.advance(0);
    expect(hints).toHaveLength(3);
    unsubscribe();
    unsubscribe();
    last().hint('8');
    expect(hints).toHaveLength(3);
  });

  it('is begun again on another connection when the server refuses it', async () => {
    const hints: string[] = [];
    new RedisSubscriber(parts()).subscribe('c', () => hints.push('hint'));
    last().subscribed = () => Promise.reject(new Error('NOPERM'));
    last().comeUp();
    await clock.advance(100);
    expect(clients).toHaveLength(2);
    expect(hints).toEqual([]);
  });
});
