/** What records exposures, put together; nothing at all where the option is off. */
import { AsyncResource } from 'node:async_hooks';
import type { OnApplicationShutdown, Provider } from '@nestjs/common';
import { ExposureHandover } from '../core/exposure/exposure-handover.js';
import { ExposureQueue } from '../core/exposure/exposure-queue.js';
import { ExposureTally } from '../core/exposure/exposure-tally.js';
import { Exposures } from '../core/exposure/exposures.js';
import { AnswerNotes } from '../core/remote/answer-facts.js';
import { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import type { Clock } from '../core/time/clock.js';
import { ExposuresLog } from '../log/exposures.log.js';
import type { ExposurePlan } from '../options/feature-flags.exposures.js';
import type { ResolvedOptions } from '../options/feature-flags.resolved-options.js';
import { ANSWER_NOTES, CLOCK, EXPOSURES, RESOLVED_OPTIONS } from '../feature-flags.tokens.js';
import { made } from './made-provider.js';
import { safeLogger } from '../log/safe-logger.js';

/**
 * Ends after the last request: Nest calls this hook when the server is closed. What still waits is
 * sent then, within its deadline.
 */
class ExposuresShutdown implements OnApplicationShutdown {
  constructor(
    private readonly exposures: Exposures | undefined,
    private readonly plan: ExposurePlan | undefined,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.plan !== undefined) await this.exposures?.close(this.plan.flushTimeoutMs);
  }
}

export const exposureProviders: Provider[] = [
  {
    provide: ANSWER_NOTES,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ exposures }: ResolvedOptions) => exposures && new AnswerNotes(),
  },
  {
    provide: EXPOSURES,
    inject: [RESOLVED_OPTIONS, CLOCK, SnapshotStore, ANSWER_NOTES],
    useFactory: exposuresOf,
  },
  made(
    ExposuresShutdown,
    [EXPOSURES, RESOLVED_OPTIONS],
    (exposures: Exposures | undefined, { exposures: plan }: ResolvedOptions) =>
      new ExposuresShutdown(exposures, plan),
  ),
];

function exposuresOf(
  { exposures: plan, logger, source }: ResolvedOptions,
  clock: Clock,
  store: SnapshotStore,
  notes: AnswerNotes | undefined,
): Exposures | undefined {
  if (plan === undefined || notes === undefined) return undefined;
  const { sink, queueSize } = plan;
  const log = new ExposuresLog(safeLogger(logger), sink.description, clock);
  log.opened(sink.takesAtOnce ? undefined : plan, sink, source);
  const tally = new ExposureTally(queueSize, (trouble) => log.troubled(trouble));
  // What runs here knows nothing of the request in which a batch happens to become full.
  const apart = new AsyncResource('nestjs-feature-flags:exposures', { requireManualDestroy: true });
  const outside = <T>(work: () => T): T => apart.runInAsyncScope(work);
  const outlet = sink.takesAtOnce
    ? new ExposureHandover({ sink, clock, tally })
    : new ExposureQueue({ ...plan, clock, tally, outside });
  return new Exposures({ outlet, tally, store, notes, clock });
}
