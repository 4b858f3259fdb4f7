/**
 * Gives each exposure to a sink that has a queue of its own, at once: so it is known there before
 * the app begins to end, and what the sink knows of the request that goes on belongs to it.
 */
import { hasMethod } from '../given/given-value.js';
import type { Clock } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';
import type { Exposure } from './exposure.js';
import type { ExposureCounts, ExposureOutlet, ExposureSink } from './exposure-sink.js';
import type { ExposureTally } from './exposure-tally.js';

export interface ExposureHandoverParts {
  readonly sink: ExposureSink;
  readonly clock: Clock;
  readonly tally: ExposureTally;
}

/** A net for sinks that have no deadline of their own. */
const LONGEST_SEND_MS = 30_000;

export class ExposureHandover implements ExposureOutlet {
  private readonly closing = new AbortController();
  private readonly unsettled = new Set<Promise<void>>();

  constructor(private readonly parts: ExposureHandoverParts) {}

  get counts(): ExposureCounts {
    return this.parts.tally.counts;
  }

  take(exposure: Exposure): boolean {
    const { sink, tally } = this.parts;
    if (this.closing.signal.aborted || !tally.admits()) return false;
    try {
      const taken = sink.send([exposure], this.closing.signal);
      if (hasMethod(taken, 'then')) this.await(taken);
      else tally.sentWell(1);
    } catch (error) {
      tally.failed(1, error);
    }
    return true;
  }

  async close(timeoutMs: number): Promise<void> {
    const { clock, tally } = this.parts;
    const { closing, unsettled } = this;
    const deadline = { clock, ms: timeoutMs, what: 'Sending the last exposures', keepsAlive: true };
    if (timeoutMs > 0 && unsettled.size > 0) {
      await withDeadline(deadline, () => Promise.allSettled(unsettled)).catch(() => undefined);
    }
    closing.abort();
    tally.cutOff();
  }

  private await(taken: PromiseLike<void>): void {
    const { sink, clock, tally } = this.parts;
    const { signal } = this.closing;
    const what = `The exposure sink (${sink.description})`;
    const settle = (count: () => void): void => {
      this.unsettled.delete(settled);
      // What the end of the app has cut off is told there.
      if (!signal.aborted) count();
    };
    const settled = withDeadline({ clock, ms: LONGEST_SEND_MS, signal, what }, () => taken).then(
      () => settle(() => tally.sentWell(1)),
      (error: unknown) => settle(() => tally.failed(1, error)),
    );
    this.unsettled.add(settled);
  }
}
