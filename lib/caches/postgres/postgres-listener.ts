/**
 * Push by LISTEN and NOTIFY, over a connection of its own. Each new connection listens and then
 * hints, for what was said while there was none. What a message says is not looked at.
 *
 * Behind a pooler that lends out connections for one transaction only, LISTEN is answered and
 * nothing is ever heard. So each new connection is tested: a message to oneself, sent over another
 * connection, must arrive. Where it does not, this is told, the connection is given back, and after
 * a long while it is tried again, for it may have been the server that was slow. That it goes on
 * is not told again; that it is over is.
 */
import type { PushTrouble } from '../../core/cache/record-store.js';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import type { Clock } from '../../core/time/clock.js';
import { sqlStateOf, TAKES_NO_WRITES } from './postgres-fault.js';
import { PostgresLink, type ListeningClient, type PostgresLinkParts } from './postgres-link.js';
import type { PostgresPush } from './postgres-push.js';

export interface PostgresListenerParts extends Omit<
  PostgresLinkParts,
  'onConnected' | 'onMessage'
> {
  readonly clock: Clock;
  /** Sends a message over another connection than the one that listens. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
  /** Where it leads, for who is told of trouble; never a secret. */
  readonly description: string;
}

/** How messages to oneself begin; the others listen on the same channel. */
const TEST = 'test ';
const TEST_MS = 3_000;
const DEAF_MS = 10 * 60_000;

const behindPooler =
  'is answered, and nothing is heard. Probably a pooler in transaction mode is between: give a pool or URL that leads past it, or set push to false (in a URL ?push=false).';
const onStandby =
  'is refused, for it is a standby. It is tried again every few seconds: where it is to stay one, set push to false (in a URL ?push=false).';

export class PostgresListener implements PostgresPush {
  private readonly links = new Set<PostgresLink>();
  private tests = 0;

  /** @param id tells this process apart from the others that test themselves. */
  constructor(
    private readonly parts: PostgresListenerParts,
    private readonly id: string,
  ) {}

  subscribe(
    channel: string,
    onHint: () => void,
    onTrouble: (trouble: PushTrouble) => void = () => undefined,
  ): Unsubscribe {
    let isOver = false;
    let isDeaf = false;
    let heard = (_payload: string): void => undefined;
    const hint = (): void => {
      if (!isOver) callQuietly(onHint);
    };
    const tell = (trouble: PushTrouble): void => {
      if (isOver || isDeaf === (trouble.kind === 'failed')) return;
      isDeaf = !isDeaf;
      callQuietly(() => onTrouble(trouble));
    };
    const link = new PostgresLink({
      ...this.parts,
      onConnected: async (client: ListeningClient) => {
        await client.query(`LISTEN "${channel}"`).catch((error: unknown) => {
          if (sqlStateOf(error) === TAKES_NO_WRITES) tell(this.failed(onStandby));
          throw error;
        });
        hint();
        heard = this.test(channel, (hears) => {
          if (hears) tell({ kind: 'recovered' });
          // One that is gone already proves nothing.
          else if (link.pause(client, DEAF_MS)) tell(this.failed(behindPooler));
        });
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
   * @param conclude whether the message has arrived; not called when it could not be sent, which
   * proves nothing.
   * @returns what is to be told of each message.
   */
  private test(channel: string, conclude: (hears: boolean) => void): (payload: string) => void {
    const sent = `${TEST}${this.id} ${(this.tests += 1)}`;
    let isOver = false;
    const end = (hears: boolean): void => {
      if (isOver) return;
      isOver = true;
      conclude(hears);
    };
    const wait = (): void => void this.parts.clock.setTimer(TEST_MS, () => end(false));
    this.parts.notify(channel, sent).then(wait, () => undefined);
    return (payload) => {
      if (payload === sent) end(true);
    };
  }

  private failed(why: string): PushTrouble {
    return { kind: 'failed', message: `LISTEN at ${this.parts.description} ${why}` };
  }
}

/** A listener that throws would take the connection, and with it the process, down. */
function callQuietly(listener: () => void): void {
  try {
    listener();
  } catch {
    // Hints are nice to have; the periodic check is the truth.
  }
}
