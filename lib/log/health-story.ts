/**
 * The story of the states as the log tells it: each change once, on the edge. A state that flips
 * is told a few times and then once a minute, and what is told last is always true in the end:
 * a change that was held back is told as soon as there is room, unless it has undone itself.
 */
import type { HealthChanged } from '../core/observe/flags-event.js';
import type { HealthState } from '../core/refresh/health.js';
import type { Clock } from '../core/time/clock.js';
import { healthLine, type HealthLine } from './health-line.js';
import { LineLimit } from './line-limit.js';

/** What the end of a turn adds to the story. */
export type StoryStep =
  | { readonly kind: 'told'; readonly line: HealthLine; readonly change: HealthChanged }
  /** It was told before, or is held back: nothing that belongs to it should be told, either. */
  | { readonly kind: 'covered' }
  | { readonly kind: 'nothing' };

export class HealthStory {
  private readonly limit: LineLimit;
  private told: HealthState = 'starting';
  private toldAtMs: number;
  private pending: HealthChanged | undefined;
  private untold = 0;

  constructor(private readonly clock: Clock) {
    this.limit = new LineLimit(clock);
    this.toldAtMs = clock.monotonicMs();
  }

  changed(change: HealthChanged): void {
    this.pending = change;
    this.untold += 1;
  }

  /** Another line has told that there are no definitions. */
  toldThatEmpty(): void {
    this.tell('empty');
  }

  /** Another line has told in which state the instance is. */
  toldThat(state: HealthState): void {
    this.tell(state);
  }

  turnEnded(): StoryStep {
    const { pending, told } = this;
    if (pending === undefined) return { kind: 'nothing' };
    if (pending.to === told) {
      this.pending = undefined;
      if (this.untold > 1) return { kind: 'covered' };
      // The start of the app has told it, but may have known of no failure yet.
      this.untold = 0;
      return { kind: 'nothing' };
    }
    // The first load, at the start or late, has a line of its own.
    if (pending.to === 'fresh' && (told === 'starting' || told === 'empty')) {
      this.tell('fresh');
      return { kind: 'nothing' };
    }
    if (!this.limit.take()) return { kind: 'covered' };
    const lastedMs = this.clock.monotonicMs() - this.toldAtMs;
    const line = healthLine({ ...pending, from: told, lastedMs }, this.untold - 1);
    this.tell(pending.to);
    return { kind: 'told', line, change: pending };
  }

  private tell(state: HealthState): void {
    if (state !== this.told) this.toldAtMs = this.clock.monotonicMs();
    this.told = state;
    this.pending = undefined;
    this.untold = 0;
  }
}
