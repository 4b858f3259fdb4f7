/**
 * Remembers the last failure of the source and the last of the cache, from the events. Under
 * claims a failure of the source is known to all, though only the instance that met with it
 * knows its message.
 */
import type { HealthState } from '../refresh/health.js';
import type { Clock } from '../time/clock.js';
import type { FlagsEvent, TurnFinished } from './flags-event.js';
import type { FlagsFailure, LastError } from './flags-failure.js';
import type { FlagsObserver } from './flags-observer.js';

interface Noted {
  readonly failure: FlagsFailure;
  readonly atMs: number;
  readonly isOver: boolean;
}

export class LastFailures implements FlagsObserver {
  private source: Noted | undefined;
  private cache: Noted | undefined;
  private rejection = 'The shared copy is no definitions document.';

  constructor(private readonly clock: Clock) {}

  onEvent(event: FlagsEvent): void {
    if (event.type === 'definitions-rejected') this.rejection = event.message;
    if (event.type !== 'turn-finished' || event.outcome.kind === 'closed') return;
    const atMs = this.clock.monotonicMs();
    this.source = noted(this.source, this.sourceFailure(event), atMs);
    this.cache = noted(this.cache, this.cacheFailure(event), atMs);
  }

  /** The one that was seen last. Where both go on it is the source's: a cache away hides no key. */
  get last(): LastError | undefined {
    const { source, cache } = this;
    const latest = (cache?.atMs ?? -1) > (source?.atMs ?? -1) ? cache : source;
    if (latest === undefined) return undefined;
    const { failure, atMs, isOver } = latest;
    return { ...failure, agoMs: this.clock.monotonicMs() - atMs, isOver };
  }

  /** What has brought an instance into this state, if something that goes on. */
  causeOf(state: HealthState): FlagsFailure | undefined {
    if (state === 'fresh') return undefined;
    const [source, cache] = [this.source, this.cache].map((last) =>
      last?.isOver === false ? last.failure : undefined,
    );
    const rejected = [source, cache].find((failure) => failure?.code === 'invalid-definitions');
    if (state === 'poisoned') return rejected;
    return state === 'solo' ? cache : (source ?? cache);
  }

  private sourceFailure({ outcome, sourceFailure: code }: TurnFinished): FlagsFailure | undefined {
    if (outcome.kind === 'failed') {
      const { code: kind, message } = outcome.failure;
      return { where: 'source', code: kind, message };
    }
    if (code === undefined) return undefined;
    const known = this.source?.isOver === false ? this.source.failure : undefined;
    if (known?.code === code) return known;
    const message = `Another instance could not fetch the definitions (${code}); its log says why.`;
    return { where: 'source', code, message };
  }

  private cacheFailure({ outcome, isCopyRefused }: TurnFinished): FlagsFailure | undefined {
    const failed = outcome.cacheFailures.at(-1);
    const refused = outcome.cacheFailures.findLast(({ step }) => step === 'read');
    if (isCopyRefused || (outcome.kind === 'waiting' && outcome.why === 'cache-rejected')) {
      // While it lies there it is not read at each turn.
      this.rejection = refused?.message ?? this.rejection;
      return { where: 'cache', code: 'invalid-definitions', message: this.rejection };
    }
    return failed && { where: 'cache', code: failed.step, message: failed.message };
  }
}

function noted(
  before: Noted | undefined,
  failure: FlagsFailure | undefined,
  atMs: number,
): Noted | undefined {
  if (failure !== undefined) return { failure, atMs, isOver: false };
  return before && { ...before, isOver: true };
}
