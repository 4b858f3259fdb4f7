/**
 * One connection that listens, kept up: connects, bounds that, and after a loss connects again
 * after a growing, jittered delay, for ever, until it is closed. Each attempt has a client of its
 * own, which does not hold the process up.
 */
import type { CancelTimer, Clock } from '../../core/time/clock.js';
import { hasMethod, propertyOf } from '../../core/given/given-value.js';

/** What is used of a `Client` of `pg`. It is used for one connection and then thrown away. */
export interface ListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<unknown>;
  on(event: string, listener: (value?: unknown) => void): unknown;
}

export interface PostgresLinkParts {
  readonly create: () => ListeningClient;
  readonly clock: Clock;
  /** Bounds the time until the connection listens. */
  readonly connectTimeoutMs: number;
  readonly random?: () => number;
  /** Sets the connection up; when it rejects, the connection is given up. */
  readonly onConnected: (client: ListeningClient) => Promise<void>;
  readonly onMessage: (payload: string) => void;
}

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** A connection that lived so long was a good one: the next loss starts with the first delay. */
const GOOD_LIFE_MS = 10_000;

type LinkState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly client: ListeningClient; readonly cancel: CancelTimer }
  | { readonly kind: 'ready'; readonly client: ListeningClient; readonly sinceMs: number }
  | { readonly kind: 'waiting'; readonly cancel: CancelTimer }
  | { readonly kind: 'closed' };

export class PostgresLink {
  private state: LinkState = { kind: 'idle' };
  private lossesInARow = 0;

  constructor(private readonly parts: PostgresLinkParts) {}

  /** Begins to connect. Calling it again does nothing. */
  open(): void {
    if (this.state.kind === 'idle') this.connect();
  }

  /** Drops the connection. Nothing is heard any more. */
  close(): void {
    const before = this.state;
    this.state = { kind: 'closed' };
    if ('cancel' in before) before.cancel();
    if ('client' in before) drop(before.client, before.kind === 'ready');
  }

  /** Drops this connection and makes another after so long. @returns false when it is gone. */
  pause(client: ListeningClient, delayMs: number): boolean {
    const { state } = this;
    if (state.kind !== 'ready' || state.client !== client) return false;
    drop(client, true);
    this.wait(delayMs);
    return true;
  }

  private connect(): void {
    const { clock, connectTimeoutMs, create } = this.parts;
    let client: ListeningClient;
    try {
      client = create();
    } catch {
      return this.wait(LONGEST_DELAY_MS);
    }
    const lose = (): void => this.lose(client);
    const cancel = clock.setTimer(connectTimeoutMs, lose);
    this.state = { kind: 'connecting', client, cancel };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', (message) => this.hear(client, propertyOf(message, 'payload')));
    this.begin(client).then(() => this.arrive(client), lose);
  }

  private async begin(client: ListeningClient): Promise<void> {
    unref(client);
    await client.connect();
    // Over TLS it has another socket by now.
    unref(client);
    await this.parts.onConnected(client);
  }

  private arrive(client: ListeningClient): void {
    const { state } = this;
    if (state.kind !== 'connecting' || state.client !== client) return;
    state.cancel();
    this.state = { kind: 'ready', client, sinceMs: this.parts.clock.monotonicMs() };
  }

  private hear(client: ListeningClient, payload: unknown): void {
    const isOurs = 'client' in this.state && this.state.client === client;
    if (isOurs) this.parts.onMessage(typeof payload === 'string' ? payload : '');
  }

  /** The first sign of trouble ends the connection; what else it says is not heard. */
  private lose(client: ListeningClient): void {
    const { state } = this;
    if (!('client' in state) || state.client !== client) return;
    if (state.kind === 'connecting') state.cancel();
    const lifeMs = state.kind === 'ready' ? this.parts.clock.monotonicMs() - state.sinceMs : 0;
    this.lossesInARow = lifeMs >= GOOD_LIFE_MS ? 0 : this.lossesInARow + 1;
    drop(client, false);
    const random = this.parts.random ?? Math.random;
    const ceilingMs = FIRST_DELAY_MS * 2 ** Math.min(this.lossesInARow, 10);
    this.wait(Math.min(LONGEST_DELAY_MS, ceilingMs) * (0.5 + random() / 2));
  }

  private wait(delayMs: number): void {
    const cancel = this.parts.clock.setTimer(delayMs, () => this.connect());
    this.state = { kind: 'waiting', cancel };
  }
}

/** @param isSound whether the server can be told that we leave; else nobody would answer. */
function drop(client: ListeningClient, isSound: boolean): void {
  void Promise.resolve()
    .then(() => client.end())
    .catch(() => undefined);
  const socket = socketOf(client);
  if (!isSound && hasMethod(socket, 'destroy')) (socket as { destroy(): void }).destroy();
}

function unref(client: ListeningClient): void {
  const socket = socketOf(client);
  if (hasMethod(socket, 'unref')) (socket as { unref(): void }).unref();
}

function socketOf(client: ListeningClient): unknown {
  return propertyOf(propertyOf(client, 'connection'), 'stream');
}
