/** An exposure sink in the hand of a test: what it was given, and what it does when told to. */
import type { Exposure } from '../../lib/core/exposure/exposure.js';
import type { ExposureSink } from '../../lib/core/exposure/exposure-sink.js';

export class CollectingSink implements ExposureSink {
  readonly description = 'the test';
  /** In order, as they were given. */
  readonly batches: (readonly Exposure[])[] = [];
  readonly signals: AbortSignal[] = [];
  /** What becomes of a batch; by default it is taken. */
  onBatch: (batch: readonly Exposure[], signal: AbortSignal) => void | PromiseLike<void> = () =>
    undefined;

  constructor(readonly takesAtOnce = false) {}

  send(batch: readonly Exposure[], signal: AbortSignal): void | PromiseLike<void> {
    this.batches.push(batch);
    this.signals.push(signal);
    return this.onBatch(batch, signal);
  }

  get exposures(): readonly Exposure[] {
    return this.batches.flat();
  }

  /** `key=value` of each, in order. */
  get read(): string[] {
    return this.exposures.map(({ key, value }) => `${key}=${String(value)}`);
  }
}

/** A promise that never settles. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
