/**
 * What the log says of remote evaluation and its fallback cache: at start what they are, then edges
 * only: when it begins to fail, and when it works again; what flips, and what has no edge, is told a few times, then once a
 * minute. Never a question, and nothing of a person.
 */
import { messageOf } from '../core/errors/message-of.js';
import type { FallbackSettings } from '../core/remote/fallback-cache.js';
import type { FallbackTrouble } from '../core/remote/last-known.js';
import type { RemoteAnswer } from '../core/remote/remote-evaluator.js';
import type { Clock } from '../core/time/clock.js';
import { durationText } from './duration-text.js';
import type { FlagsLogger } from './flags-logger.js';
import { LineLimit } from './line-limit.js';
import { otherProjectLine, type ProjectEnd } from './other-project.js';

export class RemoteLog {
  private failingSinceMs: number | undefined;
  private failures = 0;
  private isTold = false;
  private isTroubleTold = false;
  private isIncomplete = false;
  private readonly lines: LineLimit;

  constructor(
    private readonly logger: FlagsLogger,
    private readonly clock: Clock,
  ) {
    this.lines = new LineLimit(clock);
  }

  /** Who is asked, and whether of the same project; told once, at start. */
  remoteOpened(remote: ProjectEnd, source: ProjectEnd): void {
    this.logger.log(
      `Flags that cannot be decided here are asked of ${remote.description}, which gets the id, the properties and the groups of the person.`,
    );
    const doubt = otherProjectLine('remote', remote, source);
    if (doubt !== undefined) this.logger.warn(doubt);
  }

  /** Where last known answers lie and when they are served; told once, at start. */
  fallbackOpened(place: string, { ttlMs, staleTtlMs, serveFresh }: FallbackSettings): void {
    const fresh = serveFresh ? `, and instead of asking for ${durationText(ttlMs)}` : '';
    this.logger.log(
      `Last known answers are kept in the fallback cache (${place}): each is served for ${durationText(staleTtlMs)} where remote evaluation fails${fresh}.`,
    );
  }

  answered(answer: RemoteAnswer): void {
    if (answer.kind === 'flags') return this.worked(answer.isComplete);
    const { code, message } = answer.failure;
    if (code === 'closed') return;
    // What the context cannot be asked with is the caller's matter, and no state of the server.
    if (code === 'invalid-question') {
      if (this.lines.take()) this.logger.warn(message);
      return;
    }
    this.failures += 1;
    if (this.failingSinceMs !== undefined) return;
    this.failingSinceMs = this.clock.monotonicMs();
    this.isTold = this.lines.take();
    if (!this.isTold) return;
    this.logger.warn(
      `Flags that cannot be decided here are not decided remotely either: ${message} ` +
        'Last known answers are served where there are any; else the flags are unresolved. This is said once until it works again.',
    );
  }

  fallbackTroubled(place: string, trouble: FallbackTrouble): void {
    if (trouble.kind === 'recovered') {
      if (this.isTroubleTold) this.logger.log(`The fallback cache (${place}) works again.`);
      return;
    }
    this.isTroubleTold = this.lines.take();
    if (!this.isTroubleTold) return;
    this.logger.warn(
      `The fallback cache (${place}) failed while ${trouble.doing}: ${messageOf(trouble.error)} ` +
        'Evaluation goes on without it. This is said once until it works again.',
    );
  }

  private worked(isComplete: boolean): void {
    if (!isComplete && !this.isIncomplete && this.lines.take()) {
      this.logger.warn(
        'PostHog could not compute all flags that it was asked for; those that it could are used. Last known answers are served for the others where there are any; else they are unresolved. This is said once until an answer is complete.',
      );
    }
    this.isIncomplete = !isComplete;
    if (this.failingSinceMs === undefined) return;
    const { isTold } = this;
    const seconds = Math.round((this.clock.monotonicMs() - this.failingSinceMs) / 1_000);
    if (isTold) {
      this.logger.log(
        `Flags are decided remotely again; ${this.failures} times there was no answer, in ${seconds} s.`,
      );
    }
    this.failingSinceMs = undefined;
    this.failures = 0;
  }
}
