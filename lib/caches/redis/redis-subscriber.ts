/**
 * Push over a connection of its own, since one that listens can do nothing else. Each new
 * connection subscribes and then hints, for what was said while there was none.
 */
import type { Unsubscribe } from '../../core/definitions/definition-source.js';
import type { OwnedRedisClient } from './owned-redis-client.js';
import { RedisLink, type RedisLinkParts } from './redis-link.js';
import type { RedisPush } from './redis-push.js';

export class RedisSubscriber implements RedisPush {
  private readonly links = new Set<RedisLink>();

  constructor(private readonly parts: Omit<RedisLinkParts, 'onReady'>) {}

  subscribe(channel: string, onHint: () => void): Unsubscribe {
    let isOver = false;
    const hint = (): void => {
      if (isOver) return;
      try {
        onHint();
      } catch {
        // A listener that throws would take the connection, and with it the process, down.
      }
    };
    const listen = (client: OwnedRedisClient): void => {
      client.subscribe(channel, hint).then(hint, (error: unknown) => link.renew(client, error));
    };
    const link = new RedisLink({ ...this.parts, onReady: listen });
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
}
