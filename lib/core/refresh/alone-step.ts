/**
 * A turn without the cache, which cannot say who leads. With definitions in memory an instance
 * then fetches rarely, at a moment of its own; without, at once, for there is no other way. A
 * reader fetches never: it waits for the cache.
 */
import type { BoundedCache } from './bounded-cache.js';
import type { DefinitionHolder } from './definition-holder.js';
import type { FetchStep } from './fetch-step.js';
import type { ReadStep } from './read-step.js';
import type { TurnResult } from './refresh-outcome.js';
import type { SoloState } from './solo-state.js';
import type { TurnSchedule } from './turn-schedule.js';

export interface AloneStepParts {
  readonly cache: BoundedCache;
  readonly solo: SoloState;
  readonly schedule: TurnSchedule;
  readonly holder: DefinitionHolder;
  readonly fetchStep: FetchStep;
  readonly readStep: ReadStep;
}

export class AloneStep {
  constructor(private readonly parts: AloneStepParts) {}

  /** Fetches if that is due. */
  async run(): Promise<TurnResult> {
    const { cache, solo, holder } = this.parts;
    if (cache.readsOnly) return { kind: 'waiting', why: 'cache-unavailable' };
    if (!holder.isCold) solo.planFirst(this.periodMs);
    if (!solo.isDue) return { kind: 'waiting', why: 'cache-unavailable' };
    return this.fetch();
  }

  /** Fetches now: the cache answers, and has nothing that could be used. */
  async fetch(): Promise<TurnResult> {
    const { cache, solo, holder, fetchStep, readStep } = this.parts;
    if (cache.readsOnly) {
      return { kind: 'waiting', why: readStep.isUnreadable ? 'cache-rejected' : 'cache-empty' };
    }
    const { periodMs } = this;
    const result = await fetchStep.run({ role: 'solo' });
    const atLeastMs = result.kind === 'failed' ? fetchStep.delayAlone(result.failure) : 0;
    solo.fetched(result, { periodMs: holder.isCold ? 0 : periodMs, atLeastMs });
    return result;
  }

  private get periodMs(): number {
    const { solo, schedule } = this.parts;
    return schedule.soloPeriodMs(solo.awayMs);
  }
}
