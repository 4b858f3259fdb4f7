/**
 * What the log says of remote evaluation and its fallback cache. Edges only: when it begins to
 * fail, and when it works again; never a question, and nothing of a person.
 */
import { messageOf } from './core/errors/message-of.js';
import type { FallbackTrouble } from './core/remote/last-known.js';
import type { RemoteAnswer } from './core/remote/remote-evaluator.js';
import type { Clock } from './core/time/clock.js';
import type { FlagsLogger } from './flags-logger.js';

export class RemoteLog {
  private failingSinceMs: number | undefined;
  private failures = 0;

  constructor(
    private readonly logger: FlagsLogger,
    private readonly clock: Clock,
  ) {}

  answered(answer: RemoteAnswer): void {
    if (answer.kind === 'flags') return this.worked();
    const { code, message } = answer.failure;
    // What the context cannot be asked with is the caller's matter, and no state of the server.
    if (code === 'closed' || code === 'invalid-question') return;
    this.failures += 1;
    if (this.failingSinceMs !== undefined) return;
    this.failingSinceMs = this.clock.monotonicMs();
    this.logger.warn(
      `Flags that cannot be decided here are not decided remotely either: ${message} ` +
        'Last known answers are served where there are any; else the flags are unresolved. This is said once until it works again.',
    );
  }

  fallbackTroubled(place: string, trouble: FallbackTrouble): void {
    if (trouble.kind === 'recovered') {
      this.logger.log(`The fallback cache (${place}) works again.`);
      return;
    }
    this.logger.warn(
      `The fallback cache (${place}) failed while ${trouble.doing}: ${messageOf(trouble.error)} ` +
        'Evaluation goes on without it. This is said once until it works again.',
    );
  }

  private worked(): void {
    if (this.failingSinceMs === undefined) return;
    const seconds = Math.round((this.clock.monotonicMs() - this.failingSinceMs) / 1_000);
    this.logger.log(
      `Flags are decided remotely again, after ${this.failures} questions without an answer in ${seconds} s.`,
    );
    this.failingSinceMs = undefined;
    this.failures = 0;
  }
}
