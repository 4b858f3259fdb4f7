/**
 * Push by LISTEN and NOTIFY, over a connection of its own. Each new connection listens and then
 * hints, for what was said while there was none. What a message says is not looked at.
 *
 * Behind a pooler that lends out connections for one transaction only, LISTEN is answered and
 * nothing is ever heard. So each new connection is tested: a message to oneself, sent over another
 * connection, must arrive. Where it does not, this is told once, the connection is given back, and
 * after a long while it is tried again, for it may have been the server that was slow.
 */
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import type { Clock } from '../../core/time/clock.js';
import { PostgresLink, type ListeningClient, type PostgresLinkParts } from './postgres-link.js';
import type { PostgresPush } from './postgres-push.js';

export interface PostgresListenerParts extends Omit<
  PostgresLinkParts,
  'onConnected' | 'onMessage'
> {
  readonly clock: Clock;
  /** Sends a message over another connection than the one that listens. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
  /** Called once, when nothing is heard. */
  readonly onDeaf: () => void;
}

/** How messages to oneself begin; the others listen on the same channel. */
const TEST = 'test ';
const TEST_MS = 3_000;
const DEAF_MS = 10 * 60_000;

export class PostgresListener implements PostgresPush {
  private readonly links = new Set<PostgresLink>();
  private hasSaidSo = false;
  private tests = 0;

  /** @param id tells this process apart from the others that test themselves. */
  constructor(
    private readonly parts: PostgresListenerParts,
    private readonly id: string,
  ) {}

  subscribe(channel: string, onHint: () => void): Unsubscribe {
    let isOver = false;
    let heard = (_payload: string): void => undefined;
    const hint = (): void => {
      if (isOver) return;
      try {
        onHint();
      } catch {
        // A listener that throws would take the connection, and with it the process, down.
      }
    };
    const link = new PostgresLink({
      ...this.parts,
      onConnected: async (client: ListeningClient) => {
        await client.query(`LISTEN "${channel}"`);
        hint();
        heard = this.test(channel, () => link.pause(client, DEAF_MS));
      },
      onMessage: (payload) => {
        heard(payload);
        if (!payload.startsWith(TEST)) hint();
      },
    });
    this.links.add(link);
    link.open();
    return () => {
      isOver = true;
      link.close();
      this.links.delete(link);
    };
  }

  /** Ends every subscription. */
  close(): void {
    for (const link of this.links) link.close();
    this.links.clear();
  }

  /**
   * @param giveUp the connection; false when it is gone already, which proves nothing.
   * @returns what is to be told of each message.
   */
  private test(channel: string, giveUp: () => boolean): (payload: string) => void {
    const sent = `${TEST}${this.id} ${(this.tests += 1)}`;
    let isOver = false;
    const conclude = (): void => {
      if (isOver || !giveUp() || this.hasSaidSo) return;
      this.hasSaidSo = true;
      this.parts.onDeaf();
    };
    const wait = (): void => void this.parts.clock.setTimer(TEST_MS, conclude);
    // What could not be sent proves nothing.
    this.parts.notify(channel, sent).then(wait, () => (isOver = true));
    return (payload) => {
      isOver ||= payload === sent;
    };
  }
}
