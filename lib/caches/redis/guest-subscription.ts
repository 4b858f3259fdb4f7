/**
 * Push over the given client itself, where it cannot be duplicated but listens on a connection of
 * its own and moves it after a failover: the Sentinel client of node-redis. We are a guest there:
 * what was subscribed is unsubscribed, and nothing is closed.
 */
import type { CancelTimer, Clock } from '../../core/time/clock.js';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import type { RedisPush } from './redis-push.js';

export interface ListeningClient {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

const RETRY_MS = 1_500;

export class GuestSubscription implements RedisPush {
  private readonly ends = new Set<Unsubscribe>();

  constructor(
    private readonly client: ListeningClient,
    private readonly clock: Clock,
  ) {}

  subscribe(channel: string, onHint: () => void): Unsubscribe {
    let isOver = false;
    let cancel: CancelTimer = () => undefined;
    const hint = (): void => {
      if (!isOver) callQuietly(onHint);
    };
    const forget = (): void => {
      void Promise.resolve()
        .then(() => this.client.unsubscribe(channel, hint))
        .catch(() => undefined);
    };
    const listen = (): void => {
      Promise.resolve()
        .then(() => this.client.subscribe(channel, hint))
        .then(
          () => (isOver ? forget() : hint()),
          () => {
            if (!isOver) cancel = this.clock.setTimer(RETRY_MS, listen);
          },
        );
    };
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      forget();
      this.ends.delete(end);
    };
    this.ends.add(end);
    listen();
    return end;
  }

  /** Ends every subscription. */
  close(): void {
    for (const end of this.ends) end();
  }
}

/** A listener that throws would take the connection, and with it the process, down. */
function callQuietly(onHint: () => void): void {
  try {
    onHint();
  } catch {
    // The periodic check is the truth.
  }
}
