/**
 * What the log says about requests and routes. A fault that every request repeats is told once
 * a minute per route, with how often it was held back; property values are never printed.
 */
import { messageOf } from '../core/errors/message-of.js';
import type { Clock } from '../core/time/clock.js';
import type { FlagsLogger } from '../log/flags-logger.js';

const REPEAT_AFTER_MS = 60_000;

interface Told {
  readonly atMs: number;
  heldBack: number;
}

export class RequestLog {
  private readonly told = new Map<string, Told>();
  private earlySaid = false;

  private readonly placesWithoutId = new Set<string>();

  constructor(
    private readonly logger: FlagsLogger,
    private readonly clock: Clock,
  ) {}

  /** The app's resolver threw or rejected. */
  contextFailed(place: string, error: unknown): void {
    const nowMs = this.clock.monotonicMs();
    const before = this.told.get(place);
    if (before !== undefined && nowMs - before.atMs < REPEAT_AFTER_MS) {
      before.heldBack += 1;
      return;
    }
    this.told.set(place, { atMs: nowMs, heldBack: 0 });
    const repeated =
      before === undefined || before.heldBack === 0
        ? ''
        : ` (${before.heldBack} more since the last time)`;
    const why = messageOf(error).replace(/[.\s]*$/, '.');
    this.logger.error(
      `The context resolver failed on ${place}${repeated}: ${why} ` +
        "Flags are unresolved there, and guarded routes are refused unless they say whenUnresolved: 'allow'. " +
        'Let the resolver answer undefined where nobody is known.',
    );
  }

  /** `flags.local` was asked while an asynchronous resolver was still at work. */
  contextAskedTooEarly(place: string, isWaitedFor: boolean): void {
    if (this.earlySaid) return;
    this.earlySaid = true;
    const declare = 'Declare the context resolver `async`, so that handlers wait for it; or await';
    this.logger.warn(
      `flags.local was asked on ${place} before the context resolver had answered, so the flag is unresolved. ` +
        `${isWaitedFor ? 'Await' : declare} flags.evaluate() there, or set contextTiming: 'before-guards'. This is said once.`,
    );
  }

  /** The resolver has answered, but not with an id that flags can be evaluated for. */
  distinctIdUnusable(place: string, got: string): void {
    if (this.placesWithoutId.has(place)) return;
    this.placesWithoutId.add(place);
    this.logger.warn(
      `The context resolver names nobody on ${place}: distinctId must be a text that is not empty, got ${got}. ` +
        'Every flag is unresolved there. Write String(id) for a number; let the resolver answer undefined where nobody is known; ' +
        'and if the id comes from authentication, see that its guard runs before @FeatureFlag (below it on the same method or class). This is said once for the route.',
    );
  }

  /** A route names a flag that the definitions do not have. */
  unknownFlag(message: string): void {
    this.logger.warn(message);
  }

  /** Flags are asked for on routes, but nothing says who asks. */
  resolverMissing(place: string): void {
    this.logger.warn(
      `${place} depends on a flag, but FeatureFlagsModule has no option \`context\`: nobody is known, so every flag is unresolved in requests. ` +
        'Set context: (ctx) => ({ distinctId: … }).',
    );
  }
}
