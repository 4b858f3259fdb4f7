/**
 * What is known already of a cache that fails: from the first turn with a failure until one
 * without. A cache that cannot say who fetches is away altogether: that its other steps fail then
 * as well is no news.
 */
import type { CacheFailure } from '../core/refresh/refresh-outcome.js';

export class CacheOutage {
  private readonly steps = new Set<CacheFailure['step']>();
  private readonly messages = new Set<string>();

  get isOpen(): boolean {
    return this.steps.size > 0;
  }

  /** Whether a failure says something new; asked again it does not. */
  isNews({ step, message }: CacheFailure): boolean {
    const isKnown =
      this.steps.has('shouldFetch') || this.steps.has(step) || this.messages.has(message);
    this.steps.add(step);
    this.messages.add(message);
    return !isKnown;
  }

  end(): void {
    this.steps.clear();
    this.messages.clear();
  }
}

/** What a step that failed means, to stand after "The definition cache". */
export const cacheStepWords: Readonly<Record<CacheFailure['step'], string>> = {
  shouldFetch: 'cannot say who fetches',
  read: 'could not be read',
  publish: 'could not store what was fetched',
  confirm: 'could not store that the source has confirmed the flags',
  'report-failure': 'could not store that a fetch has failed',
  shutdown: 'could not be shut down',
};
