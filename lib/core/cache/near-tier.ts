/**
 * A store that is nice to have: asked for little time, and left alone for a while after it has
 * failed. What it cannot answer in time it has not; nobody waits for it, and nobody hears of it.
 */
import { withDeadline } from '../time/deadline.js';
import type { Clock } from '../time/clock.js';
import type { NewRecord, RecordBody, RecordHead } from './definition-record.js';
import type { RecordStore } from './record-store.js';

export interface NearTierParts {
  readonly store: RecordStore;
  readonly clock: Clock;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

/** So long it is not asked after it has failed: it would cost every read its timeout. */
const REST_MS = 30_000;

export class NearTier {
  private restsUntilMs = Number.NEGATIVE_INFINITY;
  /** Writes, one after the other; never rejects. */
  private writes: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: NearTierParts) {}

  readHead(): Promise<RecordHead | undefined> {
    return this.ask((store) => store.readHead());
  }

  readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    return this.ask((store) => store.readBody(revision));
  }

  /** Lays a record down; nobody waits for it. */
  keep(record: NewRecord, revision: number): void {
    this.write((store) => store.publish(record, revision));
  }

  /** The source has confirmed this revision just now. */
  confirm(revision: number): void {
    this.write((store) => store.confirm(revision));
  }

  async close(): Promise<void> {
    await this.writes;
    // Also one that rests: what it holds open has to be given back.
    this.restsUntilMs = Number.NEGATIVE_INFINITY;
    await this.ask((store) => store.close());
  }

  private write(call: (store: RecordStore) => Promise<unknown>): void {
    this.writes = this.writes.then(() => this.ask(call));
  }

  private async ask<T>(call: (store: RecordStore) => Promise<T>): Promise<T | undefined> {
    const { store, clock, timeoutMs: ms } = this.parts;
    if (clock.monotonicMs() < this.restsUntilMs) return undefined;
    try {
      return await withDeadline({ clock, ms, what: store.description }, () => call(store));
    } catch {
      this.restsUntilMs = clock.monotonicMs() + REST_MS;
      return undefined;
    }
  }
}
