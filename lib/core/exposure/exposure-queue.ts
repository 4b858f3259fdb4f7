/**
 * Gathers exposures into batches: one is sent when it is full, or when its oldest exposure has
 * waited long enough; one at a time. There is room for so many and no more: what comes when it is
 * full is dropped and counted. What waits at the end of the app is sent within a deadline.
 */
import type { Clock, CancelTimer } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';
import type { Exposure } from './exposure.js';
import type { ExposureCounts, ExposureOutlet, ExposureSink } from './exposure-sink.js';
import type { ExposureTally } from './exposure-tally.js';

export interface ExposureQueueParts {
  readonly sink: ExposureSink;
  readonly clock: Clock;
  readonly tally: ExposureTally;
  readonly batchSize: number;
  readonly batchDelayMs: number;
  /** Runs work on behalf of no request: a batch holds exposures of many. */
  readonly outside: <T>(work: () => T) => T;
}

/** A net for sinks that have no deadline of their own. */
const LONGEST_SEND_MS = 30_000;

export class ExposureQueue implements ExposureOutlet {
  private waiting: Exposure[] = [];
  private sending: Promise<void> | undefined;
  private cancelTimer: CancelTimer | undefined;
  private isDue = false;
  private isClosed = false;
  private readonly closing = new AbortController();

  constructor(private readonly parts: ExposureQueueParts) {}

  get counts(): ExposureCounts {
    return this.parts.tally.counts;
  }

  take(exposure: Exposure): boolean {
    if (this.isClosed || !this.parts.tally.admits()) return false;
    this.waiting.push(exposure);
    if (this.waiting.length >= this.parts.batchSize) this.start();
    this.arm();
    return true;
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.disarm();
    const { clock, tally } = this.parts;
    const deadline = { clock, ms: timeoutMs, what: 'Sending the last exposures', keepsAlive: true };
    if (timeoutMs > 0) await withDeadline(deadline, () => this.drain()).catch(() => undefined);
    this.closing.abort();
    this.waiting = [];
    tally.cutOff();
  }

  private async drain(): Promise<void> {
    this.start();
    await this.sending;
  }

  private start(): void {
    if (this.sending !== undefined || this.waiting.length === 0) return;
    this.sending = this.parts.outside(() => this.sendAll());
  }

  /** Whoever waits longest waits so long, also while another batch is under way. */
  private arm(): void {
    const { clock, batchDelayMs, outside } = this.parts;
    const isNeeded = this.waiting.length > 0 && !this.isDue && !this.isClosed;
    if (!isNeeded || this.cancelTimer !== undefined) return;
    const becomeDue = (): void => {
      this.disarm();
      this.isDue = true;
      this.start();
    };
    this.cancelTimer = outside(() => clock.setTimer(batchDelayMs, becomeDue));
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private async sendAll(): Promise<void> {
    const { batchSize } = this.parts;
    while (this.waiting.length >= batchSize || this.isDue || (this.isClosed && this.hasAny)) {
      const batch = this.waiting.splice(0, batchSize);
      if (!this.hasAny) {
        this.isDue = false;
        this.disarm();
      }
      await this.send(batch);
      if (this.closing.signal.aborted) return;
    }
    this.sending = undefined;
    this.arm();
  }

  private get hasAny(): boolean {
    return this.waiting.length > 0;
  }

  private async send(batch: readonly Exposure[]): Promise<void> {
    const { sink, clock, tally } = this.parts;
    const { signal } = this.closing;
    const over = new AbortController();
    const what = `The exposure sink (${sink.description})`;
    try {
      const deadline = { clock, ms: LONGEST_SEND_MS, signal, what };
      // The app may have ended between the two: then not even this one is sent.
      const send = () => (signal.aborted ? undefined : sink.send(batch, over.signal));
      await withDeadline(deadline, send);
      if (!signal.aborted) tally.sentWell(batch.length);
    } catch (error) {
      // What the end of the app has cut off is told there.
      if (!signal.aborted) tally.failed(batch.length, error);
    } finally {
      over.abort();
    }
  }
}
