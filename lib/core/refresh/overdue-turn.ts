/**
 * A turn where no timer has made one: a process that is frozen between two requests (a function)
 * has no poller that runs. It asks at the beginning of a request instead, and pays for a turn when
 * one is due, not for each request.
 *
 * Whether the monotonic clock goes on while a process is frozen depends on who freezes it. So the
 * wall clock counts, too, where it says that more time has passed: the worst that comes of a clock
 * that jumps is a look that was not due.
 */
import { isFlagsError } from '../errors/flags-error.js';
import type { FlagsEvent } from '../observe/flags-event.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { Clock } from '../time/clock.js';
import { heldOpen, withDeadline } from '../time/deadline.js';
import type { RefreshCycle } from './refresh-cycle.js';
import type { RefreshOutcome } from './refresh-outcome.js';

export interface OverdueTurnParts {
  readonly cycle: Pick<RefreshCycle, 'turn' | 'nextTurnMs'>;
  readonly clock: Clock;
}

export class OverdueTurn implements FlagsObserver {
  private ended: { readonly monotonicMs: number; readonly at: number } | undefined;

  constructor(private readonly parts: OverdueTurnParts) {}

  onEvent({ type }: FlagsEvent): void {
    const { clock } = this.parts;
    if (type === 'turn-finished')
      this.ended = { monotonicMs: clock.monotonicMs(), at: clock.now() };
  }

  /**
   * Undefined when none is due, and when it has not ended after `timeoutMs`: then it goes on, and the
   * next to ask joins it.
   */
  async take(timeoutMs?: number): Promise<RefreshOutcome | undefined> {
    const { cycle, clock } = this.parts;
    if (!this.isOverdue) return undefined;
    if (timeoutMs === undefined) return heldOpen(clock, () => cycle.turn());
    const deadline = { clock, ms: timeoutMs, what: 'The look', keepsAlive: true };
    try {
      return await withDeadline(deadline, () => cycle.turn());
    } catch (error) {
      if (isFlagsError(error) && error.code === 'deadline-exceeded') return undefined;
      throw error;
    }
  }

  private get isOverdue(): boolean {
    const { cycle, clock } = this.parts;
    const { ended } = this;
    if (ended === undefined) return true;
    const passedMs = Math.max(clock.monotonicMs() - ended.monotonicMs, clock.now() - ended.at);
    return passedMs >= cycle.nextTurnMs;
  }
}
