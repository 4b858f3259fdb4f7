/**
 * Commands over a connection of our own. The client underneath has no timeout that works once a
 * command was sent, so each command has a deadline here. A deadline does not call the command
 * off: it may still run later, which is why every write of this package is conditional. After
 * two deadlines in a row the connection is taken for dead and replaced; a frozen server then
 * costs a deadline at most, and is found again by itself.
 */
import { withDeadline } from '../../core/time/deadline.js';
import { isFlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import type { OwnedRedisClient } from './owned-redis-client.js';
import type { RedisCommands } from './redis-commands.js';
import { RedisLink, type RedisLinkParts } from './redis-link.js';

const DEADLINES_OF_A_DEAD_CONNECTION = 2;

export interface RedisConnectionParts extends Omit<RedisLinkParts, 'onReady'> {
  /** How long a command may take. */
  readonly commandTimeoutMs: number;
}

export class RedisConnection implements RedisCommands {
  private readonly link: RedisLink;
  private readonly clock: Clock;
  private deadlinesInARow = 0;

  constructor(private readonly parts: RedisConnectionParts) {
    this.clock = parts.clock;
    this.link = new RedisLink({ ...parts, onReady: () => (this.deadlinesInARow = 0) });
  }

  /** Begins to connect; resolves never late, for it does not wait. */
  open(): void {
    this.link.open();
  }

  close(): void {
    this.link.close();
  }

  /**
   * @throws FlagsError `deadline-exceeded`; `cache-unavailable` at once when there is no
   * connection; what the server refuses, as the client gives it.
   */
  async send(_key: string, command: readonly string[]): Promise<unknown> {
    const { commandTimeoutMs: ms, description } = this.parts;
    let client: OwnedRedisClient | undefined;
    let isOver = false;
    const what = `Redis at ${description}`;
    try {
      const reply = await withDeadline({ clock: this.clock, ms, what }, async () => {
        client = await this.link.ready();
        // Too late already: a command that nobody waits for must not be sent.
        return isOver ? undefined : client.sendCommand([...command]);
      });
      this.deadlinesInARow = 0;
      return reply;
    } catch (error) {
      if (client !== undefined) this.look(client, error);
      throw error;
    } finally {
      isOver = true;
    }
  }

  /** What a failure says about the connection. */
  private look(client: OwnedRedisClient, error: unknown): void {
    if (client !== this.link.client) return;
    if (isFlagsError(error) && error.code === 'deadline-exceeded') {
      this.deadlinesInARow += 1;
      if (this.deadlinesInARow < DEADLINES_OF_A_DEAD_CONNECTION) return;
      return this.link.renew(client, error);
    }
    this.deadlinesInARow = 0;
    // A primary that was demoted: its name may lead to another server by now.
    if (error instanceof Error && error.message.startsWith('READONLY')) {
      this.link.renew(client, error);
    }
  }
}
