/**
 * The port to a push connection: one that only listens. What it says is a hint, never the truth:
 * messages can be lost, doubled or late, and the connection can be dead without showing it.
 */
import type { PushTrouble } from '../../core/cache/record-store.js';
import type { Unsubscribe } from '../../core/definitions/definition-source.js';

export interface PostgresPush {
  /**
   * Calls back for every message on the channel, and each time that the subscription begins
   * (again), for what was said meanwhile. Never throws: while there is no connection there are
   * no hints.
   * @param onTrouble told when a connection stands and nothing is heard, and when that is over.
   */
  subscribe(
    channel: string,
    onHint: () => void,
    onTrouble?: (trouble: PushTrouble) => void,
  ): Unsubscribe;
}
