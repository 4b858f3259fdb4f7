/** The connection that listens, with time and the client in the hand of the test. */
import { setImmediate as settled } from 'node:timers/promises';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { PostgresListener } from '../../lib/caches/postgres/postgres-listener.js';
import { ManualClock } from '../../lib/testing.js';

class ListeningInHand extends EventEmitter {
  isEnded = false;
  readonly connect = async (): Promise<void> => undefined;
  readonly query = async (): Promise<void> => undefined;
  readonly end = async (): Promise<void> => void (this.isEnded = true);
}

function listening(notify: (channel: string, payload: string) => Promise<unknown>) {
  const clock = new ManualClock();
  const clients: ListeningInHand[] = [];
  const create = (): ListeningInHand => {
    clients.push(new ListeningInHand());
    return clients.at(-1)!;
  };
  const told = { deaf: 0, recovered: 0, hints: 0, messages: [] as string[] };
  const description = 'postgres://db:5432/app';
  const parts = { create, clock, connectTimeoutMs: 2_000, notify, description, random: () => 1 };
  const listener = new PostgresListener(parts, 'me');
  const unsubscribe = listener.subscribe(
    'channel',
    () => (told.hints += 1),
    (trouble) => {
      if (trouble.kind === 'failed') told.messages.push(trouble.message);
      told[trouble.kind === 'failed' ? 'deaf' : 'recovered'] += 1;
      throw new Error('of who was told');
    },
  );
  return { clock, clients, told, listener, unsubscribe };
}

describe('a connection that listens', () => {
  it('F34: is tested with a message to itself, which is no hint', async () => {
    const sent: string[] = [];
    const { clock, clients, told } = listening(async (_channel, payload) => sent.push(payload));
    await settled();
    clients[0]!.emit('notification', { payload: 'test other 1' });
    clients[0]!.emit('notification', { payload: sent[0] });
    await clock.advance(60_000);
    expect(told).toMatchObject({ deaf: 0, recovered: 0, hints: 1 });
    expect(clients).toHaveLength(1);
    clients[0]!.emit('notification', { payload: '7' });
    expect(told.hints).toBe(2);
  });

  it('F34: that hears nothing is given back and told of once, and tried again after ten minutes', async () => {
    const { clock, clients, told } = listening(async () => undefined);
    await settled();
    await clock.advance(3_000);
    await settled();
    expect([told.deaf, clients[0]!.isEnded]).toEqual([1, true]);
    expect(told.messages[0]).toMatch(/^LISTEN at postgres:\/\/db:5432\/app .* pooler .*\.$/);
    await clock.advance(9 * 60_000);
    expect(clients).toHaveLength(1);
    await clock.advance(60_000);
    await settled();
    expect(clients).toHaveLength(2);
    await clock.advance(3_000);
    expect([told.deaf, told.recovered]).toEqual([1, 0]);
  });

  it('F34: that hears again is told of, and when it is deaf once more, that is, too', async () => {
    const sent: string[] = [];
    const { clock, clients, told } = listening(async (_channel, payload) => sent.push(payload));
    const nextTest = async (): Promise<void> => {
      await clock.advance(10 * 60_000);
      await settled();
    };
    await settled();
    await clock.advance(3_000);
    await nextTest();
    clients[1]!.emit('notification', { payload: sent[1] });
    await clock.advance(3_000);
    expect([told.deaf, told.recovered, clients.length]).toEqual([1, 1, 2]);

    clients[1]!.emit('end');
    await clock.advance(100);
    await settled();
    await clock.advance(3_000);
    expect([told.deaf, told.recovered, clients.length]).toEqual([2, 1, 3]);
  });

  it('tells nobody who has unsubscribed', async () => {
    const { clock, told, unsubscribe } = listening(async () => undefined);
    await settled();
    unsubscribe();
    await clock.advance(3_600_000);
    expect([told.deaf, told.hints]).toEqual([0, 1]);
  });

  it('is not taken for deaf when the message could not be sent, or it was lost meanwhile', async () => {
    const unsent = listening(() => Promise.reject(new Error('no connection')));
    await settled();
    await unsent.clock.advance(60_000);
    expect(unsent.told.deaf).toBe(0);

    const lost = listening(async () => undefined);
    await settled();
    await lost.clock.advance(2_950);
    lost.clients[0]!.emit('error', new Error('of the connection'));
    await lost.clock.advance(60);
    await settled();
    expect([lost.told.deaf, lost.clients.length]).toEqual([0, 1]);
    await lost.clock.advance(100);
    await settled();
    expect([lost.told.deaf, lost.told.hints, lost.clients.length]).toEqual([0, 2, 2]);
  });

  it('makes no other after it was closed', async () => {
    const { clock, clients, listener } = listening(async () => undefined);
    await settled();
    listener.close();
    clients[0]!.emit('end');
    await clock.advance(3_600_000);
    await settled();
    expect([clients.length, clients[0]!.isEnded]).toEqual([1, true]);
  });
});
