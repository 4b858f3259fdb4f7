/**
 * What the log says of exposures: at start where they go, then edges only: when they begin to be dropped or lost, and when that
 * is over; what flips is told a few times, then once a minute. Never whose exposure.
 */
import { messageOf } from '../core/errors/message-of.js';
import type { ExposureTrouble } from '../core/exposure/exposure-sink.js';
import type { Clock } from '../core/time/clock.js';
import type { FlagsLogger } from './flags-logger.js';
import { LineLimit } from './line-limit.js';
import { otherProjectLine, type ProjectEnd } from './other-project.js';

/** Of a sink that is given batches. */
export interface BatchLimits {
  readonly batchSize: number;
  readonly batchDelayMs: number;
}

export class ExposuresLog {
  private readonly lines: LineLimit;
  private isFullTold = false;
  private isFailureTold = false;

  constructor(
    private readonly logger: FlagsLogger,
    private readonly sink: string,
    clock: Clock,
  ) {
    this.lines = new LineLimit(clock);
  }

  /** Where they go and when, and whether to the same project; told once, at start. */
  opened(batch: BatchLimits | undefined, sink: ProjectEnd, source: ProjectEnd): void {
    const how =
      batch === undefined
        ? 'each at once'
        : `up to ${batch.batchSize} at once, after ${batch.batchDelayMs} ms at the latest`;
    this.logger.log(
      `Exposures go to ${this.sink}, ${how}: who was first shown which value of a flag.`,
    );
    const doubt = otherProjectLine('exposures', sink, source);
    if (doubt !== undefined) this.logger.warn(doubt);
  }

  troubled(trouble: ExposureTrouble): void {
    const { logger, sink } = this;
    switch (trouble.kind) {
      case 'full':
        this.isFullTold = this.lines.take();
        return this.warnIf(
          this.isFullTold,
          `Exposures are dropped: ${trouble.room} wait for ${sink} already. Probably it is slow or away, or more come than it takes. Evaluation goes on. This is said once until there is room again.`,
        );
      case 'has-room':
        if (!this.isFullTold) return;
        return logger.log(`Exposures are taken again; ${dropped(trouble.dropped)}.`);
      case 'failed':
        this.isFailureTold = this.lines.take();
        return this.warnIf(
          this.isFailureTold,
          `Exposures are lost, ${sink} did not take them: ${messageOf(trouble.error)} Evaluation goes on. This is said once until it works again.`,
        );
      case 'works':
        if (!this.isFailureTold) return;
        return logger.log(`${sink} takes exposures again; ${trouble.lost} were lost.`);
      case 'cut-off':
        return logger.warn(
          `The app ends, and ${trouble.lost} exposures were not sent to ${sink} in time (exposures.flushTimeoutMs).`,
        );
      default:
        return trouble satisfies never;
    }
  }

  private warnIf(isTold: boolean, message: string): void {
    if (isTold) this.logger.warn(message);
  }
}

function dropped(count: number): string {
  return count === 1 ? '1 was dropped' : `${count} were dropped`;
}
