/**
 * One connection to Redis, kept up: connects, bounds the handshake, and after a loss connects
 * again after a growing, jittered delay, for ever, until it is closed. Each attempt has a client
 * of its own. The client's own way of reconnecting is not used: it cannot be told apart from a
 * server that accepts connections and then says nothing, and two of its loops can overlap when
 * it is disconnected while it connects.
 */
import type { CancelTimer, Clock } from '../../core/time/clock.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { OwnedRedisClient } from './owned-redis-client.js';
import { redisFault } from './redis-fault.js';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_500;
/** A connection that lived so long was a good one: the next loss starts with the first delay. */
const GOOD_LIFE_MS = 10_000;

export interface RedisLinkParts {
  readonly create: () => OwnedRedisClient;
  /** Where it leads, for errors; never a secret. */
  readonly description: string;
  readonly clock: Clock;
  /** Bounds the time from the first packet until the server has answered the handshake. */
  readonly connectTimeoutMs: number;
  readonly random?: () => number;
  /** Called on each new connection, when it can take commands. */
  readonly onReady?: (client: OwnedRedisClient) => void;
}

/** One client and its one connection. */
class Attempt {
  private isUp = false;
  private isDropped = false;

  constructor(readonly client: OwnedRedisClient) {
    client.on('connect', () => {
      this.isUp = true;
      if (this.isDropped) this.disconnect();
    });
  }

  /** While TCP still connects there is nothing yet to disconnect, and the client would forget. */
  drop(): void {
    if (this.isDropped) return;
    this.isDropped = true;
    if (this.isUp) this.disconnect();
  }

  private disconnect(): void {
    // Complains, at once or later, when the client has closed itself.
    void Promise.resolve()
      .then(() => this.client.disconnect())
      .catch(() => undefined);
  }
}

type LinkState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly attempt: Attempt; readonly cancel: CancelTimer }
  | { readonly kind: 'ready'; readonly attempt: Attempt; readonly sinceMs: number }
  | { readonly kind: 'waiting'; readonly cancel: CancelTimer }
  | { readonly kind: 'closed' };

export class RedisLink {
  private state: LinkState = { kind: 'idle' };
  private lossesInARow = 0;
  private lastLoss: FlagsError | undefined;
  private waiters: (() => void)[] = [];

  constructor(private readonly parts: RedisLinkParts) {}

  /** Begins to connect. Calling it again does nothing. */
  open(): void {
    if (this.state.kind === 'idle') this.connect();
  }

  /** The client of the live connection. */
  get client(): OwnedRedisClient | undefined {
    return this.state.kind === 'ready' ? this.state.attempt.client : undefined;
  }

  /**
   * The client of the live connection. Waits for the first connection that was ever attempted to
   * come up or to fail, and for no other: nothing queues up while the server is away.
   * @throws FlagsError `cache-unavailable` or `closed`, at once, with the reason of the last loss.
   */
  async ready(): Promise<OwnedRedisClient> {
    if (this.state.kind === 'connecting' && this.lastLoss === undefined) {
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
    const { client } = this;
    if (client !== undefined) return client;
    throw this.state.kind === 'closed' ? closed(this.parts.description) : this.notConnected();
  }

  /** Gives the live connection up and makes another. Does nothing when there is none. */
  renew(client: OwnedRedisClient, reason: unknown): void {
    if (this.state.kind === 'ready' && this.state.attempt.client === client) {
      this.lose(this.state.attempt, reason);
    }
  }

  /** Drops the connection; nothing is sent any more. */
  close(): void {
    const before = this.state;
    this.state = { kind: 'closed' };
    if ('cancel' in before) before.cancel();
    if ('attempt' in before) before.attempt.drop();
    this.wake();
  }

  private connect(): void {
    const { clock, connectTimeoutMs, create } = this.parts;
    const attempt = new Attempt(create());
    const cancel = clock.setTimer(connectTimeoutMs, () => this.lose(attempt, this.silence()));
    this.state = { kind: 'connecting', attempt, cancel };
    attempt.client.on('error', (error) => this.lose(attempt, error));
    attempt.client.on('end', () => this.lose(attempt, undefined));
    attempt.client.on('ready', () => this.arrive(attempt));
    attempt.client.connect().catch((error: unknown) => this.lose(attempt, error));
  }

  private arrive(attempt: Attempt): void {
    const { state } = this;
    if (state.kind !== 'connecting' || state.attempt !== attempt) return;
    state.cancel();
    this.state = { kind: 'ready', attempt, sinceMs: this.parts.clock.monotonicMs() };
    this.wake();
    this.parts.onReady?.(attempt.client);
  }

  /** The first sign of trouble ends the attempt; what else it says is not heard. */
  private lose(attempt: Attempt, reason: unknown): void {
    const { state } = this;
    if (!('attempt' in state) || state.attempt !== attempt) return;
    if (state.kind === 'connecting') state.cancel();
    const lifeMs = state.kind === 'ready' ? this.parts.clock.monotonicMs() - state.sinceMs : 0;
    this.lossesInARow = lifeMs >= GOOD_LIFE_MS ? 0 : this.lossesInARow + 1;
    this.lastLoss = redisFault(reason, 'be reached', this.parts.description);
    attempt.drop();
    const cancel = this.parts.clock.setTimer(this.delayMs(), () => this.connect());
    this.state = { kind: 'waiting', cancel };
    this.wake();
  }

  private delayMs(): number {
    const random = this.parts.random ?? Math.random;
    const ceilingMs = FIRST_DELAY_MS * 2 ** Math.min(this.lossesInARow, 10);
    return Math.min(LONGEST_DELAY_MS, ceilingMs) * (0.5 + random() / 2);
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  private silence(): FlagsError {
    return new FlagsError(
      `Redis at ${this.parts.description} did not answer the handshake within ${this.parts.connectTimeoutMs} ms.`,
      { code: 'cache-unavailable' },
    );
  }

  private notConnected(): FlagsError {
    const { description } = this.parts;
    const why = this.lastLoss === undefined ? 'It was not opened yet.' : this.lastLoss.message;
    return new FlagsError(`There is no connection to Redis at ${description}. ${why}`, {
      code: 'cache-unavailable',
    });
  }
}

function closed(description: string): FlagsError {
  return new FlagsError(`The connection to Redis at ${description} was closed.`, {
    code: 'closed',
  });
}
